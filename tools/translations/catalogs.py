"""The catalogs on disk: read, brought up to date with the sources, written in one fixed form, compiled."""

from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from pathlib import Path

from babel.messages import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from tools.translations.sources import ROOT, SITE, Text, all_texts

LANGUAGE = "es"
# No dates and no versions: a header that changes with every update makes every merge a conflict.
HEADER = f"""\
msgid ""
msgstr ""
"Language: {LANGUAGE}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""

Key = tuple[str, tuple[str, ...]]


def file_in(folder: Path) -> Path:
    return folder / LANGUAGE / "LC_MESSAGES" / "django.po"


def parse(content: bytes) -> Catalog:
    return read_po(BytesIO(content), locale=LANGUAGE, abort_invalid=True)


def read(path: Path) -> Catalog:
    return parse(path.read_bytes()) if path.exists() else parse(HEADER.encode())


def key(context: str | None, identity: str | Iterable[str]) -> Key:
    return context or "", (identity,) if isinstance(identity, str) else tuple(identity)


def translations(catalog: Catalog) -> dict[Key, tuple[str, ...]]:
    """What is translated: (context, English) to Spanish, one form or two."""
    found = {key(message.context, message.id): key("", message.string or "")[1] for message in catalog if message.id}
    return {name: forms for name, forms in found.items() if all(forms)}


def brought_up_to_date(texts: Iterable[Text], known: dict[Key, tuple[str, ...]]) -> Catalog:
    """A catalog of exactly these texts, with the Spanish that is already known. Nothing is guessed from similar texts."""
    catalog = parse(HEADER.encode())
    for text in sorted(texts):
        plural = len(text.id) == 2
        forms = known.get((text.context, text.id), ("", "") if plural else ("",))
        catalog.add(
            text.id if plural else text.id[0],
            forms if plural else forms[0],
            locations=[(text.path, 0)],
            context=text.context or None,
        )
    return catalog


def written(catalog: Catalog) -> bytes:
    """The catalog as text: sorted, unwrapped, with file names but no line numbers, so that two branches seldom conflict."""
    out = BytesIO()
    write_po(out, catalog, width=0, omit_header=True, sort_output=True, ignore_obsolete=True, include_lineno=False)
    return HEADER.encode() + out.getvalue().rstrip(b"\n") + b"\n"


def catalog_files(root: Path = ROOT) -> list[Path]:
    return sorted((root / SITE).glob(f"**/locale/{LANGUAGE}/LC_MESSAGES/django.po"))


def everything_known(root: Path) -> dict[Key, tuple[str, ...]]:
    """Every translation in any catalog: a text that moves to another feature keeps its Spanish."""
    known: dict[Key, tuple[str, ...]] = {}
    for path in catalog_files(root):
        known = translations(read(path)) | known
    return known


def update(features: Sequence[str] = (), root: Path = ROOT) -> Iterator[tuple[Path, int, int]]:
    """Write the catalogs of these features (all without any); yields each with its number of texts and how many lack Spanish."""
    known = everything_known(root)
    sources = all_texts(root)
    for folder in sorted(set(sources) | {path.relative_to(root).parents[2] for path in catalog_files(root)}):
        if features and folder.parent.name not in features:
            continue
        path = root / file_in(folder)
        catalog = brought_up_to_date(sources.get(folder, []), known | translations(read(path)))
        save(path, catalog)
        yield file_in(folder), len(catalog), len(catalog) - len(translations(catalog))


def save(path: Path, catalog: Catalog) -> None:
    if not len(catalog):
        path.unlink(missing_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(written(catalog))


def compile_all(root: Path = ROOT) -> None:
    """Write the form that Django loads beside each catalog, where it is missing or older."""
    for path in catalog_files(root):
        compiled = path.with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime <= path.stat().st_mtime:
            fresh = compiled.with_suffix(".part")
            with fresh.open("wb") as out:
                write_mo(out, read(path))
            fresh.replace(compiled)  # a reader sees the old catalog or the new one, never half of it
