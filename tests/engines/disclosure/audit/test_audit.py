"""What the auditor recovers from small publications, against trying every table that fits."""

import csv
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commonground.engines.disclosure.audit import Audit, AuditError, audit

from .publishing import HIDDEN, RACES, Cells, counts, publish, row, schools, shown, truth

ENTITIES = schools({"d1": ["s1", "s2"], "c1": ["s3"]})
CELLS = {
    ("s1", "race:asian"): 4, ("s1", "race:black"): 60, ("s1", "race:white"): 30,
    ("s2", "race:asian"): 20, ("s2", "race:black"): 7, ("s2", "race:white"): 50,
    ("s3", "race:asian"): 12, ("s3", "race:black"): 80, ("s3", "race:white"): 33,
}  # fmt: skip
SQUARE = {("school", school, race) for school in ("s1", "s2") for race in ("race:asian", "race:black")}


def figures(totals: Cells, hidden: set[tuple[str, str, str]]) -> list[dict[str, Any]]:
    return [row(*key, **(HIDDEN if key in hidden else shown(count))) for key, count in totals.items()]


def audited(folder: Path, hidden: set[tuple[str, str, str]], **options: Any) -> Audit:
    return audit([publish(folder, ENTITIES, figures(counts(ENTITIES, CELLS), hidden))], **options)


def test_a_single_withheld_count_follows_by_subtraction(tmp_path: Path) -> None:
    result = audited(tmp_path, {("school", "s1", "race:asian")})
    assert [(f.key[3], f.key[6], f.low, f.high, f.verdict) for f in result.findings] == [
        ("s1", "race:asian", 4, 4, "recovered")
    ]
    assert not result.ok


def test_four_withheld_counts_in_a_square_keep_each_other(tmp_path: Path) -> None:
    result = audited(tmp_path, SQUARE, exact=True, truth=truth(counts(ENTITIES, CELLS)))
    ends = {(f.key[3], f.key[6]): (f.low, f.high, f.outer_low, f.outer_high) for f in result.findings}
    assert ends == {
        ("s1", "race:asian"): (0, 24, 0, 24),
        ("s1", "race:black"): (40, 64, 40, 64),
        ("s2", "race:asian"): (0, 24, 0, 24),
        ("s2", "race:black"): (3, 27, 3, 27),
    }
    assert result.ok


def test_a_narrow_interval_fails_only_where_the_truth_needs_more(tmp_path: Path) -> None:
    cells = dict(CELLS) | {("s2", "race:asian"): 1, ("s1", "race:black"): 1}
    totals = counts(ENTITIES, cells)
    folder = publish(tmp_path, ENTITIES, figures(totals, SQUARE))
    known = audit([folder], truth=truth(totals), exact=True)
    assert {f.key[3:7:3]: f.verdict for f in known.findings} == {
        ("s1", "race:asian"): "under-protected",  # 4 keeps 0 .. 5, and needs 1 .. 7
        ("s1", "race:black"): "protected",  # 1 keeps 0 .. 5, and needs 0 .. 4
        ("s2", "race:asian"): "protected",
        ("s2", "race:black"): "under-protected",  # 7 keeps 3 .. 8, and needs 4 .. 10
    }


def test_an_earlier_release_that_showed_the_figure_betrays_it(tmp_path: Path) -> None:
    totals = counts(ENTITIES, CELLS)
    later = publish(tmp_path / "later", ENTITIES, figures(totals, SQUARE))
    earlier = publish(tmp_path / "earlier", ENTITIES, figures(totals, SQUARE - {("school", "s2", "race:asian")}))
    assert audit([later]).ok
    assert audit([later, earlier]).count("recovered") == 4


def test_a_total_that_nobody_published_protects(tmp_path: Path) -> None:
    totals = counts(ENTITIES, CELLS)
    kept = [f for f in figures(totals, SQUARE) if f["level"] == "school"]
    result = audit([publish(tmp_path, ENTITIES, kept)], exact=True)
    assert {f.outer_high for f in result.findings} == {64, 27}


def test_releases_that_contradict_each_other_are_refused(tmp_path: Path) -> None:
    one = publish(tmp_path / "one", ENTITIES, figures(counts(ENTITIES, CELLS), SQUARE))
    other_cells = dict(CELLS) | {("s3", "race:asian"): 13}
    two = publish(tmp_path / "two", ENTITIES, figures(counts(ENTITIES, other_cells), SQUARE))
    with pytest.raises(AuditError, match="contradict"):
        audit([one, two])


def rate(level: str, entity: str, group: str, students: int, numerator: int, step: float) -> dict[str, Any]:
    low = int(numerator / students / step) * step
    bounds = {"low": round(low, 4), "high": round(min(low + step, 1), 4)}
    return row(
        level, entity, group, "suspended", status="range", students_low=students, students_high=students, **bounds
    )


def test_a_rate_so_fine_that_its_numerator_follows_is_found(tmp_path: Path) -> None:
    cells = {("s1", race): 40 for race in RACES}
    entities = schools({"d1": ["s1"]})
    totals = counts(entities, cells)
    for step, fine in ((0.001, True), (0.1, False)):
        rates = [
            rate(*key, students=n, numerator=3 * n // 40, step=step) for key, n in totals.items() if key[2] != "all"
        ]
        result = audit([publish(tmp_path / str(step), entities, [*figures(totals, set()), *rates])])
        assert result.shown == len(rates)
        assert bool(result.findings) == fine
        assert {f.verdict for f in result.findings} == ({"recovered"} if fine else set())


def test_a_withheld_numerator_follows_from_exact_ones_beside_it(tmp_path: Path) -> None:
    cells = {("s1", race): 400 for race in RACES}
    entities = schools({"d1": ["s1"]})
    totals = counts(entities, cells)
    shown_rates = [
        rate(*key, students=n, numerator=n // 10, step=1e-5) for key, n in totals.items() if key[2] != RACES[0]
    ]
    keys = [key for key in totals if key[2] == RACES[0]]
    students = {"students_low": 400, "students_high": 400}
    hidden = [row(*key, metric="suspended", **HIDDEN, **students) for key in keys]
    result = audit([publish(tmp_path, entities, [*figures(totals, set()), *shown_rates, *hidden])])
    found = {f.key[2]: (f.outer_low, f.outer_high, f.verdict) for f in result.findings if f.key[6] == RACES[0]}
    assert found == dict.fromkeys(("school", "lea", "sector", "city"), (40, 40, "recovered"))


def consistent(totals: Cells, hidden: set[tuple[str, str, str]]) -> list[Cells]:
    """Every table of whole numbers with the published figures, by trying them all: the whole city has at most 9 students."""
    names = [("s1", race) for race in RACES] + [("s2", race) for race in RACES]
    entities = schools({"d1": ["s1", "s2"]})
    most = [totals["school", *name] if ("school", *name) not in hidden else 9 for name in names]
    least = [0 if ("school", *name) in hidden else top for name, top in zip(names, most, strict=True)]
    fitting = []
    for values in product(*(range(a, b + 1) for a, b in zip(least, most, strict=True))):
        table = counts(entities, dict(zip(names, values, strict=True)))
        if all(table[key] == count for key, count in totals.items() if key not in hidden):
            fitting.append(table)
    return fitting


SMALL_TABLES = st.lists(st.integers(0, 3), min_size=6, max_size=6).filter(
    lambda values: sum(values) <= 9
)  # see consistent


@given(SMALL_TABLES, st.sets(st.integers(0, 23)))
@settings(max_examples=60)
def test_intervals_are_those_of_all_tables_that_fit(tmp_path: Path, values: list[int], numbers: set[int]) -> None:
    entities = schools({"d1": ["s1", "s2"]})
    names = [("s1", race) for race in RACES] + [("s2", race) for race in RACES]
    totals = counts(entities, dict(zip(names, values, strict=True)))
    keys = [key for key in sorted(totals) if key != ("city", "city", "all")]
    hidden = {keys[number] for number in numbers if number < len(keys)}
    result = audit([publish(tmp_path, entities, figures(totals, hidden))], exact=True)
    fitting = consistent(totals, hidden)
    for finding in result.findings:
        reached = [table[finding.key[2], finding.key[3], finding.key[6]] for table in fitting]
        assert (finding.outer_low, finding.outer_high) == (min(reached), max(reached))
        assert (finding.low, finding.high) == (min(reached), max(reached))


def change(path: Path, name: str, value: str) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    rows[0][name] = value
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def test_a_changed_file_is_refused(tmp_path: Path) -> None:
    folder = publish(tmp_path, ENTITIES, figures(counts(ENTITIES, CELLS), SQUARE))
    change(folder / "figures.csv", "high", "5")
    with pytest.raises(AuditError, match=r"figures\.csv is not the file that was published"):
        audit([folder])


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("status", "hidden", "has the status 'hidden'"),
        ("reason", "small", "tells small groups from others"),
        ("metric", "absence", "which metrics.csv does not describe"),
    ],
)
def test_what_the_format_does_not_know_is_named(tmp_path: Path, field: str, value: str, message: str) -> None:
    rows = figures(counts(ENTITIES, CELLS), SQUARE)
    rows[0][field] = value
    with pytest.raises(AuditError, match=message):
        audit([publish(tmp_path, ENTITIES, rows)])


def test_a_folder_without_a_publication_says_so(tmp_path: Path) -> None:
    with pytest.raises(AuditError, match=r"has no manifest\.json"):
        audit([tmp_path])
