"""The lottery's documents do what they say: the tutorial is followed step by step, in the folder that it names."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

from commonground.engines.lottery.files import APPLICATION_COLUMNS, PROGRAM_COLUMNS
from commonground.engines.lottery.model import Rules

DOCS = Path(__file__).resolve().parents[2] / "docs"
TUTORIAL = (DOCS / "tutorials" / "draw-a-lottery.md").read_text(encoding="utf-8")
REFERENCE = (DOCS / "reference" / "lottery-files.md").read_text(encoding="utf-8")


def commands(kind: str) -> list[str]:
    """The commands of the tutorial's blocks of one kind."""
    blocks = re.findall(rf"^```{kind}\n(.*?)^```", TUTORIAL, re.MULTILINE | re.DOTALL)
    return [line.removeprefix("$ ") for block in blocks for line in block.splitlines() if line.startswith("$ ")]


def follow(folder: Path, steps: list[str]) -> "subprocess.CompletedProcess[str]":
    programs = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    script = ["bash", "-euc", "\n".join(steps)]
    return subprocess.run(script, cwd=folder, env=programs, capture_output=True, text=True, check=False)


def test_the_tutorial_can_be_followed_from_draw_to_changed_byte(tmp_path: Path) -> None:
    folder = tmp_path / "lottery"
    shutil.copytree(DOCS / "examples" / "lottery", folder)
    done = follow(folder, commands("console"))
    assert done.returncode == 0, done.stderr
    assert (folder / "family.html").exists() and (folder / "chances.csv").exists() and (folder / "rates.csv").exists()
    change, verify = [step for step in commands("text") if "example" not in step and "published" not in step]
    tampered = follow(folder, [change, verify])
    assert tampered.returncode == 1
    assert "FAILS:  auditors/results.csv was changed: its digest is not the one in the manifest." in tampered.stdout


def test_the_rehearsal_of_the_tutorial_runs_on_the_published_workbook(tmp_path: Path, public_data: Path) -> None:
    shutil.copy(public_data / "enrollment" / "dc_lottery_results_2023-24.xlsx", tmp_path)
    steps = [step for step in commands("text") if "example" in step or "published" in step]
    assert len(steps) == 2
    done = follow(tmp_path, [f"{steps[0]} --applicants 4000", steps[1], "commonground lottery verify rehearsal"])
    assert done.returncode == 0, done.stderr
    assert "1644 programs, 1768 seat pools, 30214 seats" in done.stdout


def test_the_reference_names_every_column_and_every_rule() -> None:
    known = [column.name for column in (*PROGRAM_COLUMNS, *APPLICATION_COLUMNS)] + [rule.name for rule in fields(Rules)]
    assert not [name for name in known if f"| `{name}` |" not in REFERENCE]
