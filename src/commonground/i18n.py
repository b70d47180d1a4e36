"""Marks the English texts of the engines and the table reader, so that a translator finds them, and looks them up in a catalog.

An engine never translates by itself: it gives a code, values and an English template. Whoever shows the text looks the
template up and fills in the values afterwards, so that one result can be read in any language. The site does so with Django; a
document that an engine writes (a report, a family's page) is told its language and uses `translator`.
"""

import ast
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

Say = Callable[[str], str]

ENGLISH = "en"
LANGUAGES = (ENGLISH, "es")
_CATALOGS = Path(__file__).parent / "site" / "locale"
_ENTRY = re.compile(r'^msgid ((?:".*"\n)+)msgstr ((?:".*"(?:\n|$))+)', re.MULTILINE)


def N_(text: str) -> str:  # noqa: N802 (the keyword that text collectors know)
    """The text itself. The name is the keyword that tools which collect texts for translation look for."""
    return text


def translator(language: str) -> Say:
    """Looks an English text up in a language; a text that the catalog lacks stays English.

    Raises:
        ValueError: the language is not one of `LANGUAGES`.
    """
    if language not in LANGUAGES:
        raise ValueError(f"There are no texts in “{language}”, only in {', '.join(LANGUAGES)}.")
    return N_ if language == ENGLISH else lambda text: _catalog(language).get(text) or text


@cache
def _catalog(language: str) -> Mapping[str, str]:
    """The catalog's source is read, not its compiled form: an installation without the site's tools has no other."""
    content = (_CATALOGS / language / "LC_MESSAGES" / "django.po").read_text(encoding="utf-8")
    return {_joined(english): _joined(other) for english, other in _ENTRY.findall(content)}


def _joined(lines: str) -> str:
    return "".join(ast.literal_eval(line) for line in lines.splitlines())
