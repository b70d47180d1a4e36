"""Strangers' bytes are parsed in a process that is stopped when it takes too much, and that knows no secret."""

from pathlib import Path

import pytest

from commonground.tables.bounded import StoppedError, run_bounded

HERE = "tests.tables.tasks"


def run(name: str, seconds: float = 20.0, memory_mb: int = 64):
    return run_bounded(f"{HERE}:{name}", b"abc", {"times": 2}, seconds=seconds, memory_mb=memory_mb)


@pytest.fixture(autouse=True)
def tests_can_be_imported(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(Path.cwd()))


def test_the_answer_comes_back():
    assert run("repeat") == "abcabc"


@pytest.mark.parametrize(
    ("name", "seconds", "reason"),
    [("sleep", 1.0, "time"), ("fill_memory", 20.0, "memory"), ("break_down", 20.0, "crash"), ("fail", 20.0, "crash")],
)
def test_the_reason_of_an_early_end_is_told(name, seconds, reason):
    with pytest.raises(StoppedError) as stopped:
        run(name, seconds)
    assert stopped.value.reason == reason


def test_secrets_of_the_surroundings_stay_outside(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://somebody:secret@somewhere/cg")
    assert "DATABASE_URL" not in run("surroundings")
