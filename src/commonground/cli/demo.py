"""`commonground demo`: database, worker and site with an invented region, in one foreground process that ends as one."""

import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import IO, TYPE_CHECKING, NoReturn

import click

from commonground.cli.django import configured, database, require_site

if TYPE_CHECKING:
    Child = subprocess.Popen[bytes]

PORTS_TO_TRY = 20
SECONDS_TO_ANSWER = 60


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen; 0.0.0.0 lets others in.")
@click.option("--port", default=8000, show_default=True, help="Where to listen; if it is taken, the next free one.")
@click.option("--fresh", is_flag=True, help="Throw away what was done in the demo and begin again.")
@click.option("--yes", is_flag=True, help="Add the sample region to DATABASE_URL's database without asking.")
def demo(host: str, port: int, fresh: bool, yes: bool) -> None:
    """Try Common Ground: an invented county, ready-made sign-ins, everything on this machine."""
    begun = time.monotonic()
    with ExitStack() as stack:
        require_site()
        stack.enter_context(ended_by_signals())
        folder, mark = stack.enter_context(the_only_demo())
        door = stack.enter_context(listening(host, port))
        settle_in(host, door, mark)
        stack.enter_context(database(own_child=True, fresh=fresh))
        prepare(yes)
        children = stack.enter_context(running(door, folder))
        wait_for_answer(door, children, folder)
        say_ready(address(door), folder, time.monotonic() - begun)
        watch(children, folder)


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Ctrl-C, SIGTERM and a closed terminal end the block in order; while it ends, further ones wait."""
    wanted = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def end(number: int, frame: object) -> NoReturn:
        for each in wanted:
            signal.signal(each, signal.SIG_IGN)
        click.echo("\nEnding ...")
        raise KeyboardInterrupt

    before = {each: signal.signal(each, end) for each in wanted}
    try:
        yield
    except KeyboardInterrupt:
        click.echo("The demo has ended. What was done in it is kept for the next time.")
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """A listening socket at this port or the next free one: bound here and handed on, so that nobody can take it in between."""
    for candidate in range(port, port + PORTS_TO_TRY):
        door = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind((host, candidate))
            door.listen(64)
        except OSError as problem:
            door.close()
            if candidate == port:
                click.echo(f"Port {port} cannot be used ({problem.strerror}); trying the next ones.")
            continue
        with door:
            yield door
        return
    raise click.ClickException(
        f"No free port from {port} to {port + PORTS_TO_TRY - 1} at {host}. Choose one with --port."
    )


def address(door: socket.socket) -> str:
    host, port = door.getsockname()
    return f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}/"  # noqa: S104 - compared, not bound


@contextmanager
def the_only_demo() -> Iterator[tuple[Path, IO[str]]]:
    """The demo's folder for logs, and a file for its address: a second demo of the same checkout says where the first one is."""
    from commonground.site.config.postgres import data_folder

    folder = data_folder() / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "address").open("a+") as mark:
        try:
            fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            mark.seek(0)
            raise click.ClickException(f"The demo is running already, at {mark.read()}") from None
        mark.truncate(0)
        yield folder, mark


def settle_in(host: str, door: socket.socket, mark: IO[str]) -> None:
    """The address where others find it, and the settings of a demo, for this process and its children."""
    mark.write(address(door))
    mark.flush()
    os.environ |= {
        "COMMONGROUND_DEMO": "1",
        "COMMONGROUND_PRIVATE": "1",
        "COMMONGROUND_HTTPS": "0",
        "COMMONGROUND_URL": address(door),
        "COMMONGROUND_HOSTS": "*" if host == "0.0.0.0" else f"localhost,127.0.0.1,{host}",  # noqa: S104
        "COMMONGROUND_EMAIL_BACKEND": "commonground.site.config.demo_mail.MailFolder",
    }


def prepare(yes: bool) -> None:
    """Tables, sample region and static files: made the first time, checked every time."""
    configured()
    from django.core.management import call_command

    from commonground.cli.sample import fill

    with step("Preparing the database"):
        call_command("migrate", interactive=False, verbosity=0)
    fill(yes, step)
    with step("Preparing pages and pictures"):
        gather_static_files()


def gather_static_files() -> None:
    """Gather and compress styles, scripts and pictures where one of them has changed since the last time."""
    from django.conf import settings
    from django.contrib.staticfiles.finders import get_finders
    from django.core.management import call_command

    found = ((path, Path(storage.path(path)).stat()) for finder in get_finders() for path, storage in finder.list([]))
    state = repr(sorted((path, facts.st_size, facts.st_mtime_ns) for path, facts in found))
    kept = Path(settings.STATIC_ROOT) / "gathered"
    if not kept.exists() or kept.read_text() != state:
        kept.unlink(missing_ok=True)
        call_command("collectstatic", interactive=False, clear=True, verbosity=0)
        kept.write_text(state)


@contextmanager
def step(what: str) -> Iterator[None]:
    click.echo(f"{what} ... ", nl=False)
    begun = time.monotonic()
    yield
    click.echo(f"{time.monotonic() - begun:.1f} s")


@contextmanager
def running(door: socket.socket, folder: Path) -> "Iterator[dict[str, Child]]":
    """The worker and the site as children, each with its log."""
    from commonground.site.config import children

    python = [sys.executable, "-m"]
    door.set_inheritable(True)
    commands = {
        "worker": [*python, "commonground.cli", "worker"],
        "site": [
            *python, "gunicorn", "--bind", f"fd://{door.fileno()}", "--threads", "4", "--graceful-timeout", "3",
            "--no-control-socket",
            "commonground.site.config.wsgi",
        ],
    }  # fmt: skip
    # If the demo is killed, its database ends at once: a worker asked politely would wait for it to come back.
    deaths = {"worker": signal.SIGKILL, "site": signal.SIGTERM}
    quiet = {"stdin": subprocess.DEVNULL, "pass_fds": (door.fileno(),)}
    started: dict[str, Child] = {}
    try:
        for name, command in commands.items():
            with (folder / f"{name}.log").open("wb") as log:
                started[name] = children.start(command, death=deaths[name], stdout=log, stderr=log, **quiet)
        yield started
    finally:
        for child in started.values():
            child.terminate()  # all at once, then each is waited for
        for child in started.values():
            children.end(child)


def wait_for_answer(door: socket.socket, children: "dict[str, Child]", folder: Path) -> None:
    """Until the site answers a request for its first page."""
    host, port = door.getsockname()
    with step("Starting the site"):
        for _attempt in range(SECONDS_TO_ANSWER * 10):
            check(children, folder)
            try:
                connection = HTTPConnection("127.0.0.1" if host == "0.0.0.0" else host, port, timeout=2)  # noqa: S104
                connection.request("GET", "/")
                if connection.getresponse().status < 500:
                    return
            except (OSError, HTTPException):
                pass
            time.sleep(0.1)
    raise click.ClickException(f"The site does not answer. Its log: {folder / 'site.log'}")


def check(children: "dict[str, Child]", folder: Path) -> None:
    for name, child in children.items():
        if child.poll() is not None:
            log = folder / f"{name}.log"
            tail = "\n".join(log.read_text(errors="replace").splitlines()[-8:])
            raise click.ClickException(f"The {name} ended by itself. The end of {log}:\n{tail}")


def say_ready(where: str, folder: Path, seconds: float) -> None:
    from commonground.cli.sample import sign_in_lines

    click.echo(f"\nCommon Ground is ready ({seconds:.0f} s): {click.style(where, bold=True)}\n")
    for line in sign_in_lines():
        click.echo(line)
    click.echo(f"\nMail that the site sends (codes too): {where}demo/mail/")
    click.echo(f"Logs: {folder}")
    click.echo("Stop with Ctrl-C.")


def watch(children: "dict[str, Child]", folder: Path) -> NoReturn:
    """Until a signal ends the demo, a child ends by itself, or the `make` that started it is gone."""
    parent = os.getppid() if "MAKELEVEL" in os.environ else None
    while True:
        check(children, folder)
        if parent not in (None, os.getppid()):
            raise KeyboardInterrupt
        time.sleep(0.5)
