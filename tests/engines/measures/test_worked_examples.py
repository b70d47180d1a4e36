"""The measures' reference works every metric by hand; the computation and its twin agree with it, and nothing is left out."""

import csv
import datetime
import io
import re
from pathlib import Path

import ibis
import pyarrow as pa
import pytest

from commonground.engines.measures.compute import compute
from commonground.engines.measures.figures import FIGURE_COLUMNS, KEY
from commonground.engines.measures.rules import shipped_rules
from commonground.engines.measures.rules.options import MEASURES, OPTIONS
from commonground.engines.measures.tables import arrow_schema, tables_of
from commonground.engines.measures.twin import twin_figures

DOCS = Path(__file__).resolve().parents[3] / "docs" / "reference"
PAGE = (DOCS / "equity-measures.md").read_text("utf-8")
LEVEL = {"Oak": "school", "Elm": "school", "city": "city"}


def records():
    """The records on the page, table by table."""
    names = re.findall(r"`(\w+)`", " ".join(re.findall(r"^`\w+`.*$", PAGE, re.MULTILINE)))
    tables = [name for name in names if name not in ("entry", "exit")]
    blocks = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
    return {name: [typed(name, row) for row in csv.DictReader(io.StringIO(block))]
            for name, block in zip(tables, blocks, strict=True)}  # fmt: skip


def typed(name, row):
    kinds = {field.name: field.type for field in arrow_schema(name)}
    return {column: value(text, kinds[column]) for column, text in row.items()}


def value(text, kind):
    if kind == pa.string():
        return text
    if not text:
        return None
    return (
        datetime.date.fromisoformat(text) if kind == pa.date32() else int(text) if kind == pa.int64() else float(text)
    )


def expected():
    for metric, section in re.findall(r"^## (\w+)\n(.*?)(?=^## )", PAGE, re.MULTILINE | re.DOTALL):
        for line in re.findall(r"^\| (?!entity|---)(.*) \|$", section, re.MULTILINE):
            entity, group, period, *numbers = (cell.strip() for cell in line.split("|"))
            yield metric, entity, group, period, tuple(float(number) if number else None for number in numbers)


@pytest.fixture(scope="module")
def city():
    return records()


@pytest.fixture(scope="module")
def found(city):
    tables = {name: ibis.memtable(pa.Table.from_pylist(rows, arrow_schema(name))) for name, rows in city.items()}
    figures = compute(shipped_rules(), tables_of(tables | {"leas": ibis.memtable(arrow_schema("leas").empty_table())}))
    rows = zip(*(figures.figures[name].to_pylist() for name in FIGURE_COLUMNS), strict=True)
    return {row[: len(KEY)]: row[len(KEY) :] for row in rows}


def test_the_page_shows_figures_of_every_shipped_metric():
    assert {metric for metric, *_ in expected()} == {rule.id for rule in shipped_rules().metrics}
    assert len(list(expected())) > 40


@pytest.mark.parametrize("example", list(expected()), ids=lambda example: "-".join(example[:4]))
def test_an_example_worked_by_hand(example, found):
    metric, entity, group, period, numbers = example
    assert found["2025", metric, "1", LEVEL[entity], entity, "all", period, group] == numbers


def test_the_twin_finds_the_same(found, city):
    assert twin_figures(shipped_rules(), {"leas": [], **city}) == found


def test_the_page_on_rules_explains_every_key_and_measure():
    page = (DOCS / "equity-rules.md").read_text("utf-8")
    assert [name for name in (*OPTIONS, *MEASURES) if f"`{name}`" not in page] == []
