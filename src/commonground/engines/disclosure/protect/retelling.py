"""A year that was published before and whose data were corrected since: which figures stand, and which are told anew.

A figure stands as it was published, unless it is told anew from the corrected data. One that stands says nothing of the
corrected data, so nobody can tell one that was corrected a little from one that was not corrected at all. Told anew are
figures whose correction is no small group of students itself, as far as others do not give away smaller corrections or
small groups. See docs/explanation/how-small-groups-are-protected.md.
"""

from collections.abc import Callable, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from commonground.engines.disclosure.protect.before import Before, Row, read_before, students_of
from commonground.engines.disclosure.protect.corrections import Corrected, tell_corrections
from commonground.engines.disclosure.protect.history import CELL, SIGNED, OrderError, Tables, of_year
from commonground.engines.disclosure.protect.outcome import Outcome
from commonground.engines.disclosure.protect.places import Ints, Names
from commonground.engines.disclosure.protect.rates_again import tell_rates_again
from commonground.engines.disclosure.protect.rows import Told, arrange
from commonground.engines.disclosure.protect.settings import Effort, Settings
from commonground.engines.disclosure.protect.year import count_parts
from commonground.engines.disclosure.publication import FIGURES, Publication

Progress = Callable[[str], None]
CELL_SCHEMA = pa.schema([(name, pa.string()) for name in CELL])


class Retelling:
    """The figures ``part`` of one year, all of metrics of populations that were corrected; see `history.corrected_metrics`."""

    def __init__(
        self, part: pa.Table, tables: Tables, releases: Sequence[Publication], settings: Settings, effort: Effort
    ) -> None:
        year, own = part["year"][0].as_py(), pa.array(part["metric"].unique().to_pylist(), pa.string())
        told = [of_year(release, year) for release in releases]
        self.told = [table.filter(pc.is_in(table["metric"], own)) for table in told]
        self.marks = {mark for table in self.told for mark in table["corrected"].unique().to_pylist()}
        self.days = {release.manifest.made for release in releases}
        self.part = _with_what_is_gone(part, self.told, tables)
        every = pa.concat_tables([one.select(CELL_SCHEMA.names).cast(CELL_SCHEMA) for one in (self.part, *self.told)])
        self.rows = arrange(self.part, tables.metrics, Names(every, tables.entities))
        self.settings, self.effort = settings, effort

    def tell(self, made: str, progress: Progress) -> Outcome:
        """What is told anew from ``made`` on, and for all else what stands. Raises OrderError."""
        told = Told.nothing(len(self.rows.cell))
        told.kept[:] = False
        stuck = [np.zeros(0, np.int64)]
        metrics = self.rows.metrics
        for population in sorted({one.population for one in metrics if one.kind != SIGNED}):
            members = [m for m, one in enumerate(metrics) if one.population == population and one.kind != SIGNED]
            stuck.append(self._tell_population(np.array(members), told, progress))
        for metric, one in enumerate(metrics):
            if one.kind == SIGNED:
                self._tell_signed(metric, told)
        self._check_day(made, told)
        anew = Outcome.of(self.part, told, np.unique(np.concatenate(stuck)), made)
        return Outcome.join([anew, Outcome.standing(self._standing(anew.figures))])

    def stand(self) -> Outcome:
        """Everything as it was told before."""
        return Outcome.standing(self._standing(FIGURES.empty_table()))

    def _check_day(self, made: str, told: Told) -> None:
        if told.kept.any() and made <= max(self.days | self.marks):
            raise OrderError(
                f"Figures that were published before are corrected in this report, but its day ({made}) is not after that of "
                "the earlier one, so nobody could tell which of them holds. Give it a later day with --made."
            )

    def _tell_population(self, members: Ints, told: Told, progress: Progress) -> Ints:
        rows, settings = self.rows, self.settings
        before = read_before(self.told, [rows.metrics[m].name for m in members], rows.names)
        corrected = tell_corrections(rows, members, before, settings, self.effort)
        stuck = [np.flatnonzero(np.isin(rows.metric, members) & np.isin(rows.cell, corrected.stuck))]
        for metric in members.tolist():
            progress(rows.metrics[metric].name)
            if rows.metrics[metric].kind == "count":
                self._tell_counts(metric, corrected, before, told)
            else:
                found = tell_rates_again(rows, metric, corrected, before, told, settings, self.effort)
                stuck.append(found)
        return np.concatenate(stuck)

    def _tell_counts(self, metric: int, corrected: Corrected, before: Before, told: Told) -> None:
        rows, name = self.rows, self.rows.metrics[metric].name
        mine = rows.of(metric)
        mine = mine[~np.isnan(rows.value[mine])]
        places = rows.names.part(rows.cell[mine], "place")
        for row, cell, place in zip(mine.tolist(), rows.cell[mine].tolist(), places.tolist(), strict=True):
            now, old = corrected.students.get(cell), before.row(name, cell)
            if place in corrected.new_places or name not in before.metrics:
                told.kept[row] = True
                if now is None:
                    told.withhold(np.array([row]), "small")
            if now is not None and (told.kept[row] or (now[1] > 0 if old is None else now != students_of(old))):
                _tell_count(told, row, *now)

    def _tell_signed(self, metric: int, told: Told) -> None:
        """A difference of two counts follows them: it is told anew where one of them is, and both are told exactly."""
        rows, name = self.rows, self.rows.metrics[metric].name
        mine = rows.of(metric)
        mine = mine[~np.isnan(rows.value[mine])]
        parts = count_parts(rows, mine)
        if len(parts) != 2 or not all(parts):
            return
        names = [name, *(rows.metrics[rows.metric[next(iter(one.values()))]].name for one in parts)]
        before = read_before(self.told, names, rows.names)
        for row in mine.tolist():
            cell = int(rows.cell[row])
            old = before.row(name, cell)
            if not any((part := one.get(cell)) is not None and told.kept[part] for one in parts):
                continue
            plus, minus = (
                self._count(told, one.get(cell), before.row(of, cell)) for one, of in zip(parts, names[1:], strict=True)
            )
            if plus is None or minus is None or (old is not None and old["status"] != "exact"):
                continue
            if old is None or old["low"] != plus - minus:
                _tell_count(told, row, plus - minus, plus - minus)
                told.students_low[row] = told.students_high[row] = np.nan

    def _count(self, told: Told, row: int | None, old: Row | None) -> float | None:
        """A count as this report tells it: anew or as before; None where it does not."""
        if row is not None and told.kept[row]:
            return float(told.low[row]) if told.status[row] == "exact" else None
        if old is not None:
            return float(old["low"]) if old["status"] == "exact" else None
        return 0.0

    def _standing(self, anew: pa.Table) -> pa.Table:
        """The rows of the last release that has each metric, but those told anew, and what would not be told today."""
        found, seen = [FIGURES.empty_table()], pa.array([], pa.string())
        for table in reversed(self.told):
            fresh = table.filter(pc.invert(pc.is_in(table["metric"], seen)))
            found.append(fresh.select(FIGURES.names))
            seen = pa.array({*seen.to_pylist(), *fresh["metric"].unique().to_pylist()}, pa.string())
        last = pa.concat_tables(found)
        last = last.filter(pc.invert(pc.is_in(_keys(last), value_set=_keys(anew))))
        return _without_small(last, self.settings.minimum)


def _without_small(figures: pa.Table, minimum: int) -> pa.Table:
    """Without the counts that an earlier release told under a smaller minimum."""
    exact = pc.and_(pc.equal(figures["status"], "exact"), pc.is_valid(figures["students_low"]))
    few = pc.and_(pc.greater(figures["students_low"], 0), pc.less(figures["students_low"], minimum))
    small = pc.fill_null(pc.and_(exact, few), False)
    hidden = {"status": "withheld", "text": "–", "reason": "small_group"}
    hidden |= dict.fromkeys(name for name in FIGURES.names if pa.types.is_floating(FIGURES.field(name).type))
    for name, value in hidden.items():
        type_ = FIGURES.field(name).type
        column = pc.if_else(small, pa.scalar(value, type_), figures[name])
        figures = figures.set_column(figures.column_names.index(name), FIGURES.field(name), column)
    return figures


def _tell_count(told: Told, row: int, low: float, high: float) -> None:
    told.kept[row] = True
    told.low[row] = told.students_low[row] = low
    told.high[row] = told.students_high[row] = high
    told.status[row], told.text[row] = ("exact", f"{low:.0f}") if low == high else ("range", f"{low:.0f}–{high:.0f}")


def _keys(figures: pa.Table) -> pa.Array:
    joined = pc.binary_join_element_wise(*(figures[name] for name in ("metric", *CELL)), "\x1f")
    return joined.combine_chunks() if isinstance(joined, pa.ChunkedArray) else joined


def _with_what_is_gone(part: pa.Table, told: Sequence[pa.Table], tables: Tables) -> pa.Table:
    """Counts that were told and are not in the data any more: nobody is counted there now."""
    about = {row["metric"]: row for row in tables.metrics.to_pylist() if row["kind"] in ("count", SIGNED)}
    versions = dict(zip(part["metric"].to_pylist(), part["version"].to_pylist(), strict=True))
    have = set(_keys(part).to_pylist())
    gone = {}
    for table in told:
        keys = _keys(table).to_pylist()
        for at in np.flatnonzero(np.isin(keys, list(have), invert=True)).tolist():
            row = table.slice(at, 1).to_pylist()[0]
            if row["metric"] in about:
                gone[keys[at]] = {
                    **{name: row[name] for name in ("year", "metric", *CELL)},
                    "version": versions[row["metric"]],
                    "students": 0,
                    "numerator": None,
                    "denominator": None,
                    "value": 0.0,
                }
    if not gone:
        return part
    return pa.concat_tables([part, pa.Table.from_pylist(list(gone.values()), part.schema)])
