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
_SITE = Path(__file__).parent / "site"
_ENTRY = re.compile(r'^(msgctxt (?:".*"\n)+)?msgid ((?:".*"\n)+)msgstr ((?:".*"(?:\n|$))+)', re.MULTILINE)


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
    """All features' catalogs in one; texts with a context are the site's own. The source is read, not the compiled form: an
    installation without the site's tools has no other."""
    files = sorted(_SITE.glob(f"**/locale/{language}/LC_MESSAGES/django.po"))
    entries = (entry for path in files for entry in _ENTRY.findall(path.read_text(encoding="utf-8")))
    return {_joined(english): _joined(other) for context, english, other in entries if not context}


def _joined(lines: str) -> str:
    return "".join(ast.literal_eval(line) for line in lines.splitlines())
