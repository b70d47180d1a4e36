"""Files to take away: a spreadsheet with a sheet for each measure, and one ZIP with everything and a data dictionary."""

import zipfile
from collections.abc import Iterable, Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError
from xlsxwriter.worksheet import Worksheet

from commonground.reports.equity.book import Book, Cell, Place
from commonground.reports.equity.words import LANGUAGES, knows, speaker

FIRST_FIGURE = 4  # columns before it name the place and year
LEVELS = ("city", "sector", "lea", "school")
_HEADS = 2 * len(LANGUAGES)
_UNTOLD = {word: " / ".join(speaker(language)(word) for language in LANGUAGES) for word in ("withheld", "missing")}
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same figures give the same file


def write_downloads(book: Book, data: Path, folder: Path) -> None:
    """Write equity.xlsx and open-data.zip into ``folder``; ``data`` is the publication's own folder."""
    folder.mkdir(parents=True, exist_ok=True)
    write_workbook(book, folder / "equity.xlsx")
    write_archive(data, folder / "open-data.zip")


def write_workbook(book: Book, path: Path) -> None:
    """A sheet for each measure: places and years down, groups across, figures as the pages show them."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    try:
        _write_sheets(book, path, options)
    except FileCreateError as error:  # what the library makes of a full disk
        raise error.args[0] if isinstance(error.args[0], OSError) else error from None


def _write_sheets(book: Book, path: Path, options: Mapping[str, bool]) -> None:
    with xlsxwriter.Workbook(path, options) as workbook:
        bold = workbook.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        for metric, about in book.metrics.items():
            sheet = workbook.add_worksheet(metric[:31])
            groups = sorted(_groups(book, metric), key=lambda group: book.order.get(group, 0))
            _fill(sheet, _heads(book, about, groups), 0, bold)
            _fill(sheet, _lines(book, metric, groups), _HEADS)
            sheet.freeze_panes(_HEADS, FIRST_FIGURE)
            sheet.set_column(2, 2, 32)


def _groups(book: Book, metric: str) -> set[str]:
    of_all = (there for cells in book.cells.values() for (name, _), there in cells.items() if name == metric)
    return {group for there in of_all for group in there}


def _heads(book: Book, about: Mapping[str, Any], groups: list[str]) -> Iterator[list[str]]:
    """In each language the measure with its rule; then in each what the columns hold."""
    for language in LANGUAGES:
        yield [about[f"name_{language}"], about[f"sentence_{language}"]]
    for language in LANGUAGES:
        say = speaker(language)
        named = (book.groups[group][f"name_{language}"] if group in book.groups else group for group in groups)
        yield [*(say(f"column:{name}") for name in ("level", "id", "name", "year")), *named]


def _shown(cell: Cell | None) -> str:
    if cell is None:
        return ""
    if cell.status in _UNTOLD:
        return _UNTOLD[cell.status]
    return cell.text


def _name(book: Book, place: Place) -> str:
    word = "whole_city" if place[0] == "city" else f"schools_of:{place[1]}"
    if place[0] not in ("city", "sector") or not knows(word):
        return book.places.get(place, {"name": ""})["name"]
    return " / ".join(speaker(language)(word) for language in LANGUAGES)


def _lines(book: Book, metric: str, groups: list[str]) -> Iterator[list[str]]:
    for place in _places(book):
        name = _name(book, place)
        for year in book.years:
            cells = book.cells[place].get((metric, year), {})
            if cells:
                yield [*place, name, year, *(_shown(cells.get(group)) for group in groups)]


def _places(book: Book) -> Iterable[Place]:
    return (place for level in LEVELS for place in book.of_level(level))


def _fill(sheet: Worksheet, lines: Iterable[list[str]], start: int, *style: object) -> None:
    """A count as a number, so that a spreadsheet can add it up; anything else as it is shown."""
    for row, line in enumerate(lines, start):
        for column, text in enumerate(line):
            if column >= FIRST_FIGURE and text.replace(",", "").isdigit():
                sheet.write_number(row, column, float(text.replace(",", "")), *style)
            elif text:
                sheet.write_string(row, column, text, *style)


def write_archive(data: Path, path: Path) -> None:
    """All data files and a data dictionary, the same bytes for the same figures."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for file in sorted(data.iterdir()):
            info = zipfile.ZipInfo(f"equity-data/{file.name}", _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(info, "w") as target:
                target.write(file.read_bytes())
        archive.writestr(zipfile.ZipInfo("equity-data/dictionary.csv", _EPOCH), _dictionary())


def _dictionary() -> bytes:
    return b"\xef\xbb\xbf" + resources.files("commonground.reports.equity").joinpath("dictionary.csv").read_bytes()
