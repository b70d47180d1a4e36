"""Reads text whose cells are set apart by commas, semicolons, tabs or bars, in whatever encoding it says it is."""

import codecs
import csv
import io
from collections.abc import Iterator

from commonground.tables.problems import Problem

DELIMITERS = (",", ";", "\t", "|")
_READABLE = {"utf-8", "utf-8-sig", "cp1252", "iso8859-1", "utf-16"}
_SAMPLE_ROWS = 20
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


class RefusedError(Exception):
    """The text cannot be read; ``problem`` says why and where."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


def decode(data: bytes, file: str, encoding: str | None) -> tuple[str, str]:
    """The text and the encoding it was in. Without ``encoding``, a byte-order mark decides, else it must be UTF-8."""
    name = _canonical(encoding, file) if encoding else _marked(data)
    try:
        return data.decode(name), name
    except UnicodeError as error:
        at = error.start if isinstance(error, UnicodeDecodeError) else 0
        raise RefusedError(_encoding_problem(data, at, file)) from None


def _canonical(encoding: str, file: str) -> str:
    try:
        name = codecs.lookup(encoding).name
    except LookupError:
        name = ""
    if name not in _READABLE:
        raise RefusedError(Problem("unknown_encoding", file, values={"name": encoding}))
    return "utf-8-sig" if name == "utf-8" else name


def _marked(data: bytes) -> str:
    return next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")


def _encoding_problem(data: bytes, at: int, file: str) -> Problem:
    """Names the first row that is not UTF-8, what it most likely is, and how the text would read then.

    Bytes 0x80-0x9F are letters and quotation marks in Windows-1252 and never occur in Latin-1 text.
    """
    try:
        text, guess, name = data.decode("cp1252"), "Windows-1252", "cp1252"
    except UnicodeDecodeError:
        text, guess, name = data.decode("latin-1"), "Latin-1", "latin-1"
    if name == "cp1252" and not any(0x80 <= byte <= 0x9F for byte in data):
        guess, name = "Latin-1", "latin-1"
    sample = text[max(0, at - 12) : at + 13].splitlines()
    around = next((part for part in sample if not part.isascii()), "").strip(" ,;\t")
    line = data.count(b"\n", 0, at) + 1
    return Problem("encoding", file, line, values={"line": line, "guess": guess, "name": name, "sample": around})


def sniff(text: str) -> str:
    """The delimiter that cuts the first rows into most cells, the same number in each; a comma when nothing decides.

    The standard library's sniffer guesses from single characters and takes a letter for a delimiter at times.
    """

    def regular(delimiter: str) -> tuple[bool, int]:
        rows = csv.reader(io.StringIO(text[:200_000], newline=""), delimiter=delimiter)
        widths = [len(row) for row, _ in zip(rows, range(_SAMPLE_ROWS), strict=False) if row]
        return (len(set(widths)) == 1 and widths[0] > 1, max(widths, default=0))

    try:
        return max(DELIMITERS, key=regular)
    except csv.Error:
        return ","


def rows_of(text: str, delimiter: str, file: str) -> Iterator[tuple[int, list[str]]]:
    """Number (as a spreadsheet would show it) and cells of every row that is not blank."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    number = 0
    while True:
        number += 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise RefusedError(Problem("unclosed_quote", file, number, values={"detail": str(error)})) from None
        cells = [cell.strip() for cell in row]
        if any(cells):
            yield number, cells
