"""Reads one sheet of an XLSX file into rows of text. Runs in the child process: a file may be made to do harm."""

import datetime
import io
import zipfile
from collections.abc import Iterator
from typing import Any

import openpyxl
from openpyxl.worksheet._read_only import ReadOnlyWorksheet

_ERRORS = frozenset({"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#SPILL!", "#CALC!"})
_MOST_PARTS = 5_000


class _RefusedError(Exception):
    """The sheet is not read; ``problem`` is the answer to give."""

    def __init__(self, code: str, **values: str | int) -> None:
        super().__init__(code)
        self.problem = {"code": code, "values": values}


def read_workbook(payload: bytes, *, sheet: str | None, unpacked_bytes: int, rows: int, columns: int) -> dict[str, Any]:
    """``{"sheet", "rows": [[number, [cell, ...]], ...], "marks": [[number, position, code, shown], ...]}``.

    ``marks`` name cells that cannot be used: formulas without a saved result, and spreadsheet errors. Where the file
    cannot be read at all, ``{"problem": {"code", "values"}}`` of ``problems.TEXTS``.
    """
    try:
        _look_before_unpacking(payload, unpacked_bytes)
        return _read(payload, sheet, rows, columns)
    except _RefusedError as refused:
        return {"problem": refused.problem}
    except MemoryError:
        raise
    except Exception as error:  # a damaged file can raise anything in the libraries below; the child is here for that
        if _ran_out_of_memory(error):
            raise MemoryError from None
        detail = " ".join(f"{type(error).__name__}: {error}".split())[:160]
        return {"problem": {"code": "damaged", "values": {"detail": detail}}}


def _ran_out_of_memory(error: BaseException | None) -> bool:
    """Whether memory is behind it: the libraries pass it on under other names."""
    while error is not None:
        if isinstance(error, MemoryError) or "out of memory" in str(error):
            return True
        error = error.__cause__ or error.__context__
    return False


def _look_before_unpacking(payload: bytes, most: int) -> None:
    with zipfile.ZipFile(io.BytesIO(payload)) as archive:
        parts = archive.infolist()
        size = sum(part.file_size for part in parts)
        if size > most or len(parts) > _MOST_PARTS:
            raise _RefusedError("too_much_inside", size=f"{size / 2**20:,.0f} MB", limit=f"{most / 2**20:,.0f} MB")


def _read(payload: bytes, wanted: str | None, rows: int, columns: int) -> dict[str, Any]:
    book = openpyxl.load_workbook(io.BytesIO(payload), read_only=True, data_only=True, keep_links=False)
    sheet = _choose(book, wanted)
    found: list[tuple[int, list[str]]] = []
    marks: list[tuple[int, int, str, str]] = []
    for number, cells in _texts(sheet, columns):
        if len(found) > rows:
            raise _RefusedError("too_many_rows", limit=rows)
        found.append((number, cells))
        marks += [(number, at, "spreadsheet_error", cell) for at, cell in enumerate(cells) if cell in _ERRORS]
    marks += _formulas_without_value(payload, str(sheet.title), columns)
    return {"sheet": sheet.title, "rows": found, "marks": marks}


def _choose(book: openpyxl.Workbook, wanted: str | None) -> ReadOnlyWorksheet:
    """The sheet of that name, else the first one in view."""
    sheets = {str(sheet.title): sheet for sheet in book.worksheets}
    if wanted is not None and wanted not in sheets:
        raise _RefusedError("no_such_sheet", name=wanted, sheets=", ".join(sheets))
    if not sheets:
        raise _RefusedError("empty")
    if wanted is None:
        in_view = [title for title, sheet in sheets.items() if sheet.sheet_state == "visible"]
        wanted = in_view[0] if in_view else next(iter(sheets))
    return sheets[wanted]


def _texts(sheet: ReadOnlyWorksheet, columns: int) -> Iterator[tuple[int, list[str]]]:
    """Number and cells of every row that is not blank, blank cells at the end left off."""
    sheet.reset_dimensions()  # the size that a file states is often wrong, and may be made enormous
    for number, values in enumerate(sheet.values, start=1):
        cells = [_text(value) for value in values]
        while cells and not cells[-1]:
            cells.pop()
        if len(cells) > columns:
            raise _RefusedError("too_many_columns", limit=columns)
        if cells:
            yield number, cells


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime.datetime):
        midnight = value.time() == datetime.time()
        return value.date().isoformat() if midnight else value.isoformat(sep=" ")
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return str(value).strip()


def _formulas_without_value(payload: bytes, title: str, columns: int) -> list[tuple[int, int, str, str]]:
    """Cells with a formula whose result the file does not hold. A second pass, only where there are formulas."""
    if not _has_formulas(payload):
        return []
    shown = _by_place(payload, title, columns, data_only=True)
    written = _by_place(payload, title, columns, data_only=False)
    return [
        (number, at, "formula_without_value", text)
        for (number, at), text in written.items()
        if text.startswith("=") and (number, at) not in shown
    ]


def _has_formulas(payload: bytes) -> bool:
    with zipfile.ZipFile(io.BytesIO(payload)) as archive:
        names = [name for name in archive.namelist() if name.startswith("xl/worksheets/") and name.endswith(".xml")]
        return any(b"<f>" in (data := archive.read(name)) or b"<f " in data for name in names)


def _by_place(payload: bytes, title: str, columns: int, *, data_only: bool) -> dict[tuple[int, int], str]:
    book = openpyxl.load_workbook(io.BytesIO(payload), read_only=True, data_only=data_only, keep_links=False)
    sheet = _choose(book, title)
    return {(number, at): cell for number, cells in _texts(sheet, columns) for at, cell in enumerate(cells) if cell}
