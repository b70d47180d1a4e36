"""One school year's figures, protected: which are told, how coarsely, and why the others are withheld.

1. Numbers of students, population by population: groups below the minimum are withheld, others told exactly (where a
   metric counts them) or in steps; more are withheld until no small one can be worked out.
2. Rates, metric by metric: bands by the number of students told; rates are told more coarsely, then withheld, until no
   small number of students counted, or not counted, can be worked out.
3. Everything else follows from these.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from commonground.engines.disclosure.protect.bands import rate_bands, step_at, unknown_bands
from commonground.engines.disclosure.protect.places import Ints
from commonground.engines.disclosure.protect.rates import tell_medians, tell_rates
from commonground.engines.disclosure.protect.rows import Rows, Told
from commonground.engines.disclosure.protect.settings import Effort, Settings
from commonground.engines.disclosure.protect.students import Students, tell_students

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Year:
    """``told`` for every row, and rows that an outsider can still narrow too far (``stuck``): earlier releases, or a table
    too small to hide anything in, leave no other choice."""

    told: Told
    stuck: Ints


def protect_year(rows: Rows, earlier: Told, settings: Settings, effort: Effort, progress: Progress) -> Year:
    """Decide about every row of a year. ``effort``: that on each table."""
    told = Told.nothing(len(rows.cell))
    told.status[:] = "missing"
    stuck = [np.zeros(0, np.int64)]
    for population in sorted({metric.population for metric in rows.metrics if metric.kind != "signed_count"}):
        members = np.array(
            [m for m, one in enumerate(rows.metrics) if one.population == population and one.kind != "signed_count"]
        )
        if not np.isin(rows.metric, members).any():
            continue
        students = tell_students(rows, members, earlier, settings, effort)
        stuck.append(_rows_of_cells(rows, members, students))
        for metric in members.tolist():
            progress(rows.metrics[metric].name)
            stuck.append(_tell_metric(rows, metric, students, told, earlier, settings, effort))
    for metric, one in enumerate(rows.metrics):
        if one.kind == "signed_count":
            _tell_signed(rows, metric, told, settings)
    _tell_unknown(rows, told, settings)
    told.text[told.status == "missing"] = "–"
    told.kept = ~_empty(rows)
    return Year(told, np.unique(np.concatenate(stuck)))


def _rows_of_cells(rows: Rows, members: Ints, students: Students) -> Ints:
    mine = np.isin(rows.metric, members) & np.isin(rows.cell, students.whole.cells[students.stuck])
    return np.flatnonzero(mine)


def _tell_metric(
    rows: Rows, metric: int, students: Students, told: Told, earlier: Told, settings: Settings, effort: Effort
) -> Ints:
    kind = rows.metrics[metric].kind
    if kind == "count":
        _tell_counts(rows, metric, students, told)
    elif kind == "median":
        tell_medians(rows, metric, students, told, settings)
    else:
        return tell_rates(rows, metric, students, told, earlier, settings, effort)
    return np.zeros(0, np.int64)


def _tell_counts(rows: Rows, metric: int, students: Students, told: Told) -> None:
    mine = rows.of(metric)
    mine = mine[~np.isnan(rows.value[mine])]
    at = students.at(rows.cell[mine])
    told.low[mine] = told.students_low[mine] = students.low[at]
    told.high[mine] = told.students_high[mine] = students.high[at]
    exact = students.low[at] == students.high[at]
    told.status[mine] = np.where(exact, "exact", "range")
    told.text[mine] = [
        f"{low:.0f}" if low == high else f"{low:.0f}–{high:.0f}"
        for low, high in zip(students.low[at], students.high[at], strict=False)
    ]
    hidden = np.isnan(students.low[at])
    told.withhold(mine[hidden], students.reason[at[hidden]], students.protects[at[hidden]])


def _tell_signed(rows: Rows, metric: int, told: Told, settings: Settings) -> None:
    """A difference of two counts (entered minus withdrew) is told where both are; alone it would reveal the other."""
    mine = rows.of(metric)
    mine = mine[~np.isnan(rows.value[mine])]
    parts = count_parts(rows, mine)
    for row in mine.tolist():
        others = [found[rows.cell[row]] for found in parts if rows.cell[row] in found]
        hidden = [other for other in others if told.status[other] not in ("exact", "missing")]
        if hidden or not others:
            told.withhold(np.array([row]), "secondary", "metric")
        else:
            told.status[row], told.text[row] = "exact", f"{rows.value[row]:.0f}"
            told.low[row] = told.high[row] = rows.value[row]


def count_parts(rows: Rows, mine: Ints) -> list[dict[int, int]]:
    """The rows, by cell, of the two counts whose difference this is; of all counts where no two fit."""
    counts = [m for m, one in enumerate(rows.metrics) if one.kind == "count"]
    found = {m: dict(zip(rows.cell[rows.of(m)].tolist(), rows.of(m).tolist(), strict=True)) for m in counts}
    for plus in counts:
        for minus in counts:
            if plus != minus and _differ_by(rows, mine, found[plus], found[minus]):
                return [found[plus], found[minus]]
    return list(found.values())


def _differ_by(rows: Rows, mine: Ints, plus: dict[int, int], minus: dict[int, int]) -> bool:
    def value(found: dict[int, int], row: int) -> float:
        at = found.get(int(rows.cell[row]))
        return 0.0 if at is None else float(rows.value[at])

    return all(value(plus, row) - value(minus, row) == rows.value[row] for row in mine.tolist())


def _tell_unknown(rows: Rows, told: Told, settings: Settings) -> None:
    """Figures that come without a number of students: nobody can say how small their groups are."""
    counted = np.array([one.kind in ("count", "signed_count") for one in rows.metrics], bool)[rows.metric]
    unknown = np.flatnonzero(np.isnan(rows.students) & ~np.isnan(rows.value) & ~counted)
    if settings.unknown_students == "withhold":
        told.withhold(unknown, "small")
        return
    for row in unknown.tolist():
        if rows.metrics[rows.metric[row]].kind == "median":
            told.withhold(np.array([row]), "small")
            continue
        band = unknown_bands(settings).of(float(rows.value[row]), 1.0)
        told.status[row], told.text[row], told.low[row], told.high[row] = band.status, band.text, band.low, band.high
        told.reason[row] = "coded" if band.status in ("top", "bottom") else ""


def _empty(rows: Rows) -> np.ndarray:
    """Rates of nobody: such a group does not exist there, which a row that is absent says as well."""
    counted = np.array([one.kind in ("count", "signed_count") for one in rows.metrics], bool)[rows.metric]
    return np.asarray(~counted & (rows.students == 0))


__all__ = ["Year", "count_parts", "protect_year", "rate_bands", "step_at"]
