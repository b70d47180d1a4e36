"""`commonground directory import`: preview, confirmation, problems in the terminal."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from commonground.cli.directory import directory
from commonground.site.directory.models import Import, Organization
from tests.site.directory.test_importing import ALDER, SCHOOLS

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "schools.csv"
    path.write_text(SCHOOLS + ALDER, encoding="utf-8")
    return path


def run(*arguments: object, answer: str = "") -> Result:
    return CliRunner().invoke(directory, ["import", *map(str, arguments)], input=answer)


def test_a_preview_changes_nothing_and_keeps_no_file(file: Path):
    result = run(file, "--preview")
    assert "New 2, changed 0, missing 0, unchanged 0." in result.output
    assert not Organization.objects.exists()
    assert Import.objects.get().files.get().content is None


def test_yes_applies_without_asking(file: Path):
    assert run(file, "--yes").output.endswith("Applied.\n")
    assert Organization.objects.count() == 2


def test_without_yes_it_asks(file: Path):
    assert "Nothing was changed." in run(file, answer="n\n").output
    assert run(file, answer="y\n").output.endswith("Applied.\n")


def test_a_faulty_file_ends_with_its_problems_and_an_error(file: Path):
    file.write_text(SCHOOLS + ALDER.replace("Regular,Open", "Regular,Dancing"), encoding="utf-8")
    result = run(file, "--yes")
    assert result.exit_code == 1
    assert "schools.csv, row 2, column “Status”: “Dancing” is not known here" in result.output
    assert not Organization.objects.exists()


def test_unknown_columns_and_unknown_people_are_named(file: Path, tmp_path: Path):
    other = tmp_path / "other.csv"
    other.write_text("Campus,Code\nAlder,17\n", encoding="utf-8")
    assert "columns of other.csv" in run(other, "--yes").output
    assert "Nobody has the email address" in run(file, "--by", "nobody@example.org").output
