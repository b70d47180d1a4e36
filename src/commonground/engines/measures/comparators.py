"""A school's figure beside the city's and each sector's, for the same group and the grades that the school serves.

1. The comparator of a school is the mean of the city's (or sector's) figures by grade, weighted with the number of the
   school's own students in each grade; so a school with many ninth graders is compared with ninth graders. Where the
   school's own numbers by grade are not known, each grade that it serves weighs as many students as the comparator has.
2. A figure published as a band enters as an interval: what follows is low to high for the lowest and the highest rate
   within the bands.
3. The difference of two rates has the interval of Newcombe (1998, Statistics in Medicine 17:873-890, method 10), built of
   Wilson's score intervals, at 95 %. The school's part is small and the comparator's large, so the interval is mostly the
   school's own Wilson interval: wide for few students, and never beyond -1 to 1. The school's students are part of the
   comparator too and stay in it: a comparator without them would tell what is withheld, by subtraction. The gap is then that
   to the other schools, made smaller by the school's share, while the interval is as for two strangers: too wide, never too
   narrow.
4. With bands the interval is the widest that any pair of rates inside the bands gives.
5. A difference is "higher" or "lower" only where its whole interval lies on one side of zero; else it is "unclear".
   A median and a mean of days get no interval of their own here and are always "unclear".

Missing is never zero: where the school's or the comparator's figure is missing or withheld, there is no difference.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import isnan, sqrt
from typing import Any, NamedTuple

from commonground.engines.measures.figures import ALL, CITY, YEAR
from commonground.engines.measures.rules import GRADES

Z95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one figure: its value within low to high, of so many students (also low to high).

    An exact figure has low == high. `low` above `high`, or a number that is not finite, cannot be.
    """

    low: float
    high: float
    students_low: float
    students_high: float

    def __post_init__(self) -> None:
        if isnan(self.low) or isnan(self.high) or self.low > self.high:
            raise ValueError(f"{self.low} to {self.high} is no interval. Give the lower end first.")
        if not 0 <= self.students_low <= self.students_high:
            raise ValueError(f"{self.students_low} to {self.students_high} students is no interval from 0.")


class Place(NamedTuple):
    """Which figure: the row's key without its metric's version. A tuple, for a city's report has half a million."""

    year: str
    metric: str
    level: str
    entity: str
    grade: str
    group: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """A school's figure beside a comparator's.

    Attributes:
        school, comparator: intervals of the two values, None where missing or withheld.
        low, high: interval of school minus comparator that covers chance and bands; None where there is none.
        sure: "higher", "lower", "unclear" or "missing".
        by_grade: whether the comparator is weighted to the school's grades.
    """

    place: Place
    against_level: str
    against: str
    school: Known | None
    comparator: Known | None
    low: float | None
    high: float | None
    sure: str
    by_grade: bool


@dataclass(frozen=True, slots=True)
class School:
    """A school and what decides whom it is compared with."""

    id: str
    sector: str
    low_grade: str
    high_grade: str

    def grades(self) -> tuple[str, ...]:
        """The grades it serves; none where its span is not known."""
        return _span(self.low_grade, self.high_grade)


@cache
def _span(low: str, high: str) -> tuple[str, ...]:
    if low not in GRADES or high not in GRADES:
        return ()
    return GRADES[GRADES.index(low) : GRADES.index(high) + 1]


def wilson(successes: float, students: float, z: float = Z95) -> tuple[float, float]:
    """Wilson's score interval of a rate (1927, JASA 22:209-212); (0, 1) for no students."""
    if students <= 0:
        return 0.0, 1.0
    rate, square = successes / students, z * z
    middle = (rate + square / (2 * students)) / (1 + square / students)
    half = z / (1 + square / students) * sqrt(rate * (1 - rate) / students + square / (4 * students**2))
    return max(0.0, middle - half), min(1.0, middle + half)


def newcombe(rate: float, students: float, other: float, others: float, z: float = Z95) -> tuple[float, float]:
    """Newcombe's interval of rate - other, of so many students each."""
    low, high = wilson(rate * students, students, z)
    other_low, other_high = wilson(other * others, others, z)
    gap = rate - other
    below = sqrt((rate - low) ** 2 + (other_high - other) ** 2)
    above = sqrt((high - rate) ** 2 + (other - other_low) ** 2)
    return max(-1.0, gap - below), min(1.0, gap + above)


def difference(school: Known, comparator: Known) -> tuple[float, float]:
    """The interval of school minus comparator that covers chance and every pair of rates inside the bands.

    Both ends of Newcombe's interval rise with the first rate and fall with the second, so the corners are enough; fewest
    students give the widest.
    """
    n, m = school.students_low, comparator.students_low
    low = newcombe(school.low, n, comparator.high, m)[0]
    high = newcombe(school.high, n, comparator.low, m)[1]
    return low, high


def weighted(parts: Sequence[tuple[Known, float]]) -> Known | None:
    """The mean of figures with weights: the low ends give the low end, the high ends the high. None without weight.

    The students of the mean are those whose rate would be as sure: Kish's effective number.
    """
    total = sum(weight for _, weight in parts)
    if total <= 0:
        return None
    shares = [(known, weight / total) for known, weight in parts if weight > 0]
    low = sum(known.low * share for known, share in shares)
    high = sum(known.high * share for known, share in shares)
    ends = []
    for students in ("students_low", "students_high"):
        spread = sum(share**2 / max(getattr(known, students), 1.0) for known, share in shares)
        ends.append(1 / spread)
    return Known(low, high, ends[0], ends[1])


class Comparators:
    """The comparators of a report's figures, each worked out once for all places that serve the same grades."""

    def __init__(self, known: Mapping[Place, Known]) -> None:
        """Of figures for the whole year; a figure that is missing or withheld is absent."""
        self._known = known
        self._by_grade: dict[Place, dict[str, Known]] = defaultdict(dict)
        for place, figure in known.items():
            if place.grade != ALL:
                self._by_grade[place._replace(grade=ALL)][place.grade] = figure
        self._found: dict[tuple[Place, str, str], tuple[Known | None, bool]] = {}

    def of(self, school: School, place: Place, level: str, entity: str) -> tuple[Known | None, bool]:
        """The comparator of one school's figure for all grades, and whether it is weighted to the school's grades.

        Without figures by grade for the group, it is the comparator's figure for all grades.
        """
        theirs = place._replace(level=level, entity=entity)
        if place in self._by_grade:
            return self._weighted(theirs, school.grades(), self._by_grade[place])
        key = (theirs, school.low_grade, school.high_grade)
        if key not in self._found:
            self._found[key] = self._weighted(theirs, school.grades(), {})
        return self._found[key]

    def _weighted(self, place: Place, grades: Sequence[str], mine: Mapping[str, Known]) -> tuple[Known | None, bool]:
        known = self._by_grade.get(place, {})
        theirs = {grade: known[grade] for grade in grades if grade in known}
        own = {grade: mine[grade] for grade in grades if grade in mine}
        # Weights from two sources would not fit each other: the school's own only where it is known in each of its grades.
        weights = own if own and own.keys() <= theirs.keys() else theirs
        by_grade = weighted([(figure, _middle(weights.get(grade))) for grade, figure in theirs.items()])
        return (by_grade, True) if by_grade is not None else (self._known.get(place), False)


def _middle(known: Known | None) -> float:
    return 0.0 if known is None else (known.students_low + known.students_high) / 2


def compare(known: Mapping[Place, Known], schools: Iterable[School], kinds: Mapping[str, str]) -> Iterator[Comparison]:
    """Every school's figures beside the city's and each sector's.

    Args:
        known: figures for the whole year; a figure that is missing or withheld is absent.
        schools: the schools to compare.
        kinds: the kind of each metric; counts are not compared.
    """
    own: dict[str, list[Place]] = defaultdict(list)
    for place in known:
        if place.level == "school" and place.grade == ALL and kinds[place.metric] in ("rate", "days", "median"):
            own[place.entity].append(place)
    others = [(CITY, CITY), *sorted({(p.level, p.entity) for p in known if p.level == "sector"})]
    comparators = Comparators(known)
    for school in schools:
        for place in sorted(own[school.id]):
            for level, entity in others:
                theirs, by_grade = comparators.of(school, place, level, entity)
                low, high, sure = verdict(known[place], theirs, kinds[place.metric])
                yield Comparison(place, level, entity, known[place], theirs, low, high, sure, by_grade)


def verdict(mine: Known, theirs: Known | None, kind: str) -> tuple[float | None, float | None, str]:
    """The interval of the difference, if there is one, and how sure it is."""
    if theirs is None:
        return None, None, "missing"
    if kind != "rate":
        return None, None, "unclear"
    low, high = difference(mine, theirs)
    return low, high, "higher" if low > 0 else "lower" if high < 0 else "unclear"


def known_published(rows: Iterable[Mapping[str, Any]]) -> dict[Place, Known]:
    """Published figures for the whole year as known: from rows of a publication's figures.csv, texts or numbers.

    A figure that is withheld or missing is not known. Where only the rate's band is published and not its students, nothing
    can be said about chance, so the figure is not known either.
    """
    found = {}
    for row in rows:
        ends = [row[name] for name in ("low", "high", "students_low", "students_high")]
        if row["period"] != YEAR or any(end is None or end == "" for end in ends):
            continue
        found[_place(row)] = Known(*map(float, ends))
    return found


def known_figures(rows: Iterable[Mapping[str, Any]]) -> dict[Place, Known]:
    """Figures for the whole year as known: from rows of `Figures.figures`, whose values are exact."""
    found = {}
    for row in rows:
        if row["period"] != YEAR or row["value"] is None or row["students"] is None:
            continue
        value, students = float(row["value"]), float(row["students"])
        found[_place(row)] = Known(value, value, students, students)
    return found


def _place(row: Mapping[str, Any]) -> Place:
    return Place(row["year"], row["metric"], row["level"], row["entity"], row["grade"], row["group"])
