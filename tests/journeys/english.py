"""Finds English on a Spanish page: texts that are in a catalog but were shown untranslated, and texts that nobody marked."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import allauth
import django
from babel.messages.pofile import read_po

import commonground.site

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")
# Words that Spanish does not have and that any English sentence of some length needs.
TELLING = re.compile(r"\b(the|and|your|with|this|from|have|who|when)\b", re.IGNORECASE)
LEAST_LITERAL = 12  # letters that a text with placeholders must have of its own to be recognized


def catalogs() -> Iterator[Path]:
    yield from Path(commonground.site.__file__).parent.glob("**/locale/es/LC_MESSAGES/django.po")
    yield Path(allauth.__file__).parent / "locale/es/LC_MESSAGES/django.po"
    yield Path(django.__file__).parent / "conf/locale/es/LC_MESSAGES/django.po"


def pairs() -> Iterator[tuple[str, str]]:
    """(English, Spanish), each form of a plural on its own."""
    for path in catalogs():
        with path.open("rb") as file:
            for message in read_po(file, locale="es"):
                if not message.id:
                    continue
                english = message.id if isinstance(message.id, tuple | list) else (message.id,)
                spanish = message.string if isinstance(message.string, tuple | list) else (message.string,)
                yield from zip(english, spanish, strict=False)


def plain(text: str) -> str:
    return " ".join(text.split())


@cache
def known() -> tuple[frozenset[str], re.Pattern[str]]:
    """The English texts that differ from their Spanish: whole ones, and a pattern for those with placeholders."""
    whole, patterns, spanish_too = set(), [], set()
    for english, spanish in pairs():
        spanish_too.add(plain(spanish))
        if plain(english) == plain(spanish):
            continue
        if not PLACEHOLDER.search(english):
            whole.add(plain(english))
        elif sum(map(str.isalpha, PLACEHOLDER.sub("", english))) >= LEAST_LITERAL:
            patterns.append(".+".join(re.escape(part) for part in PLACEHOLDER.split(plain(english))))
    return frozenset(whole - spanish_too), re.compile("|".join(patterns))


def english_in(texts: list[str], data: frozenset[str] = frozenset()) -> list[str]:
    """The texts of a page that are English. `data` are names and free texts, which nobody translates."""
    whole, pattern = known()
    found = []
    for text in map(plain, texts):
        bare = text
        for name in data:
            bare = bare.replace(name, "")
        if not any(map(str.isalpha, bare)):
            continue
        if text in whole or pattern.fullmatch(text) or TELLING.search(bare):
            found.append(text)
    return found
