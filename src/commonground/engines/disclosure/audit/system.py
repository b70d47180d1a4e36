"""A publication as variables with bounds and linear rows: everything that an outsider knows about the counts behind it.

There is one variable for each quantity (the students of a population, or the numerator of a metric) in each year,
place, grade, period and group. Rows state how they add up: schools to LEAs, LEAs to sectors and the city, each family
of groups to its parent, grades to all grades; that a numerator is at most its denominator and at most the numerator that
contains it; and that a published rate lies in its published interval. A row that is not published under a parent that
is split up is taken as zero, because an outsider would.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray
from scipy import sparse

from commonground.engines.disclosure.audit.codes import Codes, Keys
from commonground.engines.disclosure.audit.reading import Release

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
STUDENTS_ONLY = frozenset({"days", "median", "mean"})  # kinds whose value is no count of students over another


@dataclass(slots=True)
class System:
    """``row_low <= rows @ x <= row_high`` and ``low <= x <= high``, x whole numbers, one per variable in ``keys``.

    ``block`` numbers the year and population that each variable belongs to: nothing connects two blocks.
    """

    keys: Keys
    low: Floats
    high: Floats
    block: Ints
    rows: sparse.csr_matrix
    row_low: Floats
    row_high: Floats


@dataclass(slots=True)
class Asked:
    """The figures to judge: where each is (release, row), and its variable. ``shown`` are published but coarse rates."""

    release: Ints
    row: Ints
    variable: Ints
    part: list[str]
    shown: Bools

    def __getitem__(self, chosen: Ints) -> "Asked":
        part = [self.part[one] for one in chosen.tolist()]
        return Asked(self.release[chosen], self.row[chosen], self.variable[chosen], part, self.shown[chosen])


@dataclass(slots=True)
class _Rows:
    """Sparse rows being collected: parts of coordinate lists, and the bounds of each row."""

    row: list[Ints] = field(default_factory=list)
    column: list[Ints] = field(default_factory=list)
    value: list[Floats] = field(default_factory=list)
    low: list[Floats] = field(default_factory=list)
    high: list[Floats] = field(default_factory=list)
    count: int = 0

    def sums(self, parents: Ints, parent_of: Ints, children: Ints) -> None:
        """Rows ``sum of children - parent = 0``; ``parent_of`` is the position in ``parents`` for each child."""
        n = len(parents)
        self.row += [self.count + np.arange(n), self.count + parent_of]
        self.column += [parents, children]
        self.value += [-np.ones(n), np.ones(len(children))]
        self._close(n, np.zeros(n), np.zeros(n))

    def at_most(self, left: Ints, right: Ints, factor: Floats | float = 1.0) -> None:
        """Rows ``left <= factor * right``."""
        n = len(left)
        self.row += [self.count + np.arange(n)] * 2
        self.column += [left, right]
        self.value += [np.ones(n), -np.broadcast_to(np.asarray(factor, dtype=np.float64), (n,))]
        self._close(n, np.full(n, -np.inf), np.zeros(n))

    def at_least(self, left: Ints, right: Ints, factor: Floats) -> None:
        """Rows ``left >= factor * right``."""
        n = len(left)
        self.row += [self.count + np.arange(n)] * 2
        self.column += [left, right]
        self.value += [np.ones(n), -factor]
        self._close(n, np.zeros(n), np.full(n, np.inf))

    def _close(self, n: int, low: Floats, high: Floats) -> None:
        self.low.append(low)
        self.high.append(high)
        self.count += n

    def matrix(self, columns: int) -> sparse.csr_matrix:
        parts = [np.concatenate(part) if part else np.zeros(0) for part in (self.value, self.row, self.column)]
        shape = (self.count, columns)
        matrix = sparse.csr_matrix((parts[0], (parts[1].astype(np.int64), parts[2].astype(np.int64))), shape=shape)
        matrix.eliminate_zeros()
        return matrix


def build(releases: Sequence[Release]) -> tuple[System, Asked, Codes]:
    """The system of all releases together, and the figures to judge. Raises AuditError where a row refers to nothing."""
    codes = Codes(releases)
    students, numerators, asked, ratios = [], [], [], []
    for number, release in enumerate(releases):
        table = _Published(codes, release)
        students.append((table.students, *table.student_bounds()))
        numerators.append((table.numerators, *table.numerator_bounds()))
        asked.append((number, table))
        ratios.append(table)
    keys, low, high = _variables(codes, [*students, *numerators])
    rows = _Rows()
    _add_sums(rows, codes, keys)
    for table in ratios:
        _add_ratios(rows, table, keys)
    _add_within(rows, codes, keys)
    matrix = rows.matrix(len(keys))
    bounds = [np.concatenate(part) if part else np.zeros(0) for part in (rows.low, rows.high)]
    return System(keys, low, high, codes.block(keys), matrix, bounds[0], bounds[1]), _asked(asked, keys), codes


class _Published:
    """The rows of one release as codes and numbers."""

    def __init__(self, codes: Codes, release: Release) -> None:
        self.figures = release.figures
        self.kind = codes.kind_of(release)
        self.status = np.asarray(release.figures["status"].to_numpy(zero_copy_only=False), dtype=object)
        self.students = codes.students(release)
        self.is_rate = self.kind == "rate"
        self.numerators = codes.numerators(release)[self.is_rate]
        self.is_count = self.kind == "count"
        self.judged = np.ones(len(self.status), dtype=np.bool_) if release.judged is None else release.judged

    def number(self, name: str) -> Floats:
        return np.asarray(pc.fill_null(self.figures[name], np.nan).to_numpy(zero_copy_only=False), dtype=np.float64)

    def student_bounds(self) -> tuple[Floats, Floats]:
        low = np.where(self.is_count, self.number("low"), self.number("students_low"))
        high = np.where(self.is_count, self.number("high"), self.number("students_high"))
        return np.nan_to_num(low, nan=0.0), np.where(np.isnan(high), np.inf, high)

    def numerator_bounds(self) -> tuple[Floats, Floats]:
        low, high = self.number("numerator_low")[self.is_rate], self.number("numerator_high")[self.is_rate]
        return np.nan_to_num(low, nan=0.0), np.where(np.isnan(high), np.inf, high)

    @property
    def withheld(self) -> Bools:
        return np.asarray(self.status == "withheld")

    @property
    def hidden_students(self) -> Bools:
        """Rows whose number of students is not published though there are data."""
        empty = np.where(self.is_count, np.isnan(self.number("low")), np.isnan(self.number("students_high")))
        return np.asarray(empty & (self.status != "missing") & (self.kind != "signed_count"))


def _variables(codes: Codes, parts: list[tuple[Keys, Floats, Floats]]) -> tuple[Keys, Floats, Floats]:
    stated = Keys.join([keys for keys, _, _ in parts])
    keys = codes.with_parents(stated)
    low, high = np.zeros(len(keys)), np.full(len(keys), np.inf)
    for part, part_low, part_high in parts:
        where = keys.find(part)
        np.maximum.at(low, where, part_low)
        np.minimum.at(high, where, part_high)
    return keys, np.ceil(low - 1e-6), np.floor(high + 1e-6)


def _add_sums(rows: _Rows, codes: Codes, keys: Keys) -> None:
    for children, parent_keys in codes.splits(keys):
        parents, parent_of = np.unique(keys.find(parent_keys), return_inverse=True)
        rows.sums(parents, parent_of, children)


def _add_ratios(rows: _Rows, table: _Published, keys: Keys) -> None:
    below = keys.find(table.students[table.is_rate])
    above = keys.find(table.numerators)
    rows.at_most(above, below)
    low, high = table.number("low")[table.is_rate], table.number("high")[table.is_rate]
    told = ~np.isnan(low) & ~np.isnan(high)
    rows.at_least(above[told], below[told], low[told])
    rows.at_most(above[told], below[told], high[told])


def _add_within(rows: _Rows, codes: Codes, keys: Keys) -> None:
    inner, outer = codes.nested(keys)
    rows.at_most(inner, outer)


def _asked(tables: list[tuple[int, _Published]], keys: Keys) -> Asked:
    found: dict[int, tuple[int, int, str, bool]] = {}
    for number, table in tables:
        hidden = np.flatnonzero(table.hidden_students & table.judged)
        for row, variable in zip(hidden, keys.find(table.students[hidden]), strict=True):
            found.setdefault(int(variable), (number, int(row), "students", False))
        rates, withheld = np.flatnonzero(table.is_rate), table.withheld
        for row, variable in zip(rates, keys.find(table.numerators), strict=True):
            if table.status[row] != "missing" and table.judged[row]:
                found.setdefault(int(variable), (number, int(row), "numerator", not withheld[row]))
    order = sorted(found)
    parts = [found[variable] for variable in order]
    columns = [np.asarray([part[place] for part in parts], dtype=np.int64) for place in (0, 1)]
    shown = np.asarray([part[3] for part in parts], dtype=np.bool_)
    return Asked(columns[0], columns[1], np.asarray(order, dtype=np.int64), [part[2] for part in parts], shown)
