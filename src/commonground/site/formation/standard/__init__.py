"""What a new agency and a new round start with: topics, focus areas, and the usual rules of each kind of round.

Data only: staff change their copies, and a later version of these files changes no copy.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from commonground.site.formation.standard.kinds import STANDARD, Standard
from commonground.site.formation.standard.weights import PARTS, PRESETS, Part, Preset

__all__ = ["PARTS", "PRESETS", "STANDARD", "Part", "Preset", "Standard", "Text", "areas", "topics"]


@dataclass(frozen=True)
class Text:
    """A topic or a focus area in both languages; a focus area has no family."""

    code: str
    name_en: str
    name_es: str
    explanation_en: str
    explanation_es: str
    family: str = ""


@cache
def topics() -> tuple[Text, ...]:
    """The standard problems of practice."""
    return _read("topics.toml")


@cache
def areas() -> tuple[Text, ...]:
    """The standard learning focus areas, in their order."""
    return _read("areas.toml")


def _read(name: str) -> tuple[Text, ...]:
    raw = tomllib.loads(files(__package__).joinpath(name).read_text(encoding="utf-8"))
    return tuple(_text(code, entry) for code, entry in raw.items())


def _text(code: str, entry: dict[str, Any]) -> Text:
    (name_en, name_es), (about_en, about_es) = entry["name"], entry["about"]
    return Text(code, name_en, name_es, about_en, about_es, entry.get("family", ""))
