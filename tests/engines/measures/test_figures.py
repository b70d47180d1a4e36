"""Figures are four tables that fit each other, or an error says which part does not and what to do."""

import dataclasses

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from commonground.engines.measures.figures import ENTITIES, FIGURES, GROUPS, METRICS, Figures, FiguresError


def _figures() -> Figures:
    key = {"year": "2025", "metric": "chronic_absence", "version": "1", "grade": "all", "period": "year"}
    rate = {"students": 20, "numerator": 5.0, "denominator": 20.0, "value": 0.25}
    missing = {"students": None, "numerator": None, "denominator": None, "value": None}
    metric = {
        "metric": "chronic_absence", "version": "1", "kind": "rate", "population": "attending", "within": "",
        "name_en": "Chronic absence", "name_es": "Ausentismo crónico", "sentence_en": "…", "sentence_es": "…",
        "source": "invented", "source_es": "inventada", "effective": "2025", "adds_over_entities": True, "adds_over_groups": True,
        "adds_over_grades": True,
    }  # fmt: skip
    city = {
        "entity": "city",
        "level": "city",
        "name": "City",
        "lea": "",
        "sector": "",
        "low_grade": "",
        "high_grade": "",
    }
    return Figures(
        figures=pa.Table.from_pylist(
            [
                {**key, "level": "city", "entity": "city", "group": "all", **rate},
                {**key, "level": "city", "entity": "city", "group": "sex:female", **missing},
            ],
            FIGURES,
        ),
        metrics=pa.Table.from_pylist([metric], METRICS),
        entities=pa.Table.from_pylist([city], ENTITIES),
        groups=pa.Table.from_pylist(
            [
                {"group": "all", "family": "", "name_en": "All", "name_es": "Todos"},
                {"group": "sex:female", "family": "sex", "name_en": "Girls", "name_es": "Niñas"},
            ],
            GROUPS,
        ),
    )


@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_what_is_written_is_read_again_with_missing_still_missing(tmp_path, kind):
    _figures().write(tmp_path, kind)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        f"{name}.{kind}" for name in ("entities", "figures", "groups", "metrics")
    ]
    again = Figures.read(tmp_path)
    assert again == _figures()
    assert again.figures["value"].to_pylist() == [0.25, None]


def _with(column: str, values: list[object]) -> Figures:
    rows = _figures().figures
    at = rows.schema.get_field_index(column)
    changed = rows.set_column(at, FIGURES.field(at), pa.array(values, FIGURES.field(at).type))
    return dataclasses.replace(_figures(), figures=changed)


@pytest.mark.parametrize(
    ("column", "values", "said"),
    [
        ("group", ["all", "all"], "stands there 2 times. Keep one row."),
        ("group", ["all", "sex:male"], "sex:male is not in groups. Add it there"),
        ("metric", ["chronic_absence", "absence"], "absence, 1 is not in metrics."),
        ("entity", ["city", "town"], "city, town is not in entities."),
        ("students", [-1, None], "students: -1"),
        ("numerator", [21.0, None], "numerator: 21.0"),
        ("value", [0.5, None], "value: 0.5"),
        ("value", [25.0, None], "Divide per cents by 100."),
        ("value", [float("nan"), None], "figures, value: holds NaN."),
        ("year", ["2025", None], "figures, year: is empty in 1 rows."),
    ],
)
def test_a_fault_is_named_with_its_place_and_remedy(column, values, said):
    with pytest.raises(FiguresError) as caught:
        _with(column, values).validate()
    assert said in str(caught.value)


def test_nothing_is_written_when_the_tables_do_not_fit(tmp_path):
    with pytest.raises(FiguresError):
        _with("students", [-1, None]).write(tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_an_absent_table_and_an_absent_column_are_named(tmp_path):
    _figures().write(tmp_path, "csv")
    (tmp_path / "groups.csv").unlink()
    (tmp_path / "metrics.csv").write_text("metric,version\nx,1\n")
    with pytest.raises(FiguresError) as caught:
        Figures.read(tmp_path)
    assert "there is no groups.parquet and no groups.csv" in str(caught.value)
    assert "metrics: has no column kind" in str(caught.value)


def test_a_file_that_is_no_table_is_named(tmp_path):
    _figures().write(tmp_path)
    (tmp_path / "figures.parquet").write_bytes(b"not a table")
    with pytest.raises(FiguresError, match=r"figures\.parquet: cannot be read"):
        Figures.read(tmp_path)


def test_a_column_of_another_type_is_named():
    table = _figures().figures
    table = table.set_column(0, "year", pc.cast(table["year"], pa.int64()))
    with pytest.raises(FiguresError, match="figures, year: is int64"):
        dataclasses.replace(_figures(), figures=table).validate()
