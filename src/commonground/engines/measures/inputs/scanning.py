"""Looks through a text file once, in pieces: its encoding, its line ends, blank rows; copies it where it needs repair.

The database then reads plain UTF-8 with one kind of line end, in which every row keeps its number.
"""

import codecs
import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path

from commonground.engines.measures.inputs.problems import Problem
from commonground.tables.delimited import DELIMITERS, sniff

ODD_SPACES = " \t\u00a0\r\n"
_PIECE = 4 * 2**20
_HEAD = 256 * 2**10
_SHOWN = {"cp1252": "Windows-1252", "latin-1": "Latin-1", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16"}


class RefusedError(Exception):
    """The file cannot be read; `problem` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class TextFile:
    """A text file as the database may read it: `path` is the file itself, or a repaired copy.

    `odd_spaces`: cells may begin or end with tabs or non-breaking spaces, which take long to remove.
    """

    path: Path
    delimiter: str
    header: tuple[str, ...]
    odd_spaces: bool = True
    warnings: tuple[Problem, ...] = ()

    @property
    def spaces(self) -> str:
        """What is removed from both ends of every cell."""
        return ODD_SPACES if self.odd_spaces else " "


@dataclass(slots=True)
class _Scan:
    """What one pass over the bytes showed. `bad_row` is where UTF-8 first broke."""

    ends: int = 0
    returns: int = 0
    pairs: int = 0
    blank: bool = False
    odd_spaces: bool = False
    bad_row: int = 0
    high: bool = False  # bytes 0x80-0x9F, which Latin-1 text does not have and Windows-1252 text does
    wide: bool = False  # a letter beyond ASCII that was good UTF-8, before the first bad byte


def scan(path: Path, name: str, aside: Path) -> TextFile:
    """The file, or its repaired copy at `aside`.

    Raises:
        RefusedError: the file cannot be opened, is no text, mixes encodings, or has no header.
    """
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
        encoding = _by_its_start(head, name)
        found = _scan(path, encoding)
    except OSError as error:
        raise RefusedError(Problem("unreadable", name, values={"detail": error.strerror or str(error)})) from None
    warnings = []
    if found.bad_row:
        if found.wide:
            raise RefusedError(Problem("encoding", name, found.bad_row))
        encoding = "cp1252" if found.high and _readable(path, "cp1252") else "latin-1"
        warnings.append(Problem("encoding_guessed", name, values={"guess": _SHOWN[encoding]}))
    delimiter, header = _header(head, encoding, name)
    mixed = found.returns != found.pairs or found.pairs not in (0, found.ends)
    if encoding != "utf-8" or found.blank or mixed:
        try:
            _copy(path, aside, encoding, delimiter * (len(header) - 1))
        except UnicodeDecodeError:
            raise RefusedError(Problem("damaged", name)) from None
        return TextFile(aside, delimiter, header, True, tuple(warnings))
    return TextFile(path, delimiter, header, found.odd_spaces, tuple(warnings))


def _by_its_start(head: bytes, name: str) -> str:
    """UTF-16 with a mark, or without one (every other byte of plain text is then zero); else UTF-8 until proven wrong."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16-le" if head.startswith(codecs.BOM_UTF16_LE) else "utf-16-be"
    even, odd = head[0:2000:2].count(0), head[1:2000:2].count(0)
    length = len(head[:2000]) // 2
    if odd > 0.6 * length and not even:
        return "utf-16-le"
    if even > 0.6 * length and not odd:
        return "utf-16-be"
    if b"\x00" in head or head.startswith((b"PK\x03\x04", b"%PDF", b"\xd0\xcf\x11\xe0", b"\x1f\x8b")):
        raise RefusedError(Problem("not_text", name))
    return "utf-8"


def _scan(path: Path, encoding: str) -> _Scan:
    found = _Scan()
    if encoding != "utf-8":
        return found
    decoder = codecs.getincrementaldecoder("utf-8")()
    before = b""
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            _look(piece, before, found)
            if not found.bad_row:
                _decode(decoder, piece, found)
            elif not found.high:
                found.high = _has_high(piece)
            found.ends += piece.count(b"\n")
            before = piece[-2:]
    if not found.bad_row:
        _decode(decoder, b"", found, final=True)
    return found


def _look(piece: bytes, before: bytes, found: _Scan) -> None:
    joined = before[-1:] + piece
    found.returns += piece.count(b"\r")
    found.pairs += joined.count(b"\r\n")
    whole = before + piece
    found.odd_spaces = found.odd_spaces or b"\t" in piece or (not whole.isascii() and b"\xc2\xa0" in whole)
    found.blank = found.blank or b"\n\n" in whole or b"\n \n" in whole or (found.returns > 0 and b"\n\r\n" in whole)


def _decode(decoder: codecs.IncrementalDecoder, piece: bytes, found: _Scan, final: bool = False) -> None:
    pending = len(decoder.getstate()[0])
    try:
        text = decoder.decode(piece, final)
        found.wide = found.wide or not text.removeprefix("\ufeff").isascii()
    except UnicodeDecodeError as error:
        start = max(0, error.start - pending)
        found.wide = found.wide or not _ascii_before(error)
        found.bad_row = found.ends + piece.count(b"\n", 0, start) + 1
        found.high = _has_high(piece)


def _ascii_before(error: UnicodeDecodeError) -> bool:
    return bytes(error.object[: error.start]).removeprefix(codecs.BOM_UTF8).isascii()


def _has_high(piece: bytes) -> bool:
    return re.search(rb"[\x80-\x9f]", piece) is not None


def _readable(path: Path, encoding: str) -> bool:
    """Five bytes mean nothing in Windows-1252."""
    with path.open("rb") as file:
        return not any(re.search(rb"[\x81\x8d\x8f\x90\x9d]", piece) for piece in iter(lambda: file.read(_PIECE), b""))


def _header(head: bytes, encoding: str, name: str) -> tuple[str, tuple[str, ...]]:
    text = head.decode(encoding, errors="ignore").removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    delimiter = sniff(text)
    row = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])
    header = tuple(" ".join(cell.split()) for cell in row)
    if not any(header):
        raise RefusedError(Problem("empty", name))
    if len(header) == 1 and any(mark in header[0] for mark in DELIMITERS):
        raise RefusedError(Problem("one_column", name, 1))
    return delimiter, header


def _copy(path: Path, aside: Path, encoding: str, blank: str) -> None:
    """A copy in UTF-8, in which a blank row is a row of empty cells: the database would skip it, and miscount."""
    with (
        path.open(encoding=encoding, newline=None) as source,
        aside.open("w", encoding="utf-8", newline="\n") as target,
    ):
        start = source.read(1)
        target.write(start.removeprefix("\ufeff"))
        while line := source.readline(_PIECE):
            target.write(line if line.strip() else blank + "\n")
