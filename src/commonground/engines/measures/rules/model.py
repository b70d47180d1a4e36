"""A business rule: the agreed definition of one number. Values are checked at birth, so a wrong rule cannot exist."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

from commonground.engines.measures.groups import Groups

GRADES = ("PK3", "PK4", "KG", *(f"{grade:02}" for grade in range(1, 13)), "AD", "UN")
ONCE = ("longest", "last", "incident")
EACH = "each"
WHOLE_YEAR = ""
NEVER_DATED = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One metric in one version. Which options a measure knows is said in `options.MEASURES`; the rest stay at rest.

    Attributes:
        id, version: together name the rule; figures carry both.
        effective: ending year of the first school year it holds for.
        measure: what is computed, a key of `options.MEASURES`.
        grades: a student counts in these grades only.
        exclude_groups, exclude_schools: students and schools that do not count at all.
        begins, until: first and last day of the window, "MM-DD"; empty means the whole school year.
        digits: decimals that the value is rounded to, half up.
        source_es: the source in Spanish; `source` speaks where it is empty.
        grade_rows: levels that get a row for each grade.
        counted_at: which school counts a student of several: where enrolled "longest" or "last", where the last "incident"
            was and otherwise longest, or "each" (then figures do not add up over schools).
        other_schools: days and incidents at the student's other schools count too.
        minimum_days: days of enrollment (attendance measures: days on the roll) below which a student does not count.
        absent_at_least: per cent of days from which a student is chronically absent, in tenths.
        gap_days: who comes back to the same school within so many days never left.
    """

    id: str
    version: str
    effective: str
    measure: str
    name_en: str
    name_es: str
    source: str
    grades: tuple[str, ...]
    kind: str
    digits: int
    source_es: str = ""
    grade_rows: tuple[str, ...] = ("city", "sector")
    exclude_groups: tuple[str, ...] = ()
    exclude_schools: tuple[str, ...] = ()
    begins: str = WHOLE_YEAR
    until: str = WHOLE_YEAR
    within: str = ""
    count_date: str = NEVER_DATED
    present: tuple[str, ...] = ()
    half: tuple[str, ...] = ()
    not_counted: tuple[str, ...] = ()
    counted_at: str = ONCE[0]
    other_schools: bool = False
    minimum_days: int = 1
    absent_at_least: float = 10.0
    kinds: tuple[str, ...] = ()
    at_least_times: int = 1
    at_least_days: int = 0
    gap_days: int = 0
    by_month: str = "no"
    cohort: str = ""
    graduated: tuple[str, ...] = ()
    excluded_statuses: tuple[str, ...] = ()
    subject: str = ""
    at_least_level: int = 0

    @property
    def adds_over_entities(self) -> bool:
        return self.counted_at != EACH

    def whole_year(self) -> bool:
        return not (self.begins or self.until)


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules of a file, with the student groups that they are reported for.

    Attributes:
        protection: the file's section on protecting small groups, as it stands there; read by that part.
    """

    title: str
    year_begins: str
    metrics: tuple[Rule, ...]
    groups: Groups
    protection: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    def for_year(self, year: str) -> tuple[Rule, ...]:
        """The rules in force in a school year, at most one version of each, in the file's order."""
        best: dict[str, Rule] = {}
        for rule in self.metrics:
            known = best.get(rule.id)
            if rule.effective <= year and (known is None or known.effective < rule.effective):
                best[rule.id] = rule
        return tuple(rule for rule in self.metrics if best.get(rule.id) is rule)

    def day(self, year: str, month_day: str) -> date:
        """The calendar day of "MM-DD" in the school year that ends in `year`."""
        month, day = map(int, month_day.split("-"))
        begins = tuple(map(int, self.year_begins.split("-")))
        return date(int(year) - ((month, day) >= begins and begins != (1, 1)), month, day)

    def window(self, rule: Rule, year: str) -> tuple[date, date]:
        """First and last day that count for a rule in a school year."""
        first = self.day(year, rule.begins or self.year_begins)
        if rule.until:
            return first, self.day(year, rule.until)
        start = self.day(year, self.year_begins)
        return first, start.replace(year=start.year + 1) - timedelta(days=1)

    def population(self, rule: Rule) -> str:
        """The id of the first rule in force with it whose denominator holds the same students by definition."""
        own = _population(rule)
        peers = (other for other in self.metrics if _population(other) == own)
        return next(peers, rule).id


def _population(rule: Rule) -> tuple[object, ...]:
    """What decides who is in the denominator; two rules that agree in it count the same students."""
    who = (rule.grades, rule.exclude_groups, rule.exclude_schools, rule.begins, rule.until, rule.grade_rows)
    at = (rule.counted_at, rule.minimum_days)
    own: dict[str, tuple[object, ...]] = {
        "enrolled_on": ("enrolled_on", rule.count_date),
        "attendance": ("days", rule.other_schools, rule.present, rule.half, rule.not_counted, *at),
        "chronic_absence": ("days", rule.other_schools, rule.present, rule.half, rule.not_counted, *at),
        "discipline": ("discipline", *at),
        "graduation": ("graduation", rule.cohort, rule.excluded_statuses),
        "proficiency": ("tested", rule.subject),
    }
    return (*who, *own.get(rule.measure, (rule.measure, rule.subject)))
