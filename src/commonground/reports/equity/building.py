"""Building the site of a report: every page in every language, downloads, PDF on request."""

import gc
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from itertools import chain
from multiprocessing import get_context
from pathlib import Path

from commonground import pdf
from commonground.engines.disclosure.publication import Publication
from commonground.reports.equity.book import Book, Place, open_book
from commonground.reports.equity.comparisons import comparisons
from commonground.reports.equity.downloads import write_downloads
from commonground.reports.equity.pages import Pages, landing
from commonground.reports.equity.rows import Comparisons
from commonground.reports.equity.words import LANGUAGES

Progress = Callable[[int, int], None]
_GENERAL = 4  # pages of a language that are no place's own


@dataclass(frozen=True, slots=True)
class _Report:
    """What pages are made of, the folder that they go to, and the schools that are also printed."""

    folder: Path
    book: Book
    compare: Comparisons
    printed: frozenset[Place]

    def places(self) -> list[Place]:
        return [*self.book.of_level("lea"), *self.book.of_level("school")]


def build_site(folder: Path, printed: Sequence[str] = (), workers: int = 2, progress: Progress | None = None) -> int:
    """Add pages and downloads to a folder whose ``data`` folder holds a publication; returns the number of pages.

    ``printed`` names schools whose pages are also written as tagged PDF ("all" for every school). ``progress(done, total)``
    is called as pages are written. Raises NoPdfError, ValueError for a school that the report does not have.
    """
    written = 0
    _put(folder / "style.css", _style())  # before any page: PDF is made with it
    with ProcessPoolExecutor(max(workers - 1, 1), mp_context=get_context("spawn")) as pool:
        others = [pool.submit(_apart, folder, printed, at, workers) for at in range(1, workers)]
        with _opened(folder, printed) as report:
            total = 1 + len(LANGUAGES) * (len(report.places()) + _GENERAL)
            mine = chain(_write(report, report.places()[::workers]), _write_general(report))
            for done in chain(mine, (other.result() for other in others)):
                written += done
                if progress:
                    progress(written, total)
    return written


def _apart(folder: Path, printed: Sequence[str], at: int, workers: int) -> int:
    """A share of the places, in a process of its own: reads the publication again, which is quicker than sending it."""
    with _opened(folder, printed) as report:
        return sum(_write(report, report.places()[at::workers]))


@contextmanager
def _opened(folder: Path, printed: Sequence[str]) -> Iterator[_Report]:
    """The report of a folder.

    Its half a million figures live to the end: to look through them for garbage again and again takes as long as to read
    them.
    """
    gc.disable()
    try:
        book = open_book(Publication.read(folder / "data"))
        report = _Report(folder, book, comparisons(book), _wanted(book, printed))
        gc.freeze()
    finally:
        gc.enable()
    try:
        yield report
    finally:
        gc.unfreeze()


def _write(report: _Report, places: Sequence[Place]) -> Iterator[int]:
    for language in LANGUAGES:
        pages = Pages(report.book, language, report.compare, report.printed)
        for place in places:
            path, page = pages.place(place)
            _put(report.folder / path, page)
            if place in report.printed:
                (report.folder / path).with_suffix(".pdf").write_bytes(pdf.tagged(page, report.folder / path))
            yield 1


def _write_general(report: _Report) -> Iterator[int]:
    """What there is one of: first page, overviews, downloads."""
    _put(report.folder / "index.html", landing(report.book))
    yield 1
    for language in LANGUAGES:
        for path, page in Pages(report.book, language, report.compare, report.printed).general():
            _put(report.folder / path, page)
            yield 1
    write_downloads(report.book, report.folder / "data", report.folder / "downloads")


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
