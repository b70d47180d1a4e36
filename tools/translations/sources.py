"""Finds the English texts in Python files and templates, and which catalog each belongs to."""

import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.util import parse_encoding
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = Path("src/commonground")
SITE = PACKAGE / "site"
SHARED = SITE / "locale"  # what belongs to no feature: the site's settings, the table reader

LAZY = {f"{name}_lazy": DEFAULT_KEYWORDS[name] for name in ("gettext", "ngettext", "pgettext", "npgettext")}
KEYWORDS = DEFAULT_KEYWORDS | LAZY | {"gettext_noop": None}


@dataclass(frozen=True, order=True)
class Text:
    """One text to translate: its context ("" for none), its English (singular, then plural if it has one), where it stands."""

    id: tuple[str, ...]
    context: str
    path: str


def catalog_folder(path: Path, root: Path = ROOT) -> Path:
    """The locale folder for the texts of one source file (both relative to the root).

    An engine speaks through its feature: engines/formation is translated in site/formation. Whatever has no feature shares one.
    """
    parts = path.relative_to(PACKAGE).parts
    if parts[0] in {"site", "engines"} and len(parts) > 2 and (root / SITE / parts[1] / "apps.py").exists():
        return SITE / parts[1] / "locale"
    return SHARED


def source_files(root: Path = ROOT) -> Iterator[Path]:
    """Python files and templates whose texts people see, on the site or as answers of the command line."""
    for path in sorted((root / PACKAGE).rglob("*")):
        relative = path.relative_to(root)
        if (
            "migrations" not in relative.parts
            if path.suffix == ".py"
            else "templates" in relative.parts and path.is_file()
        ):
            yield relative


def as_python(template: str, origin: str) -> str:
    """A template's texts as calls that a reader of Python understands, inside one parenthesis so that indentation is free."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        calls = templatize(template, origin=origin)
    return "(\n" + re.sub(r"[^\S\n]", " ", calls) + "\n)"


def texts_in(path: Path, root: Path = ROOT) -> Iterator[Text]:
    content = (root / path).read_bytes()
    if path.suffix != ".py":
        content = as_python(content.decode(), str(path)).encode()
    elif parse_encoding(BytesIO(content)) not in {None, "utf-8"}:
        raise ValueError(f"{path} is not UTF-8")
    for _line, found, _comments, context in extract("python", BytesIO(content), keywords=KEYWORDS):
        yield Text(found if isinstance(found, tuple) else (found,), context or "", str(path))


def all_texts(root: Path = ROOT) -> dict[Path, list[Text]]:
    """The texts of every catalog, by its folder."""
    found: dict[Path, list[Text]] = {}
    for path in source_files(root):
        for text in texts_in(path, root):
            found.setdefault(catalog_folder(path, root), []).append(text)
    return {folder: without_shadowed(texts) for folder, texts in found.items()}


def without_shadowed(texts: list[Text]) -> list[Text]:
    """A text that also has a plural somewhere is one entry of the catalog, not two: the plural's."""
    plural = {(text.context, text.id[0]): text.id for text in texts if len(text.id) == 2}
    return [Text(plural.get((text.context, text.id[0]), text.id), text.context, text.path) for text in texts]
