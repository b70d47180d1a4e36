"""The one door for tables: looks at what the bytes are, reads them within limits, and reports what is wrong as data."""

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

from commonground.tables.assembling import assemble
from commonground.tables.bounded import StoppedError, run_bounded
from commonground.tables.delimited import RefusedError, decode, rows_of, sniff
from commonground.tables.problems import Problem
from commonground.tables.table import Limits, Table

_STOPPED = {"time": "too_slow", "memory": "too_much_memory", "crash": "damaged"}
# What a file is, by its first bytes: its name's ending is often wrong.
_OTHER_KINDS = (
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"\x1f\x8b", "a compressed archive"),
    (b"{\\rtf", "a text document"),
    (b"<!DOCTYPE", "a web page"),
    (b"<html", "a web page"),
    (b"<?xml", "an XML document"),
)


def read_table(
    source: Path | bytes,
    *,
    name: str | None = None,
    limits: Limits | None = None,
    encoding: str | None = None,
    sheet: str | None = None,
    header_has: Collection[str] = (),
) -> Table:
    """Reads a CSV or XLSX file, or an upload's bytes, into a table of text. Never raises for what a file holds.

    ``name`` is what messages call the file (default: the path's last part). ``encoding`` overrides UTF-8 (or what a
    byte-order mark says) for CSV. ``sheet`` chooses a sheet, default the first one in view. The header is the first row
    that is not blank or, given ``header_has``, the first row within 40 that names one of these columns, for files
    with a title above. Numbers and dates of a spreadsheet become text (``12``, ``36.75``, ``2026-09-01``).
    """
    bounds = limits or Limits()
    shown = name or (source.name if isinstance(source, Path) else "upload")
    try:
        data = _bytes(source, shown, bounds)
        if data.startswith(b"PK\x03\x04"):
            return _read_xlsx(data, shown, bounds, sheet, header_has)
        return _read_text(data, shown, bounds, encoding, header_has)
    except RefusedError as refused:
        return Table(shown, problems=(refused.problem,))


def _bytes(source: Path | bytes, name: str, limits: Limits) -> bytes:
    try:
        size = source.stat().st_size if isinstance(source, Path) else len(source)
        if size > limits.file_bytes:
            values = {"size": f"{size / 2**20:,.1f} MB", "limit": f"{limits.file_bytes / 2**20:,.1f} MB"}
            raise RefusedError(Problem("too_big", name, values=values))
        data = source.read_bytes() if isinstance(source, Path) else source
    except FileNotFoundError:
        raise RefusedError(Problem("not_found", name)) from None
    except OSError as error:
        raise RefusedError(Problem("unreadable", name, values={"detail": error.strerror or str(error)})) from None
    _refuse_other_kinds(data, name)
    return data


def _refuse_other_kinds(data: bytes, name: str) -> None:
    start = data[:64].lstrip()
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise RefusedError(Problem("old_excel", name))
    for mark, kind in _OTHER_KINDS:
        if start[: len(mark)].lower() == mark.lower():
            raise RefusedError(Problem("not_a_table", name, values={"kind": kind}))
    if b"\x00" in data[:4096] and not data.startswith((b"PK\x03\x04", b"\xff\xfe", b"\xfe\xff")):
        raise RefusedError(Problem("not_a_table", name, values={"kind": "a program's own format"}))


def _read_text(data: bytes, name: str, limits: Limits, encoding: str | None, header_has: Collection[str]) -> Table:
    text, used = decode(data, name, encoding)
    delimiter = sniff(text)
    table = assemble(name, rows_of(text, delimiter, name), limits, header_has)
    return replace(table, encoding=used, delimiter=delimiter)


def _read_xlsx(data: bytes, name: str, limits: Limits, sheet: str | None, header_has: Collection[str]) -> Table:
    options = {"sheet": sheet, "unpacked_bytes": limits.unpacked_bytes, "rows": limits.rows, "columns": limits.columns}
    try:
        answer: dict[str, Any] = run_bounded(
            "commonground.tables.workbook:read_workbook",
            data,
            options,
            seconds=limits.seconds,
            memory_mb=limits.memory_mb,
        )
    except StoppedError as stopped:
        limit = limits.memory_mb if stopped.reason == "memory" else f"{limits.seconds:g}"
        values = {"limit": limit, "detail": "the reader broke down"}
        return Table(name, problems=(Problem(_STOPPED[stopped.reason], name, values=values),))
    if "problem" in answer:
        return Table(name, problems=(Problem(file=name, **answer["problem"]),))
    table = assemble(name, answer["rows"], limits, header_has)
    return replace(table, sheet=answer["sheet"], problems=(*table.problems, *_marked(answer["marks"], table)))


def _marked(marks: list[tuple[int, int, str, str]], table: Table) -> list[Problem]:
    """Problems of single cells that the child found, under the table's own column names."""
    names = dict(enumerate(table.header))
    return [
        Problem(code, table.file, number, names.get(at), {"shown": shown})
        for number, at, code, shown in marks
        if number > table.header_row
    ]
