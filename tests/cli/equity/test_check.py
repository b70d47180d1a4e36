"""`equity example` and `equity check`, as an operator runs them."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from commonground.cli import main
from tests.engines.measures.inputs.conftest import FILES, Folder


def run(*arguments: object) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["equity", *map(str, arguments)])
    return done.exit_code, done.output


def test_an_invented_city_is_made_and_passes_the_check(tmp_path: Path) -> None:
    code, said = run("example", "--schools", 6, "--seed", 3, "--out", tmp_path / "city")
    assert code == 0 and "6 schools" in said
    code, said = run("check", "--data", tmp_path / "city")
    assert code == 0 and said.startswith("No problems in ")


@pytest.fixture
def spoiled(tmp_path: Path) -> Path:
    north = Folder(tmp_path / "north")
    for number in range(8):
        north.add("attendance_totals", f"2025,0001,10{number},180,-1")
    north.change("enrollments", 3, "2025,0002,101,KG,2024-08-26,2025-01-18")
    north.drop("assessments")
    return north.path


def test_problems_are_grouped_with_their_first_rows(spoiled: Path) -> None:
    code, said = run("check", "--data", spoiled, "--first", 3)
    assert code == 1
    assert "The number is negative. Correct it; days cannot be fewer than 0." in said
    assert "north/attendance_totals.csv, column “days_present”: 8 rows: 7, 8, 9 and 5 more" in said
    assert "north/enrollments.csv: row 4 (see north/enrollments.csv, row 3)" in said
    assert said.index("Errors:") < said.index("Warnings:") < said.index("The table assessments was not provided.")
    assert "0002" not in said


def test_the_check_speaks_spanish(spoiled: Path) -> None:
    code, said = run("check", "--data", spoiled, "--language", "es")
    assert code == 1
    assert "El número es negativo. Corríjalo; no puede haber menos de 0 días." in said
    assert "No se entregó la tabla assessments." in said and "columna “days_present”" in said


def test_every_problem_is_in_the_csv(spoiled: Path, tmp_path: Path) -> None:
    run("check", "--data", spoiled, "--csv", tmp_path / "problems.csv")
    with (tmp_path / "problems.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    negative = [row for row in rows if row["message"] == "The number is negative."]
    assert [row["row"] for row in negative] == [str(number) for number in range(7, 15)]
    assert {row["severity"] for row in rows} == {"error", "warning"}
    assert list(tmp_path.glob(".*")) == []


def test_a_csv_that_cannot_be_written_is_said(spoiled: Path, tmp_path: Path) -> None:
    code, said = run("check", "--data", spoiled, "--csv", tmp_path / "absent" / "problems.csv")
    assert code == 5 and "No such file or directory" in said


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    code, said = run("check", "--data", tmp_path / "nowhere")
    assert code == 1 and "There is no folder with this name." in said


def test_only_warnings_end_well(tmp_path: Path) -> None:
    north = Folder(tmp_path / "north", {name: lines for name, lines in FILES.items() if name != "assessments"})
    code, said = run("check", "--data", north.path)
    assert code == 0 and "Errors: 0. Warnings: 1." in said


def test_a_killed_check_leaves_only_its_own_private_folder(tmp_path: Path) -> None:
    """What a killed run leaves holds student records: nobody else may read it."""
    run("example", "--schools", 20, "--out", tmp_path / "city")
    (tmp_path / "temporary").mkdir()
    command = [sys.executable, "-m", "commonground.cli", "equity", "check", "--data", str(tmp_path / "city")]
    command += ["--csv", str(tmp_path / "problems.csv")]
    child = subprocess.Popen(command, env=os.environ | {"TMPDIR": str(tmp_path / "temporary")})
    try:
        while child.poll() is None and not list((tmp_path / "temporary").glob(".commonground-*/city.duckdb")):
            pass
    finally:
        child.kill()
        child.wait()
    assert not (tmp_path / "problems.csv").exists()
    assert [oct(path.stat().st_mode & 0o077) for path in (tmp_path / "temporary").iterdir()] == ["0o0"]
