"""rules.toml: the rules of one run."""

import json
import tomllib
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

from commonground.engines.lottery.files.cells import InputError, problem
from commonground.engines.lottery.model import Linked, Mechanism, Numbers, Rules
from commonground.tables import Problem

Value = TypeVar("Value")


def _one_of(kind: type[Value], wanted: Iterable[str]) -> tuple[Callable[[Any], Value], str]:
    return kind, " or ".join(f"“{word}”" for word in wanted)


_RULES: Mapping[str, tuple[Callable[[Any], Any], str]] = {
    "numbers": _one_of(Numbers, Numbers),
    "linked": _one_of(Linked, Linked),
    "mechanism": _one_of(Mechanism, Mechanism),
    "grades": (lambda value: _texts(value), 'a list of grades, oldest first, such as ["12", "11"]'),
    "groups": (lambda value: _texts(value), 'a list of groups, such as ["access"]'),
    "sibling_offered": (lambda value: _text(value), "a priority in quotation marks"),
    "most_choices": (lambda value: _positive(value), "a whole number, 1 or more"),
    "keep_numbers": (lambda value: _exactly(bool, value), "true or false"),
    "late_in_place": (lambda value: _exactly(bool, value), "true or false"),
    "rehearsal": (lambda value: _exactly(bool, value), "true or false"),
}


def _exactly(kind: type[Value], value: Any) -> Value:
    if type(value) is not kind:
        raise ValueError(value)
    return value


def _positive(value: Any) -> int:
    if _exactly(int, value) < 1:
        raise ValueError(value)
    return int(value)


def _text(value: Any) -> str:
    """A name as the tables spell it: one form for each accented letter, no signs that mean something else in a cell."""
    found = unicodedata.normalize("NFC", _exactly(str, value)).strip()
    if not found or found[0] in "=@" or any(sign in found for sign in ";>|") or not found.isprintable():
        raise ValueError(value)
    return found


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(_text(part) for part in _exactly(list, value))


def read_rules(path: Path) -> Rules:
    """The rules of a run from TOML.

    Raises:
        InputError: with every problem found.
    """
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise InputError([Problem("not_found", path.name)]) from error
    except OSError as error:
        raise InputError([Problem("unreadable", path.name, values={"detail": error.strerror or str(error)})]) from error
    except ValueError as error:
        raise InputError([problem("rules_syntax", path.name, detail=error)]) from error
    problems, read = [], {}
    for name, value in given.items():
        if name not in _RULES:
            problems.append(problem("unknown_rule", path.name, None, name, name=name, known=", ".join(_RULES)))
            continue
        understand, wanted = _RULES[name]
        try:
            read[name] = understand(value)
        except ValueError:
            problems.append(problem("rule_value", path.name, None, name, name=name, cell=value, wanted=wanted))
    if problems:
        raise InputError(problems)
    return Rules(**read)


def rules_text(rules: Rules) -> str:
    """The rules as TOML, every one stated, so that nothing rests on a default that may change."""
    lines = []
    for field in fields(rules):
        value = getattr(rules, field.name)
        if value is not None:
            lines.append(f"{field.name} = {_toml(value)}")
    return "\n".join(lines) + "\n"


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, int):
        return str(value)
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")
