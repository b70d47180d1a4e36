"""Invented sign-ups for real schools: the same seed invents the same, and every slip of the user is named."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from commonground.cli import main
from commonground.formats import read_people, read_schools
from commonground.tables import read_table

HEADER = (
    "NCES School ID,Low Grade*,High Grade*,School Name,District,County Name*,Locale*,Charter,Students*,Status,"
    "Latitude,Longitude"
)
DIRECTORY = f"""{HEADER}
1,KG,06,Alder Elementary,Willow Valley Unified,Willow County,City: Small,No,512.0,Open,36.74,-119.78
2,†,–,Birch Academy,Birch Academy,Willow County,Rural: Fringe,Yes,†,New,36.75,-119.80
3,09,12,Closed High,Willow Valley Unified,Willow County,City: Small,No,†,Closed,36.76,-119.81
4,09,12,Nowhere High,Willow Valley Unified,Willow County,City: Small,No,10,Open,,
5,09,12,Far High,Elsewhere Unified,Elsewhere County,City: Small,No,10,Open,37.76,-120.81
"""


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    path = tmp_path / "directory.csv"
    path.write_text(DIRECTORY, encoding="utf-8")
    return path


def example(directory: Path, out: Path, *options: str):
    arguments = ["form", "example", "--directory", str(directory), "--out", str(out), *options]
    return CliRunner().invoke(main, arguments)


def test_the_running_schools_of_the_county_sign_up(directory: Path, tmp_path: Path):
    result = example(directory, tmp_path / "schools.csv", "--county", "willow county")
    assert result.exit_code == 0
    assert "2 schools with invented needs, 1 of them charters" in result.output
    assert "no place for them: 1" in result.output
    signups = read_schools(read_table(tmp_path / "schools.csv"))
    assert signups.problems == ()
    alder, birch = signups.members
    assert (alder.sector, birch.sector) == ("district", "charter")
    assert (alder.enrollment, birch.enrollment) == (512, None)
    assert alder.grade_bands == {"elementary", "middle"}
    assert len(alder.areas) == 3
    assert 3 <= len(alder.needs) <= 6
    assert not alder.needs.keys() & alder.strengths.keys()


def test_the_same_seed_invents_the_same_and_another_does_not(directory: Path, tmp_path: Path):
    written = []
    for name, seed in (("a", "1"), ("b", "1"), ("c", "2")):
        example(directory, tmp_path / name, "--county", "Willow County", "--seed", seed)
        written.append((tmp_path / name).read_bytes())
    assert written[0] == written[1] != written[2]


def test_facilitators_can_be_invented_too(directory: Path, tmp_path: Path):
    people = tmp_path / "people.csv"
    options = ["--county", "Willow County", "--facilitators", str(people), "--people", "7"]
    assert example(directory, tmp_path / "schools.csv", *options).exit_code == 0
    found = read_people(read_table(people))
    assert (found.problems, len(found.people)) == ((), 7)


@pytest.mark.parametrize(("asked", "meant"), [("Willow", "Willow County"), ("Wilow County", "Willow County")])
def test_a_misspelled_county_is_named(directory: Path, tmp_path: Path, asked: str, meant: str):
    result = example(directory, tmp_path / "schools.csv", "--county", asked)
    assert result.exit_code == 3
    assert f"Did you mean “{meant}”?" in result.output
    assert not (tmp_path / "schools.csv").exists()


def test_another_table_is_no_directory(tmp_path: Path):
    (tmp_path / "list.csv").write_text("School Name,County\nAlder,Willow\n")
    result = example(tmp_path / "list.csv", tmp_path / "schools.csv", "--county", "Willow")
    assert result.exit_code == 3
    assert "The column “Charter” is missing." in result.output


def test_a_folder_that_cannot_be_written_is_named(directory: Path, tmp_path: Path):
    result = example(directory, tmp_path / "no" / "schools.csv", "--county", "Willow County")
    assert result.exit_code == 5
    assert "cannot be written" in result.output
