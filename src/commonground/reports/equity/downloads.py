"""Files to take away: a spreadsheet with a sheet for each measure, and one ZIP with everything and a data dictionary."""

import zipfile
from collections.abc import Iterable, Iterator
from importlib import resources
from pathlib import Path

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from commonground.reports.equity.book import Book, Place

FIRST_FIGURE = 4  # columns before it name the place and year
LEVELS = ("city", "sector", "lea", "school")
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same figures give the same file


def write_downloads(book: Book, data: Path, folder: Path) -> None:
    """Write equity.xlsx and open-data.zip into ``folder``; ``data`` is the publication's own folder."""
    folder.mkdir(parents=True, exist_ok=True)
    write_workbook(book, folder / "equity.xlsx")
    write_archive(data, folder / "open-data.zip")


def write_workbook(book: Book, path: Path) -> None:
    """A sheet for each measure: places and years down, groups across, figures as the pages show them."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(path, options) as workbook:
        bold = workbook.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        for metric, about in book.metrics.items():
            sheet = workbook.add_worksheet(metric[:31])
            groups = sorted(
                {group for cells in book.cells.values() for name, _, group in cells if name == metric},
                key=lambda group: book.order.get(group, 0),
            )
            _fill(sheet, [[about["name_en"], about["sentence_en"]], _heads(book, groups)], 0, bold)
            _fill(sheet, _lines(book, metric, groups), 2)
            sheet.freeze_panes(2, FIRST_FIGURE)
            sheet.set_column(2, 2, 32)


def _heads(book: Book, groups: list[str]) -> list[str]:
    return [
        "Level",
        "Id",
        "Name",
        "Year",
        *(book.groups[group]["name_en"] if group in book.groups else group for group in groups),
    ]


def _lines(book: Book, metric: str, groups: list[str]) -> Iterator[list[str]]:
    for place in _places(book):
        cells, row = book.cells[place], book.places.get(place, {"name": ""})
        for year in book.years:
            told = [cells.get((metric, year, group)) for group in groups]
            if any(told):
                yield [*place, row["name"], year, *((cell.text if cell else "") for cell in told)]


def _places(book: Book) -> Iterable[Place]:
    return (place for level in LEVELS for place in book.of_level(level))


def _fill(sheet: Worksheet, lines: Iterable[list[str]], start: int, *style: object) -> None:
    for number, line in enumerate(lines):
        for column, text in enumerate(line):
            sheet.write(start + number, column, _number(text) if column >= FIRST_FIGURE else text, *style)


def _number(text: str) -> str | float:
    """A count as a number, so that a spreadsheet can add it up; anything else as it is shown."""
    plain = text.replace(",", "")
    return float(plain) if plain.isdigit() else text


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
