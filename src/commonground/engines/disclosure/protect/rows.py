"""The rows of one school year as arrays, what earlier releases told of them, and what this one will tell."""

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from commonground.engines.disclosure.protect.places import ALL, YEAR, Adds, Bools, Floats, Ints, Names, codes
from commonground.engines.disclosure.protect.settings import Interest

Texts = NDArray[np.object_]


@dataclass(frozen=True)
class Metric:
    """A metric in one version, as far as its protection is concerned."""

    name: str
    version: str
    kind: str
    population: str
    within: str
    adds: Adds


@dataclass(frozen=True)
class Rows:
    """Figures of one year, one entry a row. ``metric`` is a position in ``metrics``; NaN stands for unknown."""

    names: Names
    metrics: tuple[Metric, ...]
    metric: Ints
    cell: Ints
    students: Floats
    numerator: Floats
    value: Floats

    def of(self, metric: int) -> Ints:
        """Rows of a metric, in the order of their cells."""
        rows = np.flatnonzero(self.metric == metric)
        return np.asarray(rows[np.argsort(self.cell[rows], kind="stable")])

    def count(self, rows: Ints) -> Floats:
        """The number of students behind each row: the count itself where students are counted."""
        counted = np.array([metric.kind == "count" for metric in self.metrics], bool)
        return np.where(counted[self.metric[rows]], self.value[rows], self.students[rows])


def arrange(figures: pa.Table, metrics: pa.Table, names: Names) -> Rows:
    """The figures of one year as arrays; ``names`` knows all their places, grades, periods and groups."""
    known = {(row["metric"], row["version"]): row for row in metrics.to_pylist()}
    used = figures.select(["metric", "version"]).group_by(["metric", "version"]).aggregate([]).to_pylist()
    pairs = sorted((row["metric"], row["version"]) for row in used)
    joined = pc.binary_join_element_wise(figures["metric"], figures["version"], "\x1f")

    def number(name: str) -> Floats:
        return np.asarray(pc.fill_null(figures[name].cast(pa.float64()), np.nan).to_numpy(), np.float64)

    return Rows(
        names=names,
        metrics=tuple(_metric(known[pair]) for pair in pairs),
        metric=codes(joined, ["\x1f".join(pair) for pair in pairs]),
        cell=names.cells(figures),
        students=number("students"),
        numerator=number("numerator"),
        value=number("value"),
    )


def _metric(row: dict[str, object]) -> Metric:
    adds = Adds(bool(row["adds_over_entities"]), bool(row["adds_over_grades"]), True, bool(row["adds_over_groups"]))
    population = str(row["population"] or row["metric"])
    return Metric(str(row["metric"]), str(row["version"]), str(row["kind"]), population, str(row["within"]), adds)


@dataclass
class Told:
    """What is told of each row. NaN: nothing. ``protects`` is a kind of figure, for rows withheld to protect others."""

    status: Texts
    text: Texts
    reason: Texts
    protects: Texts
    low: Floats
    high: Floats
    students_low: Floats
    students_high: Floats
    kept: Bools = field(default_factory=lambda: np.zeros(0, bool))

    @classmethod
    def nothing(cls, rows: int) -> "Told":
        texts = [np.full(rows, "", object) for _ in range(4)]
        status, text, reason, protects = texts
        low, high, students_low, students_high = (np.full(rows, np.nan) for _ in range(4))
        kept = np.ones(rows, bool)
        return cls(status, text, reason, protects, low, high, students_low, students_high, kept)

    def withhold(self, rows: Ints | Bools, reason: str | Texts, protects: str | Texts = "") -> None:
        self.status[rows], self.text[rows], self.reason[rows] = "withheld", "–", reason
        self.protects[rows] = protects
        self.low[rows] = self.high[rows] = np.nan


def interest(names: Names, cells: Ints, count: Floats, weights: Interest) -> Floats:
    """How much readers would miss each figure: its students, times what its kind of cell is worth."""
    level = np.array([getattr(weights, one) for one in names.levels])
    group = np.array([_group_interest(name, weights) for name in names.groups])
    grade = np.array([1.0 if name == ALL else weights.grade for name in names.grades])
    period = np.array([1.0 if name == YEAR else weights.month for name in names.periods])
    worth = level[names.part(cells, "place")] * group[names.part(cells, "group")]
    worth = worth * grade[names.part(cells, "grade")] * period[names.part(cells, "period")]
    return np.asarray(worth * np.maximum(np.nan_to_num(count), 1.0))


def _group_interest(name: str, weights: Interest) -> float:
    if name == ALL:
        return weights.all_students
    return weights.crossing if "*" in name else weights.group
