"""The lottery's documents do what they say: the tutorial is followed step by step, in the folder that it names."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

from commonground.engines.lottery.files import APPLICATION_COLUMNS, PROGRAM_COLUMNS
from commonground.engines.lottery.files.events import EVENT_COLUMNS, Happening
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


def test_the_tutorial_can_be_followed_from_draw_to_second_round(tmp_path: Path) -> None:
    folder = tmp_path / "lottery"
    shutil.copytree(DOCS / "examples" / "lottery", folder)
    done = follow(folder, commands("console"))
    assert done.returncode == 0, done.stderr
    made = {"family.html", "familia.html", "chances.csv", "rates.csv", "moved", "second", "result"}
    assert made <= {path.name for path in folder.iterdir()}
    assert "FAILS:  auditors/results.csv was changed: its digest is not the one in the manifest." in done.stdout
    assert done.stdout.count("The bundle holds") == 3
    assert "Error: The bundle does not hold" in done.stderr
    assert "Holds a seat of ELM-6 (Elm Charter School), choice 1." in done.stdout, "S02, after the moves"


def test_the_tutorials_rehearsal_runs_on_the_published_workbook(tmp_path: Path, public_data: Path) -> None:
    """From the city's file to the verified bundle; the example is made smaller, for speed only."""
    shutil.copy(public_data / "enrollment" / "dc_lottery_results_2023-24.xlsx", tmp_path)
    steps = [step for step in commands("text") if step.startswith("commonground lottery")]
    assert [step.split()[2] for step in steps] == ["example", "run", "explain", "verify"]
    done = follow(tmp_path, [f"{steps[0]} --applicants 4000", *steps[1:]])
    assert done.returncode == 0, done.stderr
    assert "1644 programs, 1768 seat pools, 30214 seats" in done.stdout
    assert "Application 9-00001" in done.stdout and "The bundle holds" in done.stdout
    page = (tmp_path / "rehearsal" / "report.html").read_text(encoding="utf-8")
    assert "The largest differences" in page and "Every program: published and simulated" in page
    changed = tmp_path / "rehearsal" / "published" / "cutoffs.csv"
    content = changed.read_bytes()
    changed.write_bytes(content[:5000] + bytes([content[5000] ^ 1]) + content[5001:])
    check = follow(tmp_path, [steps[3]])
    assert check.returncode == 1
    assert "FAILS:  published/cutoffs.csv was changed" in check.stdout


def test_a_bundle_is_verified_elsewhere_without_the_site(tmp_path: Path) -> None:
    """Another folder, and a Python that can import neither Django nor any part of the site."""
    shutil.copytree(DOCS / "examples" / "lottery", tmp_path / "lottery")
    assert follow(tmp_path / "lottery", commands("console")[:1]).returncode == 0
    shutil.copytree(tmp_path / "lottery" / "result", tmp_path / "elsewhere")
    alone = (
        "import sys\n"
        "class Closed:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] == 'django' or name.startswith('commonground.site'):\n"
        "            raise ModuleNotFoundError(name)\n"
        "sys.meta_path.insert(0, Closed())\n"
        "from commonground.cli import main\n"
        "main(['lottery', 'verify', 'elsewhere'])\n"
    )
    done = subprocess.run([sys.executable, "-c", alone], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "The bundle holds" in done.stdout


def test_the_reference_names_every_column_and_every_rule() -> None:
    known = [column.name for column in (*PROGRAM_COLUMNS, *APPLICATION_COLUMNS, *EVENT_COLUMNS)] + [
        rule.name for rule in fields(Rules)
    ]
    known += list(Happening)
    assert not [name for name in known if f"| `{name}` |" not in REFERENCE]
