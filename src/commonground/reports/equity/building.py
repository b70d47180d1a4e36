"""Building the site of a report: every page in every language, downloads, PDF on request."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from importlib import resources
from multiprocessing import get_context
from pathlib import Path

from commonground import pdf
from commonground.engines.disclosure.publication import Publication
from commonground.reports.equity.book import Book, Place, open_book
from commonground.reports.equity.comparisons import comparisons
from commonground.reports.equity.downloads import write_downloads
from commonground.reports.equity.pages import Pages, landing
from commonground.reports.equity.words import LANGUAGES

Progress = Callable[[int, int], None]


def build_site(folder: Path, printed: Sequence[str] = (), workers: int = 2, progress: Progress | None = None) -> int:
    """Add pages and downloads to a folder whose ``data`` folder holds a publication; returns the number of pages.

    ``printed`` names schools whose pages are also written as tagged PDF ("all" for every school). ``progress(done, total)``
    is called as pages are written. Raises NoPdfError, ValueError for a school that the report does not have.
    """
    book = open_book(Publication.read(folder / "data"))
    wanted = _wanted(book, printed)
    (folder / "style.css").write_text(_style(), encoding="utf-8")
    (folder / "index.html").write_text(landing(book), encoding="utf-8")
    places = [*book.of_level("lea"), *book.of_level("school")]
    parts = [places[start::workers] for start in range(workers)] if workers > 1 else [places]
    written = 1
    for done in _everything(book, folder, parts, wanted):
        written += done
        if progress:
            progress(written, 1 + len(LANGUAGES) * (len(places) + 4))
    write_downloads(book, folder / "data", folder / "downloads")
    return written


def _everything(book: Book, folder: Path, parts: list[list[Place]], wanted: frozenset[Place]) -> Iterator[int]:
    if len(parts) == 1:
        yield from _write(book, folder, parts[0], wanted)
    else:
        with ProcessPoolExecutor(len(parts), mp_context=get_context("spawn")) as pool:
            others = [pool.submit(_apart, folder, part, wanted) for part in parts[1:]]
            yield from _write(book, folder, parts[0], wanted)
            yield from (other.result() for other in others)
    yield _write_general(book, folder, wanted)


def _apart(folder: Path, places: list[Place], wanted: frozenset[Place]) -> int:
    """In a process of its own: reads the publication again, which is quicker than sending it."""
    return sum(_write(open_book(Publication.read(folder / "data")), folder, places, wanted))


def _write(book: Book, folder: Path, places: Sequence[Place], wanted: frozenset[Place]) -> Iterator[int]:
    compare = comparisons(book)
    for language in LANGUAGES:
        pages = Pages(book, language, compare, wanted)
        for place in places:
            path, page = pages.place(place)
            _put(folder / path, page)
            if place in wanted:
                (folder / path).with_suffix(".pdf").write_bytes(pdf.tagged(page, folder / path))
            yield 1


def _write_general(book: Book, folder: Path, wanted: frozenset[Place]) -> int:
    compare = comparisons(book)
    pages = [page for language in LANGUAGES for page in Pages(book, language, compare, wanted).general()]
    for path, page in pages:
        _put(folder / path, page)
    return len(pages)


def _put(path: Path, page: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, encoding="utf-8")


def _wanted(book: Book, printed: Sequence[str]) -> frozenset[Place]:
    schools = {place[1]: place for place in book.of_level("school")}
    if "all" in printed:
        return frozenset(schools.values())
    unknown = [name for name in printed if name not in schools]
    if unknown:
        raise ValueError(f"There is no school “{unknown[0]}” in this report. Give its id as in the data, or “all”.")
    return frozenset(schools[name] for name in printed)


def _style() -> str:
    return resources.files("commonground.reports.equity").joinpath("style.css").read_text(encoding="utf-8")
