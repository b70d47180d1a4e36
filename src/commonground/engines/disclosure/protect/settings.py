"""How figures are protected, as data: the section [protection] of the file of business rules.

Every key may be left out; what then holds is the default below. An error names the key and says what to write.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from math import ceil
from pathlib import Path
from typing import Any

SECTION = "protection"


class SettingsError(ValueError):
    """A setting cannot be used; the message names its key and what to write instead."""


@dataclass(frozen=True)
class Step:
    """From so many ``students`` on, so many ``per_cent``."""

    students: int
    per_cent: float


@dataclass(frozen=True)
class Effort:
    """On each table: the longest search, in ``seconds``, for the fewest figures to hide; whether each one is ``proven`` uncertain.

    Without proofs, figures of large tables are hidden until the sums around each sensitive one leave it enough. That nearly
    always does, takes a third of the time, and is for those who let the auditor look at all figures afterwards.
    """

    seconds: float = 20.0
    proven: bool = True


@dataclass(frozen=True)
class Interest:
    """How much readers would miss a figure: hiding prefers low products of these, times the students behind the figure."""

    all_students: float = 1000.0
    group: float = 1.0
    crossing: float = 0.2
    city: float = 30.0
    sector: float = 10.0
    lea: float = 2.0
    school: float = 1.0
    grade: float = 0.2
    month: float = 0.2


# The practice of federal reporting (U.S. Department of Education, EDFacts public files of assessment results): bands that
# narrow as groups grow, whole per cents above 300 students.
BANDS = (Step(10, 50), Step(16, 20), Step(31, 10), Step(61, 5), Step(301, 1), Step(3000, 0.1))
CODES = (Step(10, 10), Step(40, 5), Step(100, 2), Step(300, 1))
MEDIANS = (Step(10, 5), Step(100, 1))
_WIDTHS = (0.1, 1, 2, 4, 5, 10, 20, 25, 50)


@dataclass(frozen=True)
class Settings:
    """The protection that partners agreed on.

    Attributes:
        minimum: the fewest students of which anything is shown, for every metric and agency.
        share, least: a withheld number must stay uncertain by ``share`` of itself and by at least ``least``, up and down.
        dominant: a sector or city figure is withheld where one LEA whose own figure is withheld makes up this share.
        rounding: numbers of students under rates are told in steps of so many.
        choices: so many different numerators must fit into every band.
        bands: how wide bands of rates are, from so many students on; 50 is halves, 0.1 a tenth of a per cent.
        codes: rates at most this, or at least 100 minus this, are told only as that.
        medians: the steps in which medians are told.
        unknown_students: whether figures without a number of students are withheld ("withhold") or told in bands of
            ``unknown_per_cent`` ("band").
        interest: see `Interest`.
    """

    minimum: int = 10
    share: float = 0.3
    least: int = 3
    dominant: float = 0.9
    rounding: int = 10
    choices: int = 3
    bands: tuple[Step, ...] = BANDS
    codes: tuple[Step, ...] = CODES
    medians: tuple[Step, ...] = MEDIANS
    unknown_students: str = "withhold"
    unknown_per_cent: float = 20
    interest: Interest = Interest()

    def __post_init__(self) -> None:
        for text in self._faults():
            raise SettingsError(f"[{SECTION}] {text}")

    def _faults(self) -> Iterator[str]:
        for name, fits, wanted in (
            ("minimum", self.minimum >= 2, "2 or more; 10 is usual"),
            ("share", 0 <= self.share <= 1, "a number from 0 to 1; 0.3 is usual"),
            ("least", self.least >= 1, "1 or more; 3 is usual"),
            ("dominant", 0.5 < self.dominant <= 1, "a share above 0.5, at most 1"),
            ("rounding", self.rounding >= 1, "1 (exact) or more; 10 is usual"),
            ("choices", self.choices >= 2, "2 or more; 3 is usual"),
            ("unknown_students", self.unknown_students in ("withhold", "band"), "“withhold” or “band”"),
            ("unknown_per_cent", self.unknown_per_cent in _WIDTHS[1:], f"one of {_WIDTHS[1:]}"),
        ):
            if not fits:
                yield f"{name} is {getattr(self, name)}. Write {wanted}."
        for name in ("bands", "codes", "medians"):
            yield from _step_faults(name, getattr(self, name))
        yield from self._band_faults()

    def _band_faults(self) -> Iterator[str]:
        for name in ("bands", "medians"):
            first = getattr(self, name)[0].students
            if self.minimum < first:
                yield f"{name} begins at {first} students. Begin at {self.minimum}, the minimum."
        for band in self.bands:
            if band.per_cent not in _WIDTHS:
                yield f"bands, per_cent {band.per_cent:g} is not a width that divides 100. Write one of {_WIDTHS}."

    def __hash__(self) -> int:
        return self._hash  # what is kept for settings is looked up for every rate

    @cached_property
    def _hash(self) -> int:
        return hash(tuple(getattr(self, one.name) for one in fields(self)))

    @cached_property
    def reach(self) -> int:
        """How far the band at 0 must reach, so that every number below the minimum keeps its interval inside it."""
        return self.minimum - 1 + self.distance(self.minimum - 1)

    def distance(self, number: float) -> int:
        """How far an outsider's interval must reach up and down from this number."""
        return max(self.least, ceil(self.share * number - 1e-9))


def read_settings(path: Path) -> Settings:
    """The settings in a TOML file; without a section [protection], the defaults. Raises SettingsError."""
    try:
        with path.open("rb") as file:
            content = tomllib.load(file)
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}. Name the file of business rules.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is not TOML: {error}. Correct that line.") from error
    try:
        return parse_settings(content.get(SECTION, {}))
    except SettingsError as error:
        raise SettingsError(f"{path}, {error}") from None


def parse_settings(section: Mapping[str, Any]) -> Settings:
    """Settings of the section's content. Raises SettingsError."""
    if not isinstance(section, Mapping):
        raise SettingsError(f"[{SECTION}] is not a section. Write [{SECTION}] on a line of its own.")
    known = {field.name: field for field in fields(Settings)}
    given: dict[str, Any] = {}
    for key, value in section.items():
        if key not in known:
            raise SettingsError(f"[{SECTION}] does not know “{key}”. Known are {', '.join(known)}.")
        given[key] = _value(key, value, getattr(Settings, key))
    return Settings(**given)


def _value(key: str, value: Any, usual: Any) -> Any:
    if isinstance(usual, tuple):
        return _steps(key, value)
    if isinstance(usual, Interest):
        return _interest(key, value)
    if isinstance(usual, str) and isinstance(value, str):
        return value
    wanted = "a whole number" if isinstance(usual, int) else "text" if isinstance(usual, str) else "a number"
    fits = isinstance(value, int) or (isinstance(usual, float) and isinstance(value, float))
    if isinstance(usual, str) or isinstance(value, bool) or not fits:
        raise SettingsError(f"[{SECTION}] {key} is {value!r}. Write {wanted}, for instance {usual!r}.")
    return type(usual)(value)


def _steps(key: str, value: Any) -> tuple[Step, ...]:
    try:
        return tuple(Step(int(one["students"]), float(one["per_cent"])) for one in value)
    except (TypeError, KeyError, ValueError):
        raise SettingsError(
            f"[{SECTION}] {key} is not a list of steps. Write for instance [{{ students = 10, per_cent = 50 }}]."
        ) from None


def _interest(key: str, value: Any) -> Interest:
    names = [field.name for field in fields(Interest)]
    if not isinstance(value, Mapping) or set(value) - set(names):
        raise SettingsError(f"[{SECTION}.{key}] has unknown keys. Known are {', '.join(names)}.")
    for name, number in value.items():
        if isinstance(number, bool) or not isinstance(number, int | float) or not 0 < number < 1e6:
            raise SettingsError(f"[{SECTION}.{key}] {name} is {number!r}. Write a number above 0, below a million.")
    return Interest(**{name: float(number) for name, number in value.items()})


def _step_faults(name: str, steps: tuple[Step, ...]) -> Iterator[str]:
    if not steps:
        yield f"{name} is empty. Write at least one step."
        return
    students = [step.students for step in steps]
    if students != sorted(set(students)) or students[0] < 1:
        yield f"{name} is not in rising order of students. Sort the steps, each number of students once."
    for step in steps:
        if not 0 < step.per_cent <= 50:
            yield f"{name}, per_cent is {step.per_cent:g}. Write a number above 0, at most 50."
