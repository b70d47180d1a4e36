"""What a rules file may say: the keys of each measure, what each key takes, and what to write where it does not fit."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from commonground.engines.measures.figures import LEVELS
from commonground.engines.measures.rules.model import EACH, GRADES, ONCE

BY_MONTH = ("no", "all", "groups")
MONTH_DAY = re.compile(r"\d\d-\d\d")
NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Option:
    """One key: the attribute of `Rule` it fills, whether a value fits it, and what to write when it does not."""

    fits: Callable[[Any], bool]
    wanted: str
    attribute: str = ""


@dataclass(frozen=True, slots=True)
class Measure:
    """One thing that can be computed: the kind of its figures, its decimals, and the keys that it needs and knows."""

    kind: str
    digits: int
    needs: tuple[str, ...]
    knows: tuple[str, ...] = ()


def _text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _texts(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_text, value)) and len(set(value)) == len(value)


def _among(allowed: tuple[str, ...]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and value in allowed


def _several(allowed: tuple[str, ...], least: int) -> Callable[[Any], bool]:
    def fits(value: Any) -> bool:
        fine = isinstance(value, list) and len(value) >= least and all(word in allowed for word in value)
        return fine and len(set(value)) == len(value)

    return fits


def _whole(least: int, most: int) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _tenths(value: Any) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and 0 < value <= 100 and round(value * 10) == value * 10


def is_month_day(value: Any) -> bool:
    """A day of any year, "MM-DD"; 29 February is none."""
    if not (isinstance(value, str) and MONTH_DAY.fullmatch(value)):
        return False
    try:
        date(2025, *map(int, value.split("-")))
    except ValueError:
        return False
    return True


def is_year(value: Any) -> bool:
    return isinstance(value, str) and bool(re.fullmatch(r"\d{4}", value))


def is_name(value: Any) -> bool:
    return isinstance(value, str) and bool(NAME.fullmatch(value))


_DAY = Option(is_month_day, 'a month and a day, such as "10-05"')
_STATUSES = Option(_texts, 'a list of different texts, such as ["present", "tardy"]')
_TEXT = Option(_text, "a text that is not empty")

OPTIONS: Mapping[str, Option] = {
    "id": Option(is_name, 'a name of small letters, digits and _, such as "chronic_absence"'),
    "version": _TEXT,
    "effective": Option(is_year, 'the ending year of the first school year as a text, such as "2025"'),
    "measure": _TEXT,
    "name_en": _TEXT,
    "name_es": _TEXT,
    "source": _TEXT,
    "source_es": _TEXT,
    "grades": Option(_several(GRADES, 1), f"a list of different grades out of {', '.join(GRADES)}"),
    "digits": Option(_whole(2, 6), "a whole number from 2 to 6"),
    "grade_rows": Option(_several(LEVELS, 2), f"a list with city and sector, out of {', '.join(LEVELS)}"),
    "exclude_groups": Option(_texts, 'a list of groups, such as ["english_learner:yes"]'),
    "exclude_schools": Option(_texts, "a list of schools"),
    "from": Option(is_month_day, _DAY.wanted, "begins"),
    "until": _DAY,
    "within": Option(is_name, "the id of another metric"),
    "count_date": _DAY,
    "present": _STATUSES,
    "half": _STATUSES,
    "not_counted": _STATUSES,
    "counted_at": Option(_among((*ONCE, EACH)), f"one of {', '.join((*ONCE, EACH))}"),
    "other_schools": Option(lambda value: isinstance(value, bool), "true or false"),
    "minimum_days": Option(_whole(1, 366), "a whole number from 1 to 366"),
    "absent_at_least": Option(_tenths, "per cent above 0, up to 100, with at most one decimal, such as 10.0"),
    "kinds": Option(
        _several(("suspension_out", "suspension_in", "expulsion"), 1),
        "a list out of suspension_out, suspension_in, expulsion",
    ),
    "at_least_times": Option(_whole(1, 99), "a whole number from 1 to 99"),
    "at_least_days": Option(_whole(1, 366), "a whole number from 1 to 366"),
    "gap_days": Option(_whole(0, 60), "a whole number from 0 to 60"),
    "by_month": Option(_among(BY_MONTH), f"one of {', '.join(BY_MONTH)}"),
    "cohort": Option(_among(("4", "5")), '"4" or "5"'),
    "graduated": _STATUSES,
    "excluded_statuses": _STATUSES,
    "subject": _TEXT,
    "at_least_level": Option(_whole(1, 9), "a whole number from 1 to 9"),
}

NEEDED = ("id", "version", "effective", "measure", "name_en", "name_es", "source", "grades")
BESIDE = ("source_es",)
EVERYWHERE = ("grade_rows", "exclude_groups", "exclude_schools")
_WINDOW = ("from", "until")
_WHO = ("counted_at", "other_schools", "minimum_days")
_ROLL = (*_WINDOW, *_WHO, "half", "not_counted")
_MOVES = Measure("count", 0, ("from", "until"), ("gap_days", "by_month"))

MEASURES: Mapping[str, Measure] = {
    "enrolled_on": Measure("count", 0, ("count_date",)),
    "attendance": Measure("days", 3, ("present",), ("digits", *_ROLL)),
    "chronic_absence": Measure("rate", 3, ("present", "absent_at_least"), ("digits", "within", *_ROLL)),
    "discipline": Measure(
        "rate", 3, ("kinds",), ("digits", "within", *_WINDOW, *_WHO, "at_least_times", "at_least_days")
    ),
    "entries": _MOVES,
    "withdrawals": _MOVES,
    "net_entries": Measure("signed_count", 0, _MOVES.needs, _MOVES.knows),
    "graduation": Measure("rate", 3, ("cohort", "graduated"), ("digits", "within", "excluded_statuses")),
    "proficiency": Measure("rate", 3, ("subject",), ("digits", "within", "at_least_level")),
    "growth": Measure("median", 2, ("subject",), ("digits",)),
}


def known_keys(measure: str) -> tuple[str, ...]:
    """All keys that a rule of this measure may have."""
    own = MEASURES[measure]
    return (*NEEDED, *BESIDE, *EVERYWHERE, *own.needs, *own.knows)


def attribute(key: str) -> str:
    """The attribute of `Rule` that a key fills."""
    return OPTIONS[key].attribute or key
