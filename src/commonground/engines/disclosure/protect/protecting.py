"""The door: figures of any number of years to one publication. Years are protected one beside the other."""

from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

import pyarrow as pa
import pyarrow.compute as pc

from commonground.engines.disclosure.protect.earlier import told_before
from commonground.engines.disclosure.protect.history import OrderError, Tables, corrected_metrics, in_order, merged
from commonground.engines.disclosure.protect.outcome import DECISIONS, Outcome
from commonground.engines.disclosure.protect.places import Names
from commonground.engines.disclosure.protect.retelling import Retelling
from commonground.engines.disclosure.protect.rows import arrange
from commonground.engines.disclosure.protect.settings import Effort, Settings
from commonground.engines.disclosure.protect.students import FiguresDisagreeError
from commonground.engines.disclosure.protect.year import protect_year
from commonground.engines.disclosure.publication import FIGURES, KEY, Manifest, Publication
from commonground.engines.measures.figures import Figures

Progress = Callable[[int, int, str], None]
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
    as_before: Collection[str] = (),
    processes: int = 1,
    seconds: float = 20.0,
    proven: bool = True,
    progress: Progress | None = None,
) -> Protected:
    """Protect figures for everybody to read.

    Args:
        title, made: the report's name and date ("2025-10-01"), for the manifest.
        rules: SHA-256 of the file of business rules.
        earlier: releases that were published before, in any order; their readers are taken to have kept them. Where data
            were corrected since, figures stand or are told anew; see `retelling`.
        as_before: years of which no correction is told.
        processes: how many parts of years may be worked on at once.
        seconds, proven: see `Effort`; without proofs, ``exposed`` names only what is open at first sight.
        progress: told the years that are done, of how many, and what comes next.

    Raises:
        ProtectionError: metrics that should share their students do not; or figures are corrected on the day of the earlier
            release.
    """
    table = figures.figures.sort_by([(name, "ascending") for name in KEY])
    years = sorted(table["year"].unique().to_pylist())
    history = in_order(earlier)
    tables = merged(figures, history)
    parts = [table.filter(pc.equal(table["year"], year)) for year in years]
    processes = processes if max((part.num_rows for part in parts), default=0) >= _FEW else 1
    tasks = [
        _Task(year, part, tables, history, settings, Effort(seconds, proven), made, year in as_before)
        for year, whole in zip(years, parts, strict=True)
        for part in (_parts(whole, tables.metrics) if processes > 1 else [whole])
    ]
    try:
        done = _each(tasks, processes, progress)
    except (FiguresDisagreeError, OrderError) as error:
        raise ProtectionError(str(error)) from error
    order = [(name, "ascending") for name in KEY]
    published = _join([one.figures for one in done], FIGURES).sort_by(order)
    used = tables.used(figures, published)
    return Protected(
        Publication(
            manifest=_manifest(years, settings, title, made, rules, earlier),
            figures=published,
            entities=_sorted(used.entities),
            groups=_sorted(used.groups),
            metrics=_sorted(used.metrics),
        ),
        decisions=_join([one.decisions for one in done], DECISIONS).sort_by(order),
        exposed=tuple(Exposed(*key) for key in sorted(key for one in done for key in one.exposed)),
    )


@dataclass(frozen=True)
class _Task:
    """One year's figures, or a part of them, and all that is needed to protect them."""

    year: str
    part: pa.Table
    tables: Tables
    history: tuple[Publication, ...]
    settings: Settings
    effort: Effort
    made: str
    as_before: bool


def _parts(year: pa.Table, metrics: pa.Table) -> list[pa.Table]:
    """A year's figures in two parts that have nothing to do with each other: counts, with the differences of counts, and all
    the others."""
    counts = metrics.filter(pc.is_in(metrics["kind"], pa.array(["count", "signed_count"])))
    populations = pa.concat_arrays([counts["population"].combine_chunks(), counts["metric"].combine_chunks()])
    linked = metrics.filter(
        pc.or_(pc.is_in(metrics["metric"], populations), pc.is_in(metrics["population"], populations))
    )
    counted = pc.is_in(year["metric"], linked["metric"].combine_chunks())
    return [part for part in (year.filter(pc.invert(counted)), year.filter(counted)) if part.num_rows]


def _each(tasks: list[_Task], processes: int, progress: Progress | None) -> list[Outcome]:
    tell = progress or (lambda done, of, what: None)
    if processes < 2 or len(tasks) < 2:
        done = []
        for at, task in enumerate(tasks):
            tell(at, len(tasks), task.year)
            done.append(_protect(task, lambda metric, at=at: tell(at, len(tasks), f"{tasks[at].year}, {metric}")))  # type: ignore[misc]
        return done
    tasks = sorted(tasks, key=lambda task: -task.part.num_rows)
    # Forking a process that runs threads (DuckDB, Arrow) can hang it.
    with ProcessPoolExecutor(min(processes, len(tasks)), mp_context=get_context("spawn")) as pool:
        found = []
        for at, outcome in enumerate(pool.map(_protect, tasks)):
            tell(at + 1, len(tasks), tasks[at].year)
            found.append(outcome)
        return found


def _protect(task: _Task, progress: Callable[[str], None] | None = None) -> Outcome:
    tell, metrics = progress or (lambda metric: None), task.tables.metrics
    corrected = corrected_metrics(task.part, metrics, task.history)
    again = pc.is_in(task.part["metric"], pa.array(sorted(corrected), pa.string()))
    parts = [_usual(task, task.part.filter(pc.invert(again)), tell)]
    if corrected:
        year = Retelling(task.part.filter(again), task.tables, task.history, task.settings, task.effort)
        parts.append(year.stand() if task.as_before else year.tell(task.made, tell))
    return Outcome.join(parts)


def _usual(task: _Task, part: pa.Table, tell: Callable[[str], None]) -> Outcome:
    rows = arrange(part, task.tables.metrics, Names(part, task.tables.entities))
    year = protect_year(rows, told_before(part, task.history), task.settings, task.effort, tell)
    return Outcome.of(part, year.told, year.stuck)


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
