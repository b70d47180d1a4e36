"""From sums to figures: rates, means, medians and counts, rounded half up in exact whole numbers."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from commonground.engines.measures.compute.cells import KEY
from commonground.engines.measures.compute.facts import HUNDRED
from commonground.engines.measures.compute.records import months, moves
from commonground.engines.measures.compute.spells import Question
from commonground.engines.measures.figures import ALL, FIGURES, YEAR

Whole = npt.NDArray[np.int64]


def half_up(numerator: Whole, denominator: Whole, digits: int) -> npt.NDArray[np.float64]:
    """numerator / denominator, rounded to so many decimals, halves upward; both whole, the denominator above 0.

    In whole numbers, because 0.285 in binary is a little less than itself and would be rounded down.
    """
    scale = 10**digits
    return np.asarray((2 * numerator * scale + denominator) // (2 * denominator) / scale, dtype=np.float64)


@dataclass(frozen=True)
class _Columns:
    """The last four columns of figures; None where a measure has none."""

    students: Whole
    numerator: npt.NDArray[np.float64] | None
    denominator: npt.NDArray[np.float64] | None
    value: npt.NDArray[np.float64]


def figures_of(ask: Question, sums: pa.Table) -> pa.Table:
    """The rows of one rule under the schema `FIGURES`, from the sums that `cells.sums` makes."""
    if moves(ask):
        return pa.concat_tables(_moves(ask, sums))
    return _rows(ask, sums, YEAR, _columns(ask, sums))


def missing_rows(ask: Question, entities: pa.Table) -> pa.Table:
    """A row without numbers for each year, level and entity that has students but no data."""
    rows = entities.num_rows
    texts = {"metric": ask.rule.id, "version": ask.rule.version, "grade": ALL, "period": YEAR, "group": ALL}
    columns = {name: entities[name] if name in entities.column_names else pa.array([texts[name]] * rows, pa.string())
               for name in FIGURES.names[:8]}  # fmt: skip
    columns |= {name: pa.nulls(rows, FIGURES.field(name).type) for name in FIGURES.names[8:]}
    return pa.table(columns).cast(FIGURES)


def _columns(ask: Question, sums: pa.Table) -> _Columns:
    kind, digits, students = ask.rule.kind, ask.rule.digits, _whole(sums, "n")
    if kind == "count":
        return _Columns(students, None, None, students.astype(np.float64))
    if kind == "median":
        twice = np.rint(sums["x"].to_numpy() * 2).astype(np.int64)
        return _Columns(students, None, None, half_up(twice, np.full_like(twice, 2 * HUNDRED), digits))
    numerator, denominator = _whole(sums, "num"), _whole(sums, "den")
    unit = HUNDRED if kind == "days" else 1
    return _Columns(students, numerator / unit, denominator / unit, half_up(numerator, denominator, digits))


def _moves(ask: Question, sums: pa.Table) -> Iterator[pa.Table]:
    """For the year and, where the rule shows them, each month: who came, who went, or the one minus the other."""
    names = months(ask.rule, ask)
    came = {month: _whole(sums, f"in_{month}") for month in names}
    went = {month: _whole(sums, f"out_{month}") for month in names}
    yield _rows(ask, sums, YEAR, _net(ask, np.sum([*came.values()], axis=0), np.sum([*went.values()], axis=0)))
    if ask.rule.by_month == "no":
        return
    shown = np.ones(sums.num_rows, bool)
    if ask.rule.by_month == "all":
        shown = pc.equal(sums["group"], ALL).to_numpy(zero_copy_only=False)
    for month in names:
        columns = _net(ask, came[month][shown], went[month][shown])
        yield _rows(ask, sums.filter(pa.array(shown)), month, columns)


def _net(ask: Question, came: Whole, went: Whole) -> _Columns:
    if ask.rule.measure == "net_entries":
        return _Columns(came + went, None, None, (came - went).astype(np.float64))
    own = came if ask.rule.measure == "entries" else went
    return _Columns(own, None, None, own.astype(np.float64))


def _whole(sums: pa.Table, name: str) -> Whole:
    return np.asarray(sums[name].to_numpy(), dtype=np.int64)


def _rows(ask: Question, sums: pa.Table, period: str, columns: _Columns) -> pa.Table:
    rows = sums.num_rows
    texts = {"metric": ask.rule.id, "version": ask.rule.version, "period": period}
    made = {name: sums[name] if name in KEY else pa.array([texts[name]] * rows, pa.string())
            for name in FIGURES.names[:8]}  # fmt: skip
    for name in ("numerator", "denominator"):
        numbers = getattr(columns, name)
        made[name] = pa.nulls(rows, pa.float64()) if numbers is None else pa.array(numbers)
    made |= {"students": pa.array(columns.students), "value": pa.array(columns.value)}
    return pa.table(made).select(FIGURES.names).cast(FIGURES)
