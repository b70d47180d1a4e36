"""The demo as a newcomer runs it: it says where it is, answers, and leaves nothing behind, however it ends."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from commonground.site.config.postgres import PrivateServer

READY = re.compile(r"is ready .*: (http://127\.0\.0\.1:\d+/)")


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder for the demo's data of this test."""
    yield tmp_path
    shutil.rmtree(PrivateServer("demo", tmp_path).home)


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken.getsockname()[1]


def outside_the_tests() -> dict[str, str]:
    """The environment of somebody who runs no tests."""
    ours = ("COMMONGROUND_", "DATABASE_URL", "DJANGO_SETTINGS_MODULE", "MAKELEVEL")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


def begin(folder: Path, *options: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "commonground.cli", "demo", *options],
        env=outside_the_tests() | {"COMMONGROUND_VAR": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def until_ready(demo: "subprocess.Popen[str]") -> tuple[str, str]:
    """(address, everything said so far)"""
    said, address = "", ""
    assert demo.stdout
    for line in demo.stdout:
        said += line
        if found := READY.search(line):
            address = found[1]
        if "Ctrl-C" in line:
            break
    assert address, said
    return address, said


def children_of(process: int) -> set[int]:
    return {int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()}


def alive(process: int) -> bool:
    status = Path(f"/proc/{process}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"


def gone(processes: set[int]) -> bool:
    for _attempt in range(100):
        if not any(map(alive, processes)):
            return True
        time.sleep(0.1)
    return False


def test_the_demo_answers_and_ends_in_order_and_a_killed_one_leaves_no_process(folder: Path, taken_port: int) -> None:
    with begin(folder, "--port", str(taken_port)) as demo:
        address, said = until_ready(demo)
        assert f"Port {taken_port} cannot be used" in said
        assert "Agency staff" in said and "@juniper.example" in said
        assert urlopen(address + "demo/mail/").status == 200
        assert json.load(urlopen(address + "health/")) == {"healthy": True, "worker": True}
        children = children_of(demo.pid)
        assert len(children) == 3, "database, worker and site"

        with begin(folder) as second:
            assert f"running already, at {address}" in second.communicate()[0]

        demo.send_signal(signal.SIGTERM)
        assert "The demo has ended" in demo.communicate()[0]
    assert demo.returncode == 0
    assert gone(children)

    with begin(folder) as again:
        until_ready(again)
        children = children_of(again.pid)
        again.kill()
    assert gone(children)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [(["--fresh"], "DATABASE_URL names a database"), ([], "that DATABASE_URL names does not answer")],
)
def test_a_database_of_the_operators_is_not_emptied_and_one_that_is_away_is_named(
    tmp_path: Path, options: list[str], sentence: str
) -> None:
    away = {"DATABASE_URL": f"postgresql://me@/nothing?host={tmp_path}", "COMMONGROUND_VAR": str(tmp_path)}
    said = subprocess.run(
        [sys.executable, "-m", "commonground.cli", "demo", *options],
        env=outside_the_tests() | away,
        capture_output=True,
        text=True,
    )
    assert said.returncode == 1
    assert sentence in said.stderr
    assert "Traceback" not in said.stderr
