"""The private PostgreSQL: started by whoever needs it, stopped by the last, and never at the cost of anybody's permissions."""

import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from commonground.site.config.postgres import PrivateServer


@pytest.fixture
def server(tmp_path: Path) -> PrivateServer:
    return PrivateServer(name="trial", root=tmp_path, durable=False)


def test_a_server_in_use_answers_and_stops_with_its_last_user(server: PrivateServer) -> None:
    with server.in_use():
        with (
            PrivateServer(server.name, server.root, durable=False).in_use() as second,
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


def test_a_forked_child_that_ends_does_not_stop_the_server_of_its_parent(tmp_path: Path) -> None:
    said = subprocess.run(
        [sys.executable, "-c", A_CHILD_LEAVES_THE_BLOCK, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert said.stdout.split() == ["True", "False"]
