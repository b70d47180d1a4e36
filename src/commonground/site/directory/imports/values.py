"""What the cells of a directory file mean: numbers, marks for "not known", codes and places.

A mark for "not known" reads as None, and None never overwrites what the directory knows: an older number with its older date says
more than a blank.
"""

import math
import re
from collections.abc import Callable
from datetime import datetime
from types import MappingProxyType
from typing import Any

from commonground.i18n import N_
from commonground.site.directory import geography
from commonground.site.directory.models.organization import GRADES, Kind, Locale, Sector, Status

# NCES search: † does not apply, – is missing, ‡ was not good enough to publish. CCD: M, N, and negative codes.
MARKS = frozenset(
    {"", "†", "–", "‡", "—", "-", "--", "n/a", "na", "null", "none", "not applicable", "missing", "not reported"}
)
CODES = frozenset({"m", "n", "-1", "-2", "-3", "-9"})

TEXTS = MappingProxyType(
    {
        "not_a_number": N_("“{value}” is not a number. Write digits only, or leave the cell empty if it is not known."),
        "negative": N_("“{value}” is below zero. Correct it, or leave the cell empty if it is not known."),
        "not_whole": N_("“{value}” is not a whole number. Students are counted, not measured: correct it."),
        "too_large": N_("“{value}” is larger than any school or district. Correct it."),
        "unknown_value": N_("“{value}” is not known here. Use one of these: {known}."),
        "bad_nces_id": N_(
            "“{value}” is not an NCES ID: a school's has 12 digits, a district's has 7. Format the column as text before "
            "saving: spreadsheet programs drop zeros and shorten long numbers."
        ),
        "bad_state": N_("“{value}” is not a state's two letters, such as CA."),
        "too_long": N_("The text has {found} characters; at most {limit} are kept. Shorten it."),
        "not_a_date": N_("“{value}” is not a date. Write it as 2026-08-31 or 08/31/2026."),
        "not_on_earth": N_("{value} is no latitude and longitude. Correct it, or leave both cells empty."),
        "swapped": N_("Latitude and longitude look swapped ({value}). Swap the two columns."),
        "half_a_place": N_("Latitude and longitude come together: fill in the other one, or leave both empty."),
        "not_in_state": N_("{value} is not in {state}. Correct the place, or leave both cells empty."),
    }
)


class BadValueError(ValueError):
    """A cell that cannot be read: ``code`` is a key of ``TEXTS``, ``values`` fill it."""

    def __init__(self, code: str, **values: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


def is_missing(cell: str, *, coded: bool = False) -> bool:
    """Whether the cell says that nothing is known; with ``coded`` also by the codes of the CCD files."""
    lowered = cell.casefold()
    return lowered in MARKS or (coded and lowered in CODES)


def number(cell: str) -> float:
    """``334.00000`` and ``1,234`` as numbers of zero or more."""
    try:
        value = float(cell.replace(",", ""))
    except ValueError:
        raise BadValueError("not_a_number", value=cell[:60]) from None
    if not math.isfinite(value):
        raise BadValueError("not_a_number", value=cell[:60])
    if value < 0:
        raise BadValueError("negative", value=cell[:60])
    return value


def count(cell: str) -> int:
    """A number of students."""
    value = number(cell)
    if value != int(value):
        raise BadValueError("not_whole", value=cell[:60])
    if value > 5_000_000:
        raise BadValueError("too_large", value=cell[:60])
    return int(value)


def measure(cell: str) -> float:
    """Teachers, in full-time equivalents with two decimals as NCES publishes them."""
    value = number(cell)
    if value > 1_000_000:
        raise BadValueError("too_large", value=cell[:60])
    return round(value, 2)


def coordinate(cell: str) -> float:
    """Degrees, to about a tenth of a meter."""
    try:
        value = float(cell)
    except ValueError:
        raise BadValueError("not_a_number", value=cell[:60]) from None
    if not math.isfinite(value):
        raise BadValueError("not_a_number", value=cell[:60])
    return round(value, 6)


def text(limit: int) -> Callable[[str], str]:
    """A reader of texts with at most ``limit`` characters."""

    def read(cell: str) -> str:
        tidy = " ".join(cell.split())
        if len(tidy) > limit:
            raise BadValueError("too_long", found=len(tidy), limit=limit)
        return tidy

    return read


def nces_id(digits: int) -> Callable[[str], str]:
    """A reader of NCES identifiers. One dropped leading zero is put back: states 01 to 09 lose it in every spreadsheet program."""

    def read(cell: str) -> str:
        bare = cell.removesuffix(".0")
        if not bare.isascii() or not bare.isdigit() or len(bare) not in (digits, digits - 1):
            raise BadValueError("bad_nces_id", value=cell[:40])
        return bare.zfill(digits)

    return read


def state(cell: str) -> str:
    if not re.fullmatch(r"[A-Za-z]{2}", cell):
        raise BadValueError("bad_state", value=cell[:40])
    return cell.upper()


def day(cell: str) -> str:
    """A date as text in the form 2026-08-31."""
    for form in ("%Y-%m-%d", "%m/%d/%Y"):
        try:
            return datetime.strptime(cell, form).date().isoformat()
        except ValueError:
            continue
    raise BadValueError("not_a_date", value=cell[:40])


def one_of(known: dict[str, Any], *, shown: str = "") -> Callable[[str], Any]:
    """A reader of codes and labels, without regard to case."""

    def read(cell: str) -> Any:
        key = " ".join(cell.casefold().split())
        key = key.lstrip("0") if key.isdigit() and key.lstrip("0") in known else key
        if key not in known:
            raise BadValueError("unknown_value", value=cell[:60], known=shown or ", ".join(known))
        return known[key]

    return read


_GRADES = (
    {grade.casefold(): grade for grade in GRADES}
    | {str(year): f"{year:02d}" for year in range(1, 10)}
    | {
        "k": "KG",
        "kindergarten": "KG",
        "prekindergarten": "PK",
        "pre-k": "PK",
        "ungraded": "UG",
        "adult education": "AE",
    }
)
grade = one_of(_GRADES, shown=", ".join(GRADES))

# The codes are CCD's SY_STATUS, the words those of the search export and of CCD's SY_STATUS_TEXT.
status = one_of(
    {
        "1": Status.OPEN,
        "open": Status.OPEN,
        "2": Status.CLOSED,
        "closed": Status.CLOSED,
        "3": Status.NEW,
        "new": Status.NEW,
        "4": Status.NEW,
        "added": Status.NEW,
        "5": Status.CHANGED_LEA,
        "changed agency": Status.CHANGED_LEA,
        "changed boundary/agency": Status.CHANGED_LEA,
        "changed lea": Status.CHANGED_LEA,
        "6": Status.INACTIVE,
        "inactive": Status.INACTIVE,
        "temporarily closed": Status.INACTIVE,
        "7": Status.FUTURE,
        "future": Status.FUTURE,
        "8": Status.REOPENED,
        "reopened": Status.REOPENED,
    },
    shown="Open, Closed, New, Added, Changed Agency, Inactive, Future, Reopened",
)

# The codes are CCD's LEA_TYPE, the words those of the search export.
lea_kind = one_of(
    {
        "1": Kind.DISTRICT,
        "regular local": Kind.DISTRICT,
        "district": Kind.DISTRICT,
        "2": Kind.DISTRICT,
        "component": Kind.DISTRICT,
        "3": Kind.OTHER_LEA,
        "supervisory union": Kind.OTHER_LEA,
        "4": Kind.OTHER_LEA,
        "regional (resa)": Kind.OTHER_LEA,
        "regional": Kind.OTHER_LEA,
        "5": Kind.OTHER_LEA,
        "state": Kind.OTHER_LEA,
        "6": Kind.OTHER_LEA,
        "federal": Kind.OTHER_LEA,
        "7": Kind.CHARTER_OPERATOR,
        "charter": Kind.CHARTER_OPERATOR,
        "8": Kind.OTHER_LEA,
        "other": Kind.OTHER_LEA,
        "9": Kind.OTHER_LEA,
        "specialized": Kind.OTHER_LEA,
    },
    shown="Regular Local, Component, Supervisory Union, Regional (RESA), State, Federal, Charter, Specialized, Other",
)

charter = one_of(
    {"yes": True, "y": True, "1": True, "true": True, "no": False, "n": False, "2": False, "0": False, "false": False},
    shown="Yes, No",
)
sector = one_of({value.value: value for value in Sector})
locale = one_of({str(code.value): code.value for code in Locale}, shown="11-13, 21-23, 31-33, 41-43")


def checked_place(latitude: float | None, longitude: float | None, state: str = "") -> tuple[float, float] | None:
    """The place of a row, or None. Raises ``BadValueError`` for half a place, swapped columns, and a place outside the state.

    A state is taken as the box around it and a margin of half a degree (about 50 km): enough to find a place in the sea or in
    another part of the country, and never to refuse a school on the border.
    """
    if latitude is None and longitude is None:
        return None
    if latitude is None or longitude is None:
        raise BadValueError("half_a_place")
    shown = f"{latitude}, {longitude}"
    around = geography.box(state)
    is_right = around is None or around.holds(longitude, latitude, margin=0.5) or (state == "AK" and longitude > 170)
    if not is_right and around is not None and around.holds(latitude, longitude, margin=0.5):
        raise BadValueError("swapped", value=shown)
    if abs(latitude) > 90 or abs(longitude) > 180 or (latitude == 0 and longitude == 0):
        raise BadValueError("not_on_earth", value=shown)
    if not is_right:
        raise BadValueError("not_in_state", value=shown, state=state)
    return latitude, longitude
