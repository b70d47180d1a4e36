"""Backup and restore: what comes back is what was there, and nothing is ever overwritten."""

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from psycopg import sql

from tests.settings import TEST_SERVER

IMPORT_A_STATE = """
import sys
from datetime import date
from pathlib import Path
import django
django.setup()
from commonground.site.directory.actions.imports import apply, approve, read, start
from commonground.site.directory.models import Organization, Person

Person.objects.create_user("ana@office.example", "a password of hers", name="Ana Núñez – “Anita”")
files = [(Path(name).name, Path(name).read_bytes()) for name in sys.argv[1:]]
if files:
    upload = start(by=None, files=files, day=date(2024, 10, 1))
    read(upload)
    assert approve(upload, close_missing=False) and apply(upload, by=None)
else:
    Organization.objects.bulk_create([Organization(kind="agency", name=f"Office {n}", state="CA") for n in range(500)])
"""
CONTENT = {
    "r": "SELECT count(*)::text || md5(coalesce(string_agg(row::text, '|' ORDER BY row::text), '')) FROM {} AS row",
    "S": "SELECT last_value::text || is_called::text FROM {}",
}


@pytest.fixture
def database() -> Iterator[str]:
    yield from an_empty_database()


@pytest.fixture
def another_database() -> Iterator[str]:
    yield from an_empty_database()


def an_empty_database() -> Iterator[str]:
    """The address of a database of this test's own."""
    TEST_SERVER.start()
    url, name = urlsplit(os.environ["DATABASE_URL"]), f"trial_{uuid.uuid4().hex}"
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield urlunsplit(url._replace(path=f"/{name}"))
        server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def run(database: str, *command: str) -> "subprocess.CompletedProcess[str]":
    settings = {"DATABASE_URL": database, "DJANGO_SETTINGS_MODULE": "commonground.site.config.settings"}
    return subprocess.run([sys.executable, *command], env=os.environ | settings, capture_output=True, text=True)


def commonground(database: str, *arguments: str) -> str:
    done = run(database, "-m", "commonground.cli", *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def refused(database: str, *arguments: str) -> str:
    done = run(database, "-m", "commonground.cli", *arguments)
    assert done.returncode == 1, done.stdout
    assert "Traceback" not in done.stderr
    return done.stderr


def content(database: str) -> dict[str, str]:
    """Each table's and sequence's content, in short."""
    with psycopg.connect(database) as connection:
        found = connection.execute(
            "SELECT relname, relkind FROM pg_class WHERE relkind IN ('r', 'S') AND relnamespace = 'public'::regnamespace"
        ).fetchall()
        queries = {name: sql.SQL(CONTENT[kind]).format(sql.Identifier(name)) for name, kind in found}
        return {name: connection.execute(query).fetchone()[0] for name, query in queries.items()}


def filled(database: str, *files: Path) -> str:
    commonground(database, "migrate")
    made = run(database, "-c", IMPORT_A_STATE, *map(str, files))
    assert made.returncode == 0, made.stderr
    return database


@pytest.mark.public_data
def test_a_states_directory_comes_back_exactly_as_it_was(
    database: str, another_database: str, public_data: Path, tmp_path: Path
) -> None:
    folder = public_data / "directory"
    filled(database, folder / "michigan_districts.csv", folder / "michigan_schools.csv")
    said = commonground(database, "backup", str(tmp_path))
    (file,) = tmp_path.iterdir()
    assert f"{file}: " in said
    assert file.stat().st_mode & 0o077 == 0, "others may not read people's data"

    assert "tables are back" in commonground(another_database, "restore", str(file))
    before = content(database)
    assert len(before) > 30
    assert content(another_database) == before


def test_people_and_organizations_come_back_and_a_backup_never_replaces_anything(
    database: str, another_database: str, tmp_path: Path
) -> None:
    file = tmp_path / "today.backup"
    commonground(filled(database), "backup", str(file))
    commonground(another_database, "restore", str(file))
    assert content(another_database) == content(database)

    assert "never replaces another" in refused(database, "backup", str(file))
    assert "There is no folder" in refused(database, "backup", str(tmp_path / "nowhere" / "today.backup"))
    assert "nothing is overwritten" in refused(another_database, "restore", str(file))


def test_a_damaged_backup_is_refused_before_anything_is_changed(
    database: str, another_database: str, tmp_path: Path
) -> None:
    file = tmp_path / "today.backup"
    commonground(database, "migrate")
    commonground(database, "backup", str(file))
    file.write_bytes(file.read_bytes()[:-5000])
    assert "pg_restore failed" in refused(another_database, "restore", str(file))
    assert content(another_database) == {}
