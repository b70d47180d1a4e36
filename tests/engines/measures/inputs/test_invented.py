"""The invented city is the same for the same seed, clean, and as uneven as real cities are."""

import hashlib
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from commonground.engines.measures.inputs import NotWrittenError, Problem, read_city
from commonground.engines.measures.inputs.invented import write_invented_city


def digests(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, pa.Table], list[Problem]]:
    """Sixty schools over three years, as canonical tables."""
    folder = tmp_path_factory.mktemp("city")
    write_invented_city(folder / "leas", schools=60, seed=5, years=3, kind="parquet")
    tables, problems = read_city([folder / "leas"], folder / "canonical")
    return {name: pq.read_table(path) for name, path in tables.items()}, problems


def test_the_same_seed_gives_the_same_files_and_another_seed_others(tmp_path: Path) -> None:
    for name, seed in (("one", 3), ("two", 3), ("three", 4)):
        write_invented_city(tmp_path / name, schools=12, seed=seed, years=2)
    assert digests(tmp_path / "one") == digests(tmp_path / "two")
    assert digests(tmp_path / "one")["about.json"] != digests(tmp_path / "three")["about.json"]
    assert Counter(digests(tmp_path / "one").values()) != Counter(digests(tmp_path / "three").values())


def test_it_has_no_problems(city: tuple[dict[str, pa.Table], list[Problem]]) -> None:
    assert city[1] == []


@pytest.mark.parametrize("schools", [2, 3, 7])
def test_small_cities_have_no_problems_either(schools: int, tmp_path: Path) -> None:
    write_invented_city(tmp_path / "leas", schools=schools, seed=1)
    _, problems = read_city([tmp_path / "leas"], tmp_path / "canonical")
    assert problems == []


def test_both_sectors_and_every_grade_are_there_in_every_year(city: tuple[dict[str, pa.Table], list[Problem]]) -> None:
    tables = city[0]
    assert set(tables["leas"]["sector"].to_pylist()) == {"district", "charter"}
    pairs = set(zip(tables["enrollments"]["year"].to_pylist(), tables["enrollments"]["grade"].to_pylist(), strict=True))
    grades = {"PK3", "PK4", "KG", *(f"{grade:02d}" for grade in range(1, 13))}
    assert {(year, grade) for year in ("2023", "2024", "2025") for grade in grades} <= pairs


def test_students_come_back_a_grade_higher(city: tuple[dict[str, pa.Table], list[Problem]]) -> None:
    rows = city[0]["enrollments"].to_pylist()
    seen = {(row["year"], row["student"]): row["grade"] for row in rows}
    both = [
        (grade, seen["2025", student])
        for (year, student), grade in seen.items()
        if year == "2024" and ("2025", student) in seen
    ]
    assert len(both) > 10_000
    assert {(then, now) for then, now in both if then == "03"} == {("03", "04")}


def test_schools_open_and_close(city: tuple[dict[str, pa.Table], list[Problem]]) -> None:
    rows = city[0]["enrollments"]
    years = {year: set() for year in ("2023", "2024", "2025")}
    for year, school in zip(rows["year"].to_pylist(), rows["school"].to_pylist(), strict=True):
        years[year].add(school)
    assert years["2025"] - years["2023"] and years["2023"] - years["2025"]


def test_groups_are_segregated_and_unequal(city: tuple[dict[str, pa.Table], list[Problem]]) -> None:
    students = {row["student"]: row for row in city[0]["students"].to_pylist() if row["year"] == "2025"}
    black: dict[str, list[bool]] = {}
    for row in city[0]["enrollments"].to_pylist():
        if row["year"] == "2025":
            black.setdefault(row["school"], []).append(students[row["student"]]["race"] == "black")
    shares = [sum(one) / len(one) for one in black.values()]
    assert min(shares) < 0.25 and max(shares) > 0.9
    risk = {
        race: [row["at_risk"] == "yes" for row in students.values() if row["race"] == race]
        for race in ("black", "white")
    }
    assert sum(risk["black"]) / len(risk["black"]) > 3 * sum(risk["white"]) / len(risk["white"])


def test_one_lea_reports_attendance_by_day_and_the_others_by_totals(
    city: tuple[dict[str, pa.Table], list[Problem]],
) -> None:
    provided = city[0]["provided"].to_pylist()
    daily = {row["lea"] for row in provided if row["table"] == "attendance_days"}
    totals = {row["lea"] for row in provided if row["table"] == "attendance_totals"}
    assert len(daily) == 1 and not daily & totals


def test_a_folder_with_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "keep.txt").write_text("mine")
    with pytest.raises(NotWrittenError, match="something else"):
        write_invented_city(tmp_path, schools=3, seed=1)
    assert [path.name for path in tmp_path.iterdir()] == ["keep.txt"]
