"""Figures from the canonical tables: one set of Ibis expressions, on DuckDB by default and on Spark for a state.

connection = connect(memory="1GB")
figures = compute(rules, open_tables(folder, connection))
"""

from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import replace
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.compute as pc

from commonground.engines.measures.compute.cells import summed
from commonground.engines.measures.compute.finish import figures_of, half_up, missing_rows
from commonground.engines.measures.compute.records import moves
from commonground.engines.measures.compute.spells import Question, spells
from commonground.engines.measures.figures import (
    ALL,
    CITY,
    ENTITIES,
    FIGURES,
    GROUPS,
    KEY,
    METRICS,
    Figures,
)
from commonground.engines.measures.rules import Rule, Rules, sentence
from commonground.engines.measures.tables import Tables

__all__ = ["compute", "connect", "half_up", "questions"]

SECTOR_NAMES = {"district": "District schools", "charter": "Charter schools", "other": "Other schools"}


def connect(memory: str = "1GB", threads: int | None = None, spill: str | None = None) -> Any:
    """An Ibis connection to DuckDB in memory.

    Args:
        memory: how much DuckDB may take, such as "1GB"; beyond it goes to disk.
        spill: the folder for what does not fit; DuckDB's own choice without one.
    """
    settings: dict[str, Any] = {"memory_limit": memory, "preserve_insertion_order": False}
    settings |= {"threads": threads} if threads else {}
    settings |= {"temp_directory": spill} if spill else {}
    return ibis.duckdb.connect(**settings)


def compute(
    rules: Rules, tables: Tables, *, years: Sequence[str] | None = None, tell: Callable[[str], None] = lambda rule: None
) -> Figures:
    """All figures of the rules in force, for the school years that have enrollments.

    Args:
        years: ending years to compute; all without it.
        tell: is called with each rule's id before it is computed.
    """
    parts = [FIGURES.empty_table()]
    asked = list(questions(rules, tables, years))
    known: dict[tuple[Rule, tuple[str, ...]], pa.Table] = {}
    for ask in asked:
        tell(ask.rule.id)
        alike = _alike(ask)
        if alike not in known:
            known = {alike: summed(ask)}
        made = figures_of(ask, known[alike])
        parts += [made, missing_rows(ask, _without_data(ask, made))]
    figures = pa.concat_tables(parts).sort_by([(name, "ascending") for name in KEY])
    return Figures(
        figures.combine_chunks(), _metrics(rules, [ask.rule for ask in asked]), _entities(tables), _groups(rules)
    )


def _alike(ask: Question) -> tuple[Rule, tuple[str, ...]]:
    """The question without what makes no difference to its sums, so that entries, withdrawals and their net are summed once."""
    bare = replace(ask.rule, id="", version="", name_en="", name_es="", source="", source_es="", by_month="", within="")
    return (replace(bare, kind="", measure="moves") if moves(ask) else bare), tuple(ask.years)


def questions(rules: Rules, tables: Tables, years: Sequence[str] | None = None) -> Iterator[Question]:
    """Each rule with the years that it is in force in, in the file's order."""
    enrollments = tables["enrollments"]
    present = sorted(enrollments.select("year").distinct().to_pyarrow()["year"].to_pylist())
    wanted = [year for year in present if years is None or year in years]
    for rule in rules.metrics:
        own = [year for year in wanted if rule in rules.for_year(year)]
        if own:
            yield Question(rule, rules, tables, own)


def _without_data(ask: Question, made: pa.Table) -> pa.Table:
    """Year, level and entity of schools and LEAs with students in the rule's grades for whom there is no figure."""
    if ask.rule.kind in ("count", "signed_count"):
        return pa.table({name: pa.array([], pa.string()) for name in ("year", "level", "entity")})
    enrolled = spells(ask).select("year", "school").distinct().join(ask.tables["schools"], "school")
    places = enrolled.select("year", "school", "lea").to_pyarrow()
    wanted = (
        pa.concat_tables(
            pa.table(
                {
                    "year": places["year"],
                    "level": pa.array([level] * places.num_rows, pa.string()),
                    "entity": places[level],
                }
            )
            for level in ("school", "lea")
        )
        .group_by(["year", "level", "entity"])
        .aggregate([])
    )
    key = ["year", "level", "entity"]
    have = made.filter(pc.and_(pc.equal(made["group"], ALL), pc.equal(made["grade"], ALL))).select(key)
    return wanted.join(have, keys=key, join_type="left anti")


def _metrics(rules: Rules, used: Sequence[Rule]) -> pa.Table:
    ids = {rule.id for rule in used}
    return pa.Table.from_pylist([_metric(rules, rule, ids) for rule in used], METRICS)


def _metric(rules: Rules, rule: Rule, used: Set[str]) -> dict[str, object]:
    texts = {
        name: getattr(rule, name)
        for name in ("version", "kind", "name_en", "name_es", "source", "source_es", "effective")
    }
    within = rule.within if rule.within in used else ""
    said = {f"sentence_{language}": sentence(rule, rules, language) for language in ("en", "es")}
    adds = {"adds_over_entities": rule.adds_over_entities, "adds_over_groups": True, "adds_over_grades": True}
    return {"metric": rule.id, "population": rules.population(rule), "within": within, **texts, **said, **adds}


def _entities(tables: Tables) -> pa.Table:
    schools = tables["schools"].to_pyarrow().to_pylist()
    leas = tables["leas"].to_pyarrow().to_pylist()
    blank = dict.fromkeys(ENTITIES.names, "")
    rows: list[dict[str, str]] = [blank | {"entity": CITY, "level": CITY, "name": "City"}]
    sectors = sorted({school["sector"] for school in schools})
    rows += [
        blank | {"entity": name, "level": "sector", "name": SECTOR_NAMES.get(name, name), "sector": name}
        for name in sectors
    ]
    known = {lea["lea"]: lea for lea in leas}
    for name in sorted({school["lea"] for school in schools}):
        own = known.get(name, {"name": name, "sector": next(s["sector"] for s in schools if s["lea"] == name)})
        rows.append(blank | {"entity": name, "level": "lea", "name": own["name"], "lea": name, "sector": own["sector"]})
    rows += [
        {"entity": school["school"], "level": "school", **{name: school[name] or "" for name in ENTITIES.names[2:]}}
        for school in sorted(schools, key=lambda school: school["school"])
    ]
    return pa.Table.from_pylist(rows, ENTITIES)


def _groups(rules: Rules) -> pa.Table:
    return pa.Table.from_pylist(list(rules.groups.rows()), GROUPS)
