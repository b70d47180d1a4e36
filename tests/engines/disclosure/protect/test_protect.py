"""What is withheld, why, and that nobody works it out: each rule, and the order of rows that must not matter."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from commonground.engines.disclosure.protect import ProtectionError, Settings, protect
from commonground.engines.disclosure.protect.protecting import Protected
from commonground.engines.disclosure.publication import Publication
from commonground.engines.measures.figures import FIGURES, METRICS, Figures
from tests.engines.disclosure.cities import City, Student, city, figures, metric, shuffled

Row = dict[str, object]


def student(
    school: str, race: str = "black", disability: str = "no", absent: bool = False, grade: str = "01"
) -> Student:
    return Student(school, grade, race, disability, absent, False, False)


def school_of(*parts: tuple[str, int, int], school: str = "s1") -> list[Student]:
    """Students by race: how many, and how many of them are often absent."""
    return [student(school, race, absent=at < absent) for race, count, absent in parts for at in range(count)]


def one_lea(students: list[Student]) -> City:
    return City(dict.fromkeys(sorted({one.school for one in students}), ("L1", "district")), tuple(students))


def protected(table: Figures, settings: Settings | None = None, **more: object) -> Protected:
    return protect(table, settings or Settings(), title="Report", made="2025-10-01", seconds=1, **more)  # type: ignore[arg-type]


def row(result: Protected, metric: str, level: str, entity: str, group: str, grade: str = "all") -> Row:
    wanted = {"metric": metric, "level": level, "entity": entity, "group": group, "grade": grade}
    found = [one for one in result.publication.figures.to_pylist() if wanted.items() <= one.items()]
    assert len(found) == 1
    return found[0]


def reason(result: Protected, metric: str, level: str, entity: str, group: str) -> tuple[str, str]:
    wanted = {"metric": metric, "level": level, "entity": entity, "group": group, "grade": "all"}
    found = [one for one in result.decisions.to_pylist() if wanted.items() <= one.items()]
    return (found[0]["reason"], found[0]["protects"]) if found else ("", "")


def test_a_group_below_the_minimum_is_withheld_and_one_at_it_is_not() -> None:
    students = school_of(("black", 40, 0), ("white", 9, 0), ("asian", 10, 0), ("hispanic", 12, 0))
    result = protected(figures(one_lea(students), metrics=("enrollment",)))
    assert row(result, "enrollment", "school", "s1", "race:white")["status"] == "withheld"
    assert reason(result, "enrollment", "school", "s1", "race:white") == ("small", "")
    shown = {
        group: row(result, "enrollment", "school", "s1", f"race:{group}")["status"] for group in ("asian", "hispanic")
    }
    assert Counter(shown.values()) == {"withheld": 1, "exact": 1}


def test_the_second_group_of_two_is_withheld_with_the_first() -> None:
    result = protected(figures(one_lea(school_of(("black", 40, 0), ("white", 4, 0))), metrics=("enrollment",)))
    assert row(result, "enrollment", "school", "s1", "all")["text"] == "44"
    assert row(result, "enrollment", "school", "s1", "race:black")["status"] == "withheld"
    assert reason(result, "enrollment", "school", "s1", "race:black") == ("secondary", "group")


def test_small_groups_and_their_companions_have_one_public_reason() -> None:
    result = protected(figures(city(3)))
    public = Counter(result.publication.figures["reason"].to_pylist())
    assert set(public) <= {"", "small_group", "few_students", "coded"}
    inside = {one["reason"] for one in result.decisions.to_pylist()}
    assert {"small", "secondary", "complement"} <= inside


def test_a_school_that_is_withheld_takes_another_school_with_it() -> None:
    students = (
        school_of(("black", 60, 0)) + school_of(("black", 30, 0), school="s2") + school_of(("black", 5, 0), school="s3")
    )
    result = protected(figures(one_lea(students), metrics=("enrollment",)))
    assert row(result, "enrollment", "lea", "L1", "all")["text"] == "95"
    assert row(result, "enrollment", "school", "s3", "all")["status"] == "withheld"
    assert row(result, "enrollment", "school", "s2", "all")["status"] == "withheld"
    assert row(result, "enrollment", "school", "s1", "all")["text"] == "60"


def test_a_sector_is_not_the_city_less_the_other_sector() -> None:
    students = school_of(("black", 80, 0)) + school_of(("black", 6, 0), school="s2")
    where = City({"s1": ("L1", "district"), "s2": ("L2", "charter")}, tuple(students))
    result = protected(figures(where, metrics=("enrollment",)))
    sectors = [row(result, "enrollment", "sector", name, "all")["status"] for name in ("district", "charter")]
    total = row(result, "enrollment", "city", "city", "all")["status"]
    assert sectors[1] == "withheld"
    assert "withheld" in (sectors[0], total)


def test_a_lea_that_makes_up_almost_all_withholds_the_sector() -> None:
    students = school_of(("black", 50, 0), ("white", 9, 0)) + school_of(("black", 50, 0), ("white", 1, 0), school="s2")
    where = City({"s1": ("L1", "charter"), "s2": ("L2", "charter")}, tuple(students))
    result = protected(figures(where, metrics=("enrollment",)))
    assert row(result, "enrollment", "sector", "charter", "race:white")["status"] == "withheld"
    assert reason(result, "enrollment", "sector", "charter", "race:white") == ("dominant", "")


def test_a_rate_of_nobody_or_everybody_is_told_only_as_near() -> None:
    students = school_of(("black", 100, 0), ("white", 100, 100))
    result = protected(figures(one_lea(students)))
    none, everybody = (row(result, "absent", "school", "s1", f"race:{race}") for race in ("black", "white"))
    assert (none["status"], none["text"], none["reason"]) == ("bottom", "≤ 14 %", "coded")
    assert (everybody["status"], everybody["text"], everybody["reason"]) == ("top", "≥ 85 %", "coded")


def test_a_rate_of_a_group_so_small_that_it_would_tell_numbers_is_withheld_but_not_its_size() -> None:
    students = school_of(("black", 200, 60), ("white", 27, 11))
    result = protected(figures(one_lea(students), metrics=("absent",)))
    told = row(result, "absent", "school", "s1", "race:white")
    assert (told["status"], told["reason"]) == ("withheld", "few_students")
    assert (told["students_low"], told["students_high"]) == (20, 29)
    assert reason(result, "absent", "school", "s1", "race:white") == ("complement", "")


def test_students_under_rates_are_told_in_tens_and_exactly_where_they_are_counted_themselves() -> None:
    result = protected(figures(one_lea(school_of(("black", 237, 60)))))
    rate = row(result, "absent", "school", "s1", "all")
    assert (rate["students_low"], rate["students_high"]) == (230, 239)
    count = row(result, "enrollment", "school", "s1", "all")
    assert (count["low"], count["high"], count["status"]) == (237, 237, "exact")
    # 60 of 237 are 25.3 %: 24.5 to 29.5 % of 230 to 239 students
    assert (rate["numerator_low"], rate["numerator_high"], rate["text"]) == (57, 70, "25–29 %")


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_rows_changes_nothing(seed: int) -> None:
    table = figures(city(11), metrics=("enrollment", "suspended"))
    first = protected(table).publication.files()
    assert protected(shuffled(table, seed)).publication.files() == first


def test_all_students_are_told_wherever_another_choice_exists() -> None:
    result = protected(figures(city(5, sizes=(80, 90, 70, 60)), metrics=("enrollment",)))
    everybody = [
        one for one in result.publication.figures.to_pylist() if one["group"] == "all" and one["grade"] == "all"
    ]
    assert {one["status"] for one in everybody} == {"exact"}


def only(rows: list[Row], *metrics: dict[str, object]) -> Figures:
    """A table of one school's rows; what is left out is as usual."""
    base = figures(one_lea(school_of(("black", 40, 3))))
    usual = {
        "year": "2025", "version": "1", "level": "school", "entity": "s1", "grade": "all", "period": "year", "group": "all",
        "students": 200, "numerator": None, "denominator": None, "value": None,
    }  # fmt: skip
    return replace(
        base,
        figures=pa.Table.from_pylist([{**usual, **one} for one in rows], FIGURES),
        metrics=pa.Table.from_pylist(list(metrics), METRICS),
    )


def test_attendance_is_told_in_bands_without_regard_to_small_numbers_of_days() -> None:
    rows: list[Row] = [{"metric": "days", "numerator": 33500.0, "denominator": 36000.0, "value": 33500 / 36000}]
    result = protected(only(rows, metric("days", "days", "rolls")))
    told = row(result, "days", "school", "s1", "all")
    assert (told["text"], told["status"]) == ("90–94 %", "range")


def test_medians_are_told_in_steps() -> None:
    rows: list[Row] = [
        {"metric": "growth", "value": 52.5},
        {"metric": "growth", "value": 52.5, "group": "race:black", "students": 30},
        {"metric": "growth", "value": 52.5, "group": "race:white", "students": 9},
    ]
    result = protected(only(rows, metric("growth", "median", "tested")))
    told = [row(result, "growth", "school", "s1", group) for group in ("all", "race:black", "race:white")]
    assert [one["text"] for one in told] == ["53", "50–55", "–"]
    assert (told[0]["low"], told[0]["high"]) == (52.5, 53.5)


def test_a_difference_of_counts_is_told_only_with_both_counts() -> None:
    kinds = [metric("entry", "count", "entered"), metric("exit", "count", "left"), metric("net", "signed_count", "")]
    rows: list[Row] = []
    for school, entered, left in (("s1", 30, 12), ("s2", 30, 4), ("s3", 25, 20), ("s4", 40, 31)):
        rows += [{"metric": "entry", "entity": school, "value": float(entered), "students": entered}]
        rows += [{"metric": "exit", "entity": school, "value": float(left), "students": left}]
        rows += [{"metric": "net", "entity": school, "value": float(entered - left), "students": None}]
    table = only(rows, *kinds)
    entities = [{**table.entities.to_pylist()[-1], "entity": name} for name in ("s1", "s2", "s3", "s4")]
    table = replace(table, entities=pa.Table.from_pylist(entities, table.entities.schema))
    result = protected(table)
    assert row(result, "net", "school", "s1", "all")["text"] == "18"
    assert row(result, "net", "school", "s2", "all")["status"] == "withheld"
    assert reason(result, "net", "school", "s2", "all") == ("secondary", "metric")


def test_missing_is_not_withheld_and_a_group_of_nobody_is_left_out() -> None:
    rows: list[Row] = [
        {"metric": "absent", "numerator": 40.0, "denominator": 200.0, "value": 0.2},
        {"metric": "absent", "group": "race:asian", "students": None},
        {"metric": "absent", "group": "race:white", "students": 0, "denominator": 0.0, "numerator": 0.0},
    ]
    result = protected(only(rows, metric("absent", "rate", "rolls")))
    assert row(result, "absent", "school", "s1", "race:asian")["status"] == "missing"
    assert "race:white" not in result.publication.figures["group"].to_pylist()


@pytest.mark.parametrize(("rule", "status", "text"), [("withhold", "withheld", "–"), ("band", "range", "21–39 %")])
def test_a_rate_of_unknown_size_is_withheld_unless_bands_are_allowed(rule: str, status: str, text: str) -> None:
    rows: list[Row] = [{"metric": "absent", "students": None, "value": 0.253}]
    result = protected(only(rows, metric("absent", "rate", "rolls")), Settings(unknown_students=rule))
    told = row(result, "absent", "school", "s1", "all")
    assert (told["status"], told["text"]) == (status, text)


def test_metrics_of_one_population_must_agree_on_its_students() -> None:
    rows: list[Row] = [
        {"metric": "a", "numerator": 40.0, "denominator": 200.0, "value": 0.2},
        {"metric": "b", "numerator": 40.0, "denominator": 201.0, "value": 40 / 201, "students": 201},
    ]
    with pytest.raises(ProtectionError, match="other numbers of students than another metric"):
        protected(only(rows, metric("a", "rate", "same"), metric("b", "rate", "same")))


def test_several_years_are_told_with_progress_and_alike_in_several_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    where = city(4, sizes=(40, 30))
    tables = [figures(where, year) for year in ("2024", "2025")]
    both = replace(tables[0], figures=pa.concat_tables([one.figures for one in tables]))
    steps: list[tuple[int, int, str]] = []
    alone = protected(both, progress=lambda done, of, what: steps.append((done, of, what)))
    assert steps[0] == (0, 2, "2024")
    assert (1, 2, "2025, absent") in steps
    monkeypatch.setattr("commonground.engines.disclosure.protect.protecting._FEW", 0)
    assert protected(both, processes=2).publication.files() == alone.publication.files()


def test_a_publication_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    result = protected(figures(city(2, sizes=(40, 30))))
    result.publication.write(tmp_path / "data")
    again = Publication.read(tmp_path / "data").figures
    assert again.equals(result.publication.figures)
    assert pc.all(pc.is_in(again["status"], pa.array(["exact", "range", "top", "bottom", "withheld"]))).as_py()
