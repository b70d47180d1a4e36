"""What is wrong with the catalogs, as sentences that name the catalog, the text and the remedy."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from babel.messages import Catalog
from babel.messages.catalog import Message

from tools.translations.catalogs import Key, catalog_files, file_in, key, read, translations, written
from tools.translations.sources import ROOT, all_texts

PLACEHOLDER = re.compile(r"%\(\w+\)[#0\- +]*[\d.]*[a-zA-Z]|%[sdf]|\{\w*\}|</?\w+[^>]*>")


def placeholders(text: str) -> Counter[str]:
    """The parts that a translation must keep: %(name)s, {name} and HTML tags."""
    return Counter(PLACEHOLDER.findall(text.replace("%%", "")))


def keeps_placeholders(message: Message) -> bool:
    """A singular may leave out one part, its number, or say it where English does not; all else keeps the parts of its English."""
    forms = [placeholders(form) for form in key("", message.string or "")[1]]
    english = [placeholders(form) for form in key("", message.id)[1]]
    if len(english) == 1:
        return forms == english
    lost, gained = english[0] - forms[0], forms[0] - (english[0] | english[1])
    return lost.total() <= 1 and not gained and all(form == english[1] for form in forms[1:])


def in_one_catalog(catalog: Catalog, wanted: set[Key]) -> Iterator[str]:
    present = {key(message.context, message.id): message for message in catalog if message.id}
    for missing in sorted(wanted - set(present)):
        yield f"“{missing[1][0]}” is not in the catalog: run `make translations`"
    for left_over in sorted(set(present) - wanted):
        yield f"“{left_over[1][0]}” is no longer in the sources: run `make translations`"
    for name, message in present.items():
        if message.fuzzy:
            yield f"“{name[1][0]}” is marked fuzzy: check the Spanish and remove the mark"
        if not all(key("", message.string or "")[1]):
            yield f"“{name[1][0]}” has no Spanish"
        elif not keeps_placeholders(message):
            yield f"“{name[1][0]}” and its Spanish differ in placeholders or tags"


def said_in_two_ways(root: Path) -> Iterator[str]:
    """One text has one Spanish everywhere: Django joins all catalogs, and which of two would win is a matter of order."""
    seen: dict[Key, tuple[Path, tuple[str, ...]]] = {}
    for path in catalog_files(root):
        for name, spanish in translations(read(path)).items():
            first, said = seen.setdefault(name, (path, spanish))
            if said != spanish:
                yield f"{path.relative_to(root)}: “{name[1][0]}” has another Spanish in {first.relative_to(root)}"


def problems(root: Path = ROOT) -> list[str]:
    """Everything that keeps the Spanish from being complete; empty when nothing does."""
    found: list[str] = []
    sources = all_texts(root)
    expected = {file_in(folder) for folder in sources}
    for path in sorted(expected | {path.relative_to(root) for path in catalog_files(root)}):
        catalog = read(root / path)
        wanted = {(text.context, text.id) for text in sources.get(path.parents[2], [])}
        found += [f"{path}: {problem}" for problem in in_one_catalog(catalog, wanted)]
        if (root / path).exists() and (root / path).read_bytes() != written(catalog):
            found.append(f"{path} is not in the form that the tool writes: run `make translations`")
    return found + list(said_in_two_ways(root))
