"""What the texts of one column mean: dates in one of three formats, years, and codes.

A column holds few different texts, however many rows it has, so each text is understood once, in plain Python.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from commonground.engines.measures.inputs.codes import decoded

_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]00:00(?::00(?:\.0+)?)?)?")
_PARTED = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})(?: 0?0:00(?::00)?)?")
_YEAR = re.compile(r"(?:SY)?\s*(\d{4})(?:\s*[-–/]\s*(\d{2}|\d{4}))?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Understood:
    """Text to value for what could be read. `fault` is a problem of the whole column, with what fills its message.

    With a fault nothing of the column is used, and `suspects` are texts whose rows are worth looking at first.
    """

    values: Mapping[str, str | date]
    fault: str = ""
    suspects: tuple[str, ...] = ()


def codes(texts: Iterable[str], vocabulary: str) -> Understood:
    return _one_by_one(texts, lambda text: decoded(text, vocabulary))


def years(texts: Iterable[str]) -> Understood:
    """School years by their ending year: "2025", "2024-25" and "SY 2024-2025" are one year."""
    return _one_by_one(texts, ending_year)


def _one_by_one(texts: Iterable[str], read: Callable[[str], str | None]) -> Understood:
    return Understood({text: value for text in texts if (value := read(text)) is not None})


def ending_year(text: str) -> str | None:
    """The ending year; None where the text is no school year."""
    found = _YEAR.fullmatch(text)
    if found is None:
        return None
    first = int(found[1])
    if found[2] is None:
        return str(first) if 1980 <= first <= 2100 else None
    last = int(found[2]) if len(found[2]) == 4 else first // 100 * 100 + int(found[2])
    last += 100 if last < first else 0
    return str(last) if last == first + 1 else None


def dates(texts: Iterable[str]) -> Understood:
    """One format for the whole column: year first, month first or day first.

    1. Texts with the year in front are dates of their own.
    2. In the others, a first number beyond 12 proves day first, a second one beyond 12 proves month first.
    3. Where both are proven, or two formats stand side by side, the column is mixed; where the others all fit both
       ways and differ, it is ambiguous. Nobody can tell the 3rd of April from the 4th of March, so nothing is guessed.
    """
    iso: dict[str, date] = {}
    parted: dict[str, tuple[int, int, int]] = {}
    for text in texts:
        if found := _ISO.fullmatch(text):
            if day := _date(int(found[1]), int(found[2]), int(found[3])):
                iso[text] = day
        elif found := _PARTED.fullmatch(text):
            parted[text] = (int(found[1]), int(found[3]), int(found[4]))
    if not parted:
        return Understood(iso)
    return _parted(iso, parted)


def _parted(iso: Mapping[str, date], parted: Mapping[str, tuple[int, int, int]]) -> Understood:
    day_first = tuple(text for text, (one, two, _) in parted.items() if one > 12 >= two)
    month_first = tuple(text for text, (one, two, _) in parted.items() if two > 12 >= one)
    if iso or (day_first and month_first):
        groups = [group for group in (tuple(iso), day_first, month_first) if group]
        return Understood({}, "mixed_dates", tuple(parted) if iso else min(groups, key=len))
    same = {text for text, (one, two, _) in parted.items() if one == two}
    if not day_first and not month_first and same != parted.keys():
        return Understood({}, "ambiguous_dates", tuple(text for text in parted if text not in same))
    read = {
        text: _date(year, two, one) if day_first else _date(year, one, two) for text, (one, two, year) in parted.items()
    }
    return Understood({text: day for text, day in read.items() if day})


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if 1900 <= year <= 2100 else None
    except ValueError:
        return None
