"""`equity compare-rules` tells staff what a new version of a rule changes, and shows a meeting no small group."""

import csv

import pytest
from click.testing import CliRunner

from commonground.cli import main
from commonground.engines.measures.rules import shipped_text
from tests.engines.measures.cities import random_city, write_city


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    """A folder with checked tables and two rules files."""
    folder = tmp_path_factory.mktemp("city")
    tables = random_city(8, students=60)
    tables["provided"] = [{"lea": lea, "table": "incidents", "year": "2025"} for lea in ("D1", "C1", "C2")]
    write_city(tables, folder)
    (folder / "a.toml").write_text(shipped_text())
    (folder / "b.toml").write_text(shipped_text().replace("absent_at_least = 10.0", "absent_at_least = 50.0"))
    return folder


def run(city, *more, against="b.toml"):
    words = ["equity", "compare-rules", "--data", city, "--rules", city / "a.toml", "--against", city / against, *more]
    return CliRunner().invoke(main, list(map(str, words)))


def test_staff_read_what_changes_and_for_whom(city, tmp_path):
    result = run(city, "--out", tmp_path / "changes.csv")
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert lines[0].startswith("For the LEAs' own staff only")
    assert "Chronic absence (chronic_absence): version 1 -> version 1" in lines
    assert any(line.startswith("  now: The share of students who were absent on 50 % or more") for line in lines)
    assert any(line.startswith("  2025 city: ") and " -> " in line for line in lines)
    assert any("numerator: 0 students come in, " in line for line in lines)
    assert any(line.endswith("schools change; most:") for line in lines)
    with (tmp_path / "changes.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert {row["metric"] for row in rows} == {"chronic_absence"}
    city_row = next(row for row in rows if (row["level"], row["group"], row["grade"]) == ("city", "all", "all"))
    assert int(city_row["numerator_left"]) > 0 and float(city_row["new_value"]) < float(city_row["old_value"])


def test_a_meeting_sees_no_small_number(city, tmp_path):
    result = run(city, "--protect", "--out", tmp_path / "changes.csv")
    assert result.exit_code == 0, result.output
    assert "schools change" not in result.output and " of about " in result.output
    with (tmp_path / "changes.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert {row["level"] for row in rows} <= {"city", "sector"} and {row["group"] for row in rows} == {"all"}
    counts = [row[name] for row in rows for name in ("old_students", "numerator_left", "numerator_entered")]
    assert all(count in ("", "<10") or int(count) % 10 == 0 for count in counts)


def test_nothing_changes_between_a_file_and_itself(city):
    result = run(city, against="a.toml")
    assert result.output == "The two files say the same about every metric. Nothing changes.\n"


def test_a_wrong_rule_is_refused_with_its_place(city):
    (city / "wrong.toml").write_text(shipped_text().replace("absent_at_least = 10.0", "absent_at_least = -1"))
    result = run(city, against="wrong.toml")
    assert result.exit_code == 3
    assert "wrong.toml, metric chronic_absence, absent_at_least: “-1” does not fit." in result.output


def test_a_folder_without_tables_is_refused(city, tmp_path):
    (tmp_path / "empty").mkdir()
    words = [
        "equity",
        "compare-rules",
        "--data",
        tmp_path / "empty",
        "--rules",
        city / "a.toml",
        "--against",
        city / "b.toml",
    ]
    result = CliRunner().invoke(main, list(map(str, words)))
    assert result.exit_code == 3
    assert "Run the check, mend them, and try again." in result.output
