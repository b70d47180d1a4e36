"""When the machine fails: a full disk, little memory, a kill. Clear messages, and nothing half-written."""

import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from commonground.engines.measures.inputs import LAYOUTS, NotWrittenError, known_codes, open_city, read_city
from commonground.engines.measures.inputs.placing import new_folder
from tests.engines.measures.inputs.conftest import Folder

ROOT = Path(__file__).resolve().parents[4]


def test_a_disk_that_fills_while_the_tables_are_written_leaves_what_was_there(north: Folder, tmp_path: Path) -> None:
    """/dev/full is a disk without room: what is written to it fails as a full disk fails."""
    out = tmp_path / "city"
    before = read_city([north.path], out)[0]["students"].read_bytes()
    with pytest.raises(NotWrittenError, match="No space left"), new_folder(out, "provided.parquet") as fresh:
        (fresh / "students.parquet").write_bytes(b"half")
        with open("/dev/full", "wb", buffering=0) as full:  # noqa: PTH123 (a device)
            full.write(b"the other half")
    assert (out / "students.parquet").read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["city", "north"]


def test_a_database_that_runs_out_of_disk_says_so(north: Folder, tmp_path: Path) -> None:
    error = duckdb.IOException("IO Error: Could not write file: No space left on device")
    with (
        pytest.raises(NotWrittenError, match="could not be read to the end: no space is left on the disk"),
        open_city([north.path]),
    ):
        raise error


def test_a_file_far_larger_than_the_memory_is_read(tmp_path: Path) -> None:
    """Thirty megabytes of attendance with 150 MB for all data of the process, most of which the program itself takes."""
    command = [sys.executable, "benchmarks/equity_inputs.py", "--megabytes", "30", "--memory", "60", "--faults", "2"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=os.environ | {"TMPDIR": str(tmp_path)})
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout.splitlines()[-1])
    assert result["errors"] == 2 and result["rows"] > 800_000
    assert result["peak_mb"] < 400
    assert list(tmp_path.iterdir()) == []


def test_the_working_files_are_private_and_gone_afterwards(
    north: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "work").mkdir()
    with open_city([north.path], beside=tmp_path / "work"):
        (folder,) = (tmp_path / "work").iterdir()
        assert folder.stat().st_mode & 0o077 == 0
    assert list((tmp_path / "work").iterdir()) == []


def test_the_next_run_clears_away_what_a_killed_one_left(north: Folder, tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    script = f"""
import os, signal
from pathlib import Path
from commonground.engines.measures.inputs import open_city
with open_city([Path({str(north.path)!r})], beside=Path({str(work)!r})):
    os.kill(os.getpid(), signal.SIGKILL)
"""
    subprocess.run([sys.executable, "-c", script], check=False)
    (left,) = work.iterdir()
    assert (left / "city.duckdb").exists()
    os.utime(left, (0, 0))
    with open_city([north.path], beside=work):
        assert not left.exists()
        (mine,) = work.iterdir()
        os.utime(mine, (0, 0))
        with open_city([north.path], beside=work):
            assert mine.exists()  # it is in use, however old


def test_the_reference_names_every_table_column_and_code() -> None:
    text = (ROOT / "docs" / "reference" / "equity-files.md").read_text(encoding="utf-8")
    for layout in LAYOUTS.values():
        assert layout.name in text
        assert not [field.name for field in layout.fields if f"`{field.name}`" not in text]
        for field in layout.fields:
            known = [code for code in known_codes(field.codes) if not code.isdigit()] if field.codes else []
            assert not [code for code in known if f"`{code}`" not in text], field.name
