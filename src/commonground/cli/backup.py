"""Backup and restore: one file that holds the whole database, checked when it is written and again before it is used."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import click

from commonground.cli.django import needs_site


@dataclass(frozen=True)
class Target:
    """The database: how to reach it, without the password, which travels in the environment where `ps` does not show it."""

    address: str
    password: str
    version: int

    def run(self, program: str, *arguments: str) -> str:
        """Run one of PostgreSQL's client programs; what it says on failure is passed on."""
        environment = os.environ | ({"PGPASSWORD": self.password} if self.password else {})
        command = [program_for(self.version, program), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, env=environment)
        if done.returncode:
            raise click.ClickException(f"{program} failed:\n{done.stderr.strip()}")
        return done.stdout


def program_for(version: int, name: str) -> str:
    """The supplied program, or, for a server that is newer than it, the machine's own."""
    from commonground.site.config.postgres import PostgresError, supplied_binaries

    try:
        own = supplied_binaries() / "bin" / name
        newest = int(
            subprocess.run([own, "--version"], capture_output=True, text=True, check=True)
            .stdout.split()[2]
            .split(".")[0]
        )
    except (PostgresError, OSError, subprocess.CalledProcessError):
        newest = 0
    if newest >= version:
        return str(own)
    found = shutil.which(name)
    if found is None:
        raise click.ClickException(
            f"The server is PostgreSQL {version}. Install its client programs: {name} is missing."
        )
    return found


def target() -> Target:
    """The database of the site's settings."""
    from django.db import connection
    from psycopg.conninfo import make_conninfo

    connection.ensure_connection()
    parameters = connection.get_connection_params()
    known = {
        key: parameters[key]
        for key in ("dbname", "user", "host", "port", "sslmode", "sslrootcert")
        if parameters.get(key)
    }
    version = connection.pg_version // 10_000  # type: ignore[attr-defined]
    return Target(make_conninfo(**known), str(parameters.get("password") or ""), version)


def tables() -> list[str]:
    """The tables that are in the database now, extensions' own left out."""
    from django.db import connection

    with connection.cursor() as cursor:
        return [table.name for table in connection.introspection.get_table_list(cursor)]


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """A file beside the wanted one, readable for its owner only, that takes its name when it is complete."""
    part = path.with_name(path.name + ".part")
    part.touch(mode=0o600)
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def check(where: Target, file: Path) -> int:
    """Read the whole backup as a restore would; returns how many tables' data it holds."""
    where.run("pg_restore", "--file=/dev/null", str(file))
    return where.run("pg_restore", "--list", str(file)).count(" TABLE DATA ")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@needs_site
def backup(file: Path) -> None:
    """Write the whole database to FILE (or into the folder FILE, under a name with the time), and check what was written."""
    if file.is_dir():
        file = file / f"commonground-{datetime.now().astimezone():%Y-%m-%dT%H%M%S}.backup"
    if file.exists():
        raise click.ClickException(f"{file} exists already; a backup never replaces another. Choose another name.")
    if not file.parent.is_dir():
        raise click.ClickException(f"There is no folder {file.parent}.")
    where = target()
    with written_whole(file) as part:
        where.run(
            "pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={part}", f"--dbname={where.address}"
        )
        count = check(where, part)
    click.echo(f"{file}: {file.stat().st_size / 1e6:.1f} MB, {count} tables, read again without an error.")


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@needs_site
def restore(file: Path) -> None:
    """Bring back the database from FILE: into an empty one only, and all of it or nothing."""
    from django.core.management import call_command

    where = target()
    check(where, file)
    if found := tables():
        raise click.ClickException(
            f"This database holds {len(found)} tables. Make an empty one, and name it in DATABASE_URL: nothing is overwritten."
        )
    where.run(
        "pg_restore", "--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges",
        f"--dbname={where.address}", str(file),
    )  # fmt: skip
    call_command("migrate", interactive=False, verbosity=0)
    click.echo(f"{len(tables())} tables are back, in the form that this version needs.")
