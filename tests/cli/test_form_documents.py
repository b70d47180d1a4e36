"""What the documents say is so: the tutorial's commands run, and the reference leaves nothing out."""

import re
import shlex
import shutil
from dataclasses import fields
from pathlib import Path

import pytest
from click.testing import CliRunner

from commonground.cli import main
from commonground.cli.form import exits
from commonground.cli.form.command import form
from commonground.engines.formation import Weights
from commonground.engines.formation.facilitators import FacilitatorWeights
from commonground.formats import PEOPLE_COLUMNS, SCHOOL_COLUMNS, rules
from commonground.tables import Column, Limits

DOCS = Path(__file__).resolve().parents[2] / "docs"
TUTORIAL = (DOCS / "tutorials" / "form-groups-on-the-command-line.md").read_text(encoding="utf-8")
REFERENCE = (DOCS / "reference" / "form-files.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    return REFERENCE.split(f"# {title}", 1)[1].split("\n#", 1)[0]


def test_the_commands_of_the_tutorial_run_in_the_folder_that_it_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    shutil.copytree(DOCS / "examples" / "form", tmp_path / "form")
    monkeypatch.chdir(tmp_path / "form")
    printed = []
    for block in re.findall(r"```console\n(.*?)```", TUTORIAL, re.DOTALL):
        for line in re.findall(r"^\$ commonground (.*)$", block, re.MULTILINE):
            result = CliRunner().invoke(main, shlex.split(line))
            printed.append(result.output)
            assert result.exit_code == (3 if "mistakes" in line else 0), result.output
    for shown in re.findall(r"```text\n(?!commonground)(.*?)```", TUTORIAL, re.DOTALL):
        assert any(shown.strip() in output for output in printed), shown
    assert len(printed) == 4


@pytest.mark.parametrize(
    ("title", "columns"),
    [("Sign-ups (`--schools`)", SCHOOL_COLUMNS), ("Facilitators (`--facilitators`)", PEOPLE_COLUMNS)],
)
def test_every_column_is_listed_with_its_other_names(title: str, columns: tuple[Column, ...]):
    text = section(title)
    for column in columns:
        row = next(line for line in text.splitlines() if line.startswith("|") and f"`{column.name}`" in line)
        assert all(alias in row for alias in column.aliases), column.name


def test_every_setting_is_listed():
    text = section("Rules (`--rules`)")
    kinds = {
        "groups": rules.GROUP_KEYS,
        "travel": rules.TRAVEL_KEYS,
        "schools": rules.SCHOOL_KEYS,
        "facilitators": rules.FACILITATOR_KEYS,
    }
    for table, keys in kinds.items():
        for key in keys:
            assert f"`{table}.{key}" in text, f"{table}.{key}"
    for name in [*(f.name for f in fields(Weights)), *(f.name for f in fields(FacilitatorWeights)), *rules.FIXED_KEYS]:
        assert f"`{name}`" in text, name


def test_every_exit_code_is_listed():
    codes = {exits.CHECK_FAILED, exits.INPUT_REFUSED, exits.NOT_SOLVED, exits.NOT_WRITTEN, 0, 2}
    listed = {int(code) for code in re.findall(r"^\| (\d) \|", section("Exit codes"), re.MULTILINE)}
    assert listed == codes


def test_every_option_of_a_run_is_explained_somewhere():
    text = REFERENCE + TUTORIAL
    for option in form.params:
        assert option.opts[0] in text or option.opts[0] in ("--seconds", "--seed"), option.opts
        assert getattr(option, "help", ""), option.opts


def test_the_limits_are_the_ones_in_force():
    limits = Limits()
    said = section("Tables that go in").replace(",", "")
    for number in (limits.file_bytes // 2**20, limits.unpacked_bytes // 2**20, limits.rows, limits.columns):
        assert str(number) in said
    assert (limits.cell_characters, limits.seconds, limits.memory_mb) == (20_000, 120.0, 1024)
