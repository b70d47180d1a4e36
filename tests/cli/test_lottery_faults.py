"""What goes wrong on real machines: full disks, killed runs, wrong results, odd files. Nothing half-written is ever left."""

import random
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from commonground.engines.lottery.bundle import verifying
from commonground.engines.lottery.bundle.reading import BundleError
from tests.cli.test_lottery import FILES, MARKET, drawn, folder, lottery

__all__ = ["folder"]
RUN = ["lottery", "run", *MARKET, "--seed", "spring", "--out", "result"]


def python(script: str, **options: object) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run([sys.executable, "-c", script], capture_output=True, check=False, **options)  # type: ignore[call-overload, no-any-return]


def test_a_file_system_that_takes_no_more_leaves_no_folder(folder: Path) -> None:
    """No file may grow beyond 2,000 bytes: as on a full disk, a write fails in the middle of the bundle."""

    def small() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))

    done = python(f"from commonground.cli import main\nmain({RUN!r})", preexec_fn=small)
    assert done.returncode == 1
    assert b"The result could not be written to" in done.stderr and b"Nothing of it was kept." in done.stderr
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES)


@pytest.mark.parametrize("written", [1, 7, 14])
def test_a_run_killed_at_any_moment_of_writing_leaves_no_result(folder: Path, written: int) -> None:
    script = (
        "import os, signal\n"
        f"real, left = os.fsync, [{written}]\n"
        "def fsync(handle):\n"
        "    left[0] -= 1\n"
        "    os.kill(os.getpid(), signal.SIGKILL) if left[0] == 0 else real(handle)\n"
        "os.fsync = fsync\n"
        f"from commonground.cli import main\nmain({RUN!r})\n"
    )
    assert python(script).returncode == -signal.SIGKILL
    assert not (folder / "result").exists()


def test_a_result_that_breaks_a_promise_is_not_published(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A child is unseated after the draw: somebody is passed over, and nothing is written."""
    from commonground.cli import lottery_run

    def wrong(market, seed):  # type: ignore[no-untyped-def]
        drawn_ = lottery_run_draw(market, seed)
        seated = int((drawn_.choice >= 0).nonzero()[0][0])
        drawn_.choice[seated] = drawn_.pool[seated] = -1
        return drawn_

    lottery_run_draw = lottery_run.draw
    monkeypatch.setattr(lottery_run, "draw", wrong)
    run = drawn()
    assert run.exit_code == 1
    assert "The result may not be published. no justified envy: Application" in run.output
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES)


def test_a_byte_changed_at_any_of_many_places_is_found(folder: Path) -> None:
    """Three places in every file, each with another bit; the digests are tried here, the rest of the check elsewhere."""
    drawn()
    chance = random.Random(2027)
    for path in sorted(path for path in (folder / "result").rglob("*") if path.is_file()):
        original = path.read_bytes()
        for at in {0, len(original) - 1, *(chance.randrange(len(original)) for _ in range(3))}:
            path.write_bytes(original[:at] + bytes([original[at] ^ (1 << chance.randrange(8))]) + original[at + 1 :])
            try:
                found = [one for one in verifying.verify(folder / "result") if not one.holds]
            except BundleError:
                found = ["the manifest can no longer be read"]  # type: ignore[list-item]
            assert found, f"{path.name}, byte {at}"
        path.write_bytes(original)


def test_latin_1_is_told_and_read_when_it_is_named(folder: Path) -> None:
    text = (folder / "programs.csv").read_text().replace("Oak,", "Peñón,")
    (folder / "programs.csv").write_bytes(text.encode("latin-1"))
    told = drawn()
    assert told.exit_code == 1
    assert ("programs.csv" in told.output and "--encoding" in told.output) or "UTF-8" in told.output
    assert drawn("--seed", "spring", "--encoding", "latin-1").exit_code == 0
    assert "Peñón" in (folder / "result" / "published" / "programs.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("A00,K,3,ELM,,\n", "already ranks this program"),
        ("A00,K,1,ELM,,\n", "already has rank 1"),
        ("Z1,K,2,OAK,,\n", "has no rank 1"),
        ("=A1,K,1,OAK,,\n", "may not begin with ="),
        ("Z1,K,one,OAK,,\n", "is not a whole number"),
        ("Z1,K,1,OAK,castle,\n", "There is no priority or group “castle”"),
        ("A00,1,3,OAK,,\n", "One child has one application"),
    ],
)
def test_faults_in_a_row_are_told_with_their_row(folder: Path, row: str, words: str) -> None:
    with (folder / "applications.csv").open("a") as file:
        file.write(row)
    run = drawn()
    assert run.exit_code == 1
    assert words in run.output and "applications.csv, row " in run.output
    assert not (folder / "result").exists()


def test_a_number_kept_as_text_by_a_spreadsheet_is_a_number(folder: Path) -> None:
    with (folder / "applications.csv").open("a") as file:
        file.write("Z1,K,'1,OAK,,\nZ1,K,2.0,ELM,,\n")
    assert drawn().exit_code == 0
    assert lottery("verify", "result").exit_code == 0
