"""Walks the tables of a TOML file and says which settings are unknown or of the wrong kind, all at once."""

import difflib
import math
import tomllib
from collections.abc import Callable, Mapping
from typing import Any

from commonground.engines.formation import Reason
from commonground.formats.texts import engine_problem, problem
from commonground.tables import Problem

Kind = tuple[str, Callable[[Any], bool]]


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


NUMBER: Kind = ("a number", _number)
WHOLE: Kind = ("a whole number", _whole)
TRUTH: Kind = ("true or false", lambda value: isinstance(value, bool))
TEXT: Kind = ("a text in quotation marks", lambda value: isinstance(value, str))
NAMES: Kind = ("a list of texts", _names)
PAIRS: Kind = ("a list of pairs, each a list of two texts", lambda v: _lists(v) and all(len(one) == 2 for one in v))
GROUPS: Kind = ("a list of lists of texts", lambda value: _lists(value))
TABLE: Kind = ("a table", lambda value: isinstance(value, dict))
TABLES: Kind = ("a list of tables", lambda v: isinstance(v, list) and all(isinstance(one, dict) for one in v))
TEXTS_BY_NAME: Kind = (
    "a table of texts",
    lambda v: isinstance(v, dict) and all(isinstance(one, str) for one in v.values()),
)


def _lists(value: Any) -> bool:
    return isinstance(value, list) and all(_names(one) for one in value)


class Settings:
    """One table of the file, under its path. Wrong settings become problems and are left out."""

    def __init__(self, values: Mapping[str, Any], file: str, problems: list[Problem], path: str = "") -> None:
        self._values = values
        self._file = file
        self._problems = problems
        self._path = path

    @property
    def file(self) -> str:
        return self._file

    def complain(self, code: str, key: str, **values: str | int | float) -> None:
        self._problems.append(problem(code, self._file, None, None, key=self._path + key, **values))

    def report(self, reason: Reason) -> None:
        """What an engine refused to make of this table."""
        self._problems.append(engine_problem(reason, self._file))

    def read(self, kinds: Mapping[str, Kind]) -> dict[str, Any]:
        """The settings that are known and of the right kind."""
        read = {}
        for key, value in self._values.items():
            if key not in kinds:
                self._unknown(key, kinds)
            elif not kinds[key][1](value):
                self.complain("wrong_type", key, wanted=kinds[key][0])
            else:
                read[key] = value
        return read

    def within(self, key: str, values: Mapping[str, Any]) -> "Settings":
        """A table inside this one."""
        return Settings(values, self._file, self._problems, f"{self._path}{key}.")

    def _unknown(self, key: str, kinds: Mapping[str, Kind]) -> None:
        close = difflib.get_close_matches(key, list(kinds), n=1, cutoff=0.6)
        if close:
            self.complain("misspelled_key", key, suggestion=self._path + close[0])
        else:
            self.complain("unknown_key", key, known=", ".join(kinds))


def parse_toml(data: bytes, file: str) -> tuple[dict[str, Any], list[Problem]]:
    """The tables of a TOML file; where it is none, a problem with the line."""
    try:
        return tomllib.loads(data.decode("utf-8-sig")), []
    except UnicodeDecodeError:
        return {}, [problem("bad_toml", file, None, None, detail="it is not in UTF-8")]
    except tomllib.TOMLDecodeError as error:
        return {}, [problem("bad_toml", file, None, None, detail=str(error))]
