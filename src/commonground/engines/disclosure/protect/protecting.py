"""The door: figures of any number of years to one publication. Years are protected one beside the other."""

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from commonground.engines.disclosure.protect.earlier import told_before
from commonground.engines.disclosure.protect.places import Adds, Names, codes
from commonground.engines.disclosure.protect.rows import Metric, Rows, Told
from commonground.engines.disclosure.protect.settings import Settings
from commonground.engines.disclosure.protect.students import FiguresDisagreeError
from commonground.engines.disclosure.protect.year import Year, protect_year
from commonground.engines.disclosure.publication import FIGURES, KEY, Manifest, Publication
from commonground.engines.measures.figures import Figures

Progress = Callable[[int, int, str], None]
DECISIONS = pa.schema([(name, pa.string()) for name in (*KEY, "reason", "protects")])
_PUBLIC = {"small": "small_group", "complement": "few_students", "dominant": "small_group", "secondary": "small_group"}
_FEW = 20_000  # rows of a year below which a process of its own costs more than it saves


class ProtectionError(ValueError):
    """The figures cannot be protected as they are; the message says why and what to do."""


@dataclass(frozen=True)
class Exposed:
    """A withheld figure that an outsider can narrow too far, whatever is withheld now."""

    year: str
    metric: str
    level: str
    entity: str
    grade: str
    period: str
    group: str


@dataclass(frozen=True)
class Protected:
    """A publication, and what only its makers may know.

    Attributes:
        publication: may be read by everybody, unless something is ``exposed``.
        decisions: why each figure is withheld, under `DECISIONS`: ``reason`` is "small", "complement" (the students counted
            or the rest would be fewer than the minimum), "dominant" (one LEA with a withheld figure makes up almost
            all) or "secondary"; then ``protects`` says what kind of figure: "group" (another group of the same place),
            "place" (a group elsewhere), "grade", "metric" (another metric) or "release" (what an earlier one withheld).
        exposed: figures that an outsider can narrow too far, whatever is withheld now.
    """

    publication: Publication
    decisions: pa.Table
    exposed: tuple[Exposed, ...]


def protect(
    figures: Figures,
    settings: Settings,
    *,
    title: str,
    made: str,
    rules: str = "",
    earlier: Sequence[Publication] = (),
    processes: int = 1,
    seconds: float = 20.0,
    progress: Progress | None = None,
) -> Protected:
    """Protect figures for everybody to read.

    Args:
        title, made: the report's name and date ("2025-10-01"), for the manifest.
        rules: SHA-256 of the file of business rules.
        earlier: releases that were published before, in any order; their readers are taken to have kept them.
        processes: how many years may be worked on at once.
        seconds: the longest search for the fewest figures to withhold, for one table; the answer always protects.
        progress: told the years that are done, of how many, and what comes next.

    Raises:
        ProtectionError: metrics that should share their students do not.
    """
    table = figures.figures.sort_by([(name, "ascending") for name in KEY])
    years = sorted(table["year"].unique().to_pylist())
    parts = [table.filter(pc.equal(table["year"], year)) for year in years]
    tasks = [(part, figures.metrics, figures.entities, tuple(earlier), settings, seconds) for part in parts]
    try:
        done = _each(tasks, processes, years, progress)
    except FiguresDisagreeError as error:
        raise ProtectionError(str(error)) from error
    return Protected(
        Publication(
            manifest=_manifest(years, settings, title, made, rules, earlier),
            figures=_join([_published(part, year.told) for part, year in zip(parts, done, strict=True)], FIGURES),
            entities=_sorted(figures.entities),
            groups=_sorted(figures.groups),
            metrics=_sorted(figures.metrics),
        ),
        decisions=_join([_decisions(part, year.told) for part, year in zip(parts, done, strict=True)], DECISIONS),
        exposed=tuple(one for part, year in zip(parts, done, strict=True) for one in _exposed(part, year)),
    )


_Task = tuple[pa.Table, pa.Table, pa.Table, tuple[Publication, ...], Settings, float]


def _each(tasks: list[_Task], processes: int, years: list[str], progress: Progress | None) -> list[Year]:
    tell = progress or (lambda done, of, what: None)
    if processes < 2 or len(tasks) < 2 or max(task[0].num_rows for task in tasks) < _FEW:
        done = []
        for at, task in enumerate(tasks):
            tell(at, len(tasks), years[at])
            done.append(_protect(task, lambda metric, at=at: tell(at, len(tasks), f"{years[at]}, {metric}")))  # type: ignore[misc]
        return done
    # Forking a process that runs threads (DuckDB, Arrow) can hang it.
    with ProcessPoolExecutor(min(processes, len(tasks)), mp_context=get_context("spawn")) as pool:
        found = []
        for at, year in enumerate(pool.map(_protect, tasks)):
            tell(at + 1, len(tasks), years[at])
            found.append(year)
        return found


def _protect(task: _Task, progress: Callable[[str], None] | None = None) -> Year:
    part, metrics, entities, earlier, settings, seconds = task
    rows = _rows(part, metrics, entities)
    return protect_year(rows, told_before(part, earlier), settings, seconds, progress or (lambda metric: None))


def _rows(part: pa.Table, metrics: pa.Table, entities: pa.Table) -> Rows:
    names = Names(part, entities)
    known = {(row["metric"], row["version"]): row for row in metrics.to_pylist()}
    used = part.select(["metric", "version"]).group_by(["metric", "version"]).aggregate([]).to_pylist()
    pairs = sorted((row["metric"], row["version"]) for row in used)
    joined = pc.binary_join_element_wise(part["metric"], part["version"], "\x1f")

    def number(name: str) -> np.ndarray:
        return np.asarray(pc.fill_null(part[name].cast(pa.float64()), np.nan).to_numpy(), np.float64)

    return Rows(
        names=names,
        metrics=tuple(_metric(known[pair]) for pair in pairs),
        metric=codes(joined, ["\x1f".join(pair) for pair in pairs]),
        cell=names.cells(part),
        students=number("students"),
        numerator=number("numerator"),
        value=number("value"),
    )


def _metric(row: dict[str, object]) -> Metric:
    adds = Adds(bool(row["adds_over_entities"]), bool(row["adds_over_grades"]), True, bool(row["adds_over_groups"]))
    population = str(row["population"] or row["metric"])
    return Metric(str(row["metric"]), str(row["version"]), str(row["kind"]), population, str(row["within"]), adds)


def _published(part: pa.Table, told: Told) -> pa.Table:
    columns = {name: part[name] for name in KEY}
    columns |= {"status": pa.array(told.status, pa.string()), "text": pa.array(told.text, pa.string())}
    columns["reason"] = pa.array([_PUBLIC.get(reason, reason) for reason in told.reason], pa.string())
    for name in ("low", "high", "students_low", "students_high"):
        columns[name] = _number(getattr(told, name))
    least, most = _numerators(part, told)
    columns |= {"numerator_low": _number(least), "numerator_high": _number(most)}
    return pa.table({name: columns[name] for name in FIGURES.names}, FIGURES).filter(pa.array(told.kept))


def _numerators(part: pa.Table, told: Told) -> tuple[np.ndarray, np.ndarray]:
    """What follows for the students counted from the two intervals of a rate."""
    rate = np.asarray(pc.is_valid(part["numerator"])) & (told.status != "exact") & (told.status != "missing")
    rate &= ~np.isnan(told.students_low)
    low = np.where(np.isnan(told.low), 0.0, told.low)
    high = np.where(np.isnan(told.high), 1.0, told.high)
    least = np.where(rate, np.ceil(low * told.students_low - 1e-9), np.nan)
    return least, np.where(rate, np.floor(high * told.students_high + 1e-9), np.nan)


def _number(values: np.ndarray) -> pa.Array:
    return pa.array(values, pa.float64(), mask=np.isnan(values))


def _decisions(part: pa.Table, told: Told) -> pa.Table:
    texts = {"reason": pa.array(told.reason, pa.string()), "protects": pa.array(told.protects, pa.string())}
    named = pa.table({**{name: part[name] for name in KEY}, **texts}, DECISIONS)
    return named.filter(pa.array(told.kept & (told.status == "withheld")))


def _exposed(part: pa.Table, year: Year) -> list[Exposed]:
    rows = part.take(year.stuck).select([name for name in KEY if name != "version"]).to_pylist()
    return [Exposed(**row) for row in rows]


def _join(tables: list[pa.Table], schema: pa.Schema) -> pa.Table:
    return pa.concat_tables([schema.empty_table(), *tables]).combine_chunks()


def _sorted(table: pa.Table) -> pa.Table:
    return table.sort_by([(name, "ascending") for name in table.column_names])


def _manifest(
    years: list[str], settings: Settings, title: str, made: str, rules: str, earlier: Sequence[Publication]
) -> Manifest:
    bands = [{"students": step.students, "per_cent": step.per_cent} for step in settings.bands]
    return Manifest(
        title=title,
        made=made,
        years=tuple(years),
        minimum=settings.minimum,
        share=settings.share,
        least=settings.least,
        rounding={"students": settings.rounding, "rates": bands},
        rules=rules,
        earlier=tuple(sorted({release.manifest.digest for release in earlier})),
    )
