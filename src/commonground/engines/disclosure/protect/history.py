"""Earlier releases in their order, and which figures of a year contradict what they told: data that were corrected since."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from commonground.engines.disclosure.protect.places import Bools, Floats
from commonground.engines.disclosure.publication import Publication
from commonground.engines.measures.figures import Figures

CELL = ("level", "entity", "grade", "period", "group")
SIGNED = "signed_count"
_TOLERANCE = 1e-6  # ends of bands are published with six digits


class OrderError(ValueError):
    """Nobody could tell which of two releases came first; the message says what to do."""


@dataclass(frozen=True)
class Tables:
    """The small tables of the figures, with what only earlier releases name."""

    metrics: pa.Table
    entities: pa.Table
    groups: pa.Table

    def used(self, figures: Figures, published: pa.Table) -> "Tables":
        """Without the rows that neither the figures nor what is published name."""
        keys = (("metric", "version"), ("level", "entity"), ("group",))
        tables = ((self.metrics, figures.metrics), (self.entities, figures.entities), (self.groups, figures.groups))
        return Tables(*(_used(*pair, published, key) for pair, key in zip(tables, keys, strict=True)))


def in_order(releases: Sequence[Publication]) -> tuple[Publication, ...]:
    """From the first to the last, by the day on which each was made."""
    return tuple(sorted(releases, key=lambda release: (release.manifest.made, len(release.manifest.earlier))))


def merged(figures: Figures, releases: Sequence[Publication]) -> Tables:
    """What earlier releases name and the figures do not: schools that closed, rules that were changed, groups of old."""
    return Tables(
        _merged(figures.metrics, [one.metrics for one in releases], ("metric", "version")),
        _merged(figures.entities, [one.entities for one in releases], ("level", "entity")),
        _merged(figures.groups, [one.groups for one in releases], ("group",)),
    )


def _merged(table: pa.Table, earlier: Sequence[pa.Table], key: Sequence[str]) -> pa.Table:
    known = {_named(row, key) for row in table.to_pylist()}
    more = {_named(row, key): row for other in earlier for row in other.to_pylist() if _named(row, key) not in known}
    return pa.concat_tables([table, pa.Table.from_pylist(list(more.values()), table.schema)]) if more else table


def _used(table: pa.Table, own: pa.Table, published: pa.Table, key: tuple[str, ...]) -> pa.Table:
    if table.num_rows == own.num_rows:
        return table
    named = {_named(row, key) for row in published.group_by(list(key)).aggregate([]).to_pylist()}
    rows = table.to_pylist()
    kept = [at < own.num_rows or _named(row, key) in named for at, row in enumerate(rows)]
    return table.filter(pa.array(kept))


def _named(row: dict[str, object], key: Sequence[str]) -> tuple[object, ...]:
    return tuple(row[name] for name in key)


def of_year(release: Publication, year: str) -> pa.Table:
    return release.figures.filter(pc.equal(release.figures["year"], year))


def corrected_metrics(part: pa.Table, metrics: pa.Table, releases: Sequence[Publication]) -> frozenset[str]:
    """The metrics of one year's figures whose students, or whose students counted, are not what an earlier release told of
    some metric of the same population; with them all counts and their differences, where the report has such."""
    if not releases or not part.num_rows:
        return frozenset()
    about = {row["metric"]: row for row in metrics.to_pylist()}
    year, own = part["year"][0].as_py(), set(part["metric"].unique().to_pylist())
    wrong = {name for release in releases for name in _contradicted(part, of_year(release, year), about)}
    populations = {_population(about[name]) for name in wrong}
    found = {name for name, row in about.items() if _population(row) in populations and row["kind"] != SIGNED}
    if SIGNED in {about[name]["kind"] for name in own} and any(about[name]["kind"] == "count" for name in found):
        found |= {name for name, row in about.items() if row["kind"] in ("count", SIGNED)}
    return frozenset(found & own)


def _population(row: dict[str, object]) -> str:
    return str(row["population"] or row["metric"])


def _contradicted(part: pa.Table, told: pa.Table, about: dict[str, dict[str, object]]) -> set[str]:
    """Metrics of which a release told something that is not so in ``part``, or did not tell a group that is there."""
    both = set(part["metric"].unique().to_pylist()) & set(told["metric"].unique().to_pylist())
    names = pa.array(sorted(name for name in both if about[name]["kind"] != SIGNED), pa.string())
    counts = pa.array([name for name in names.to_pylist() if about[name]["kind"] == "count"], pa.string())
    part = part.filter(pc.is_in(part["metric"], names))
    told = told.filter(pc.is_in(told["metric"], names))
    at = pc.index_in(_keys(part), value_set=_keys(told))
    rows = np.flatnonzero(np.asarray(pc.is_valid(at)))
    places = np.asarray(at.drop_null(), np.int64)
    counted = np.asarray(pc.is_in(part["metric"], counts))
    students = np.where(counted, numbers(part, "value"), numbers(part, "students"))
    values = numbers(part, "value")
    shown = told.take(places)
    wrong = ~_within(students[rows], shown, "students") | ~_within(values[rows], shown, "")
    came = np.ones(part.num_rows, bool)
    came[rows] = False
    came &= (students > 0) & ~np.isnan(values)
    gone = np.ones(told.num_rows, bool)
    gone[places[~(students[rows] == 0)]] = False
    gone &= _somebody(told)
    return {
        *part["metric"].take(rows[wrong]).unique().to_pylist(),
        *part["metric"].filter(pa.array(came)).unique().to_pylist(),
        *told["metric"].filter(pa.array(gone)).unique().to_pylist(),
    }


def _somebody(told: pa.Table) -> Bools:
    """Whether a row says, or leaves open, that there are students."""
    none = (numbers(told, "students_high") == 0) | np.asarray(pc.equal(told["status"], "missing"))
    return np.asarray(~none)


def _within(values: Floats, told: pa.Table, what: str) -> Bools:
    """Whether values lie where a release told that they do. Of what it did not tell, they do."""
    prefix = f"{what}_" if what else ""
    low, high = numbers(told, f"{prefix}low"), numbers(told, f"{prefix}high")
    with np.errstate(invalid="ignore"):
        inside = (low - _TOLERANCE <= values) & (values <= high + _TOLERANCE)
    return np.asarray(np.isnan(low) | np.isnan(high) | inside)


def numbers(table: pa.Table, name: str) -> Floats:
    return np.asarray(pc.fill_null(table[name].cast(pa.float64()), np.nan).to_numpy(), np.float64)


def _keys(figures: pa.Table) -> pa.Array:
    joined = pc.binary_join_element_wise(*(figures[name] for name in ("metric", *CELL)), "\x1f")
    return joined.combine_chunks() if isinstance(joined, pa.ChunkedArray) else joined
