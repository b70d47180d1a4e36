"""From numbered rows of text to a checked table: finds the header, holds every row against it, names each problem."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from commonground.tables.columns import normalized
from commonground.tables.problems import Problem, Value
from commonground.tables.table import Limits, Row, Table

NumberedRow = tuple[int, Sequence[str]]
_HEADER_WITHIN = 40
_MOST_PROBLEMS = 200
_ALLOWED_CONTROLS = frozenset("\t\n\r")


@dataclass(frozen=True, slots=True)
class _Header:
    row: int
    names: tuple[str, ...]
    positions: dict[str, int]


def assemble(file: str, rows: Iterable[NumberedRow], limits: Limits, header_has: Iterable[str] = ()) -> Table:
    """The table of these rows. Stops after 200 problems: a file with so many has one cause."""
    source = iter(rows)
    header, problems = _header(file, source, tuple(header_has), limits)
    if header is None:
        return Table(file, problems=tuple(problems))
    kept: list[Row] = []
    nameless: set[int] = set()
    for number, cells in source:
        if len(problems) >= _MOST_PROBLEMS:
            break
        if len(kept) == limits.rows:
            problems.append(Problem("too_many_rows", file, values={"limit": limits.rows}))
            break
        problems += _row_problems(file, number, cells, header, limits, nameless)
        width = len(header.names)
        kept.append(
            Row(number, tuple(_tidy(cell) for cell in (*cells, *[""] * (width - len(cells)))[:width]), header.positions)
        )
    if not kept and not problems:
        problems.append(Problem("empty", file))
    return Table(file, tuple(header.positions), tuple(kept), tuple(problems), header.row)


def _header(
    file: str, source: Iterable[NumberedRow], wanted: tuple[str, ...], limits: Limits
) -> tuple[_Header | None, list[Problem]]:
    names = {normalized(name) for name in wanted}
    searched = 0
    for number, cells in source:
        searched = number
        if not names or any(normalized(cell) in names for cell in cells):
            return _read_header(file, number, cells, limits)
        if number >= _HEADER_WITHIN:
            break
    if not searched:
        return None, [Problem("empty", file)]
    values: dict[str, Value] = {"searched": searched, "wanted": ", ".join(f"“{name}”" for name in wanted)}
    return None, [Problem("header_not_found", file, values=values)]


def _read_header(file: str, row: int, cells: Sequence[str], limits: Limits) -> tuple[_Header | None, list[Problem]]:
    names = tuple(" ".join(_tidy(cell).split()) for cell in cells)
    if len(names) > limits.columns:
        return None, [Problem("too_many_columns", file, row, values={"limit": limits.columns})]
    positions: dict[str, int] = {}
    problems: list[Problem] = []
    for at, name in enumerate(names):
        if name in positions:
            problems.append(Problem("repeated_column", file, row, name, {"name": name}))
        elif name:
            positions[name] = at
    return _Header(row, names, positions), problems


def _row_problems(
    file: str, number: int, cells: Sequence[str], header: _Header, limits: Limits, nameless: set[int]
) -> list[Problem]:
    problems = []
    width = len(header.names)
    if any(cells[width:]):
        problems.append(Problem("extra_cells", file, number, values={"found": len(cells), "expected": width}))
    for at, cell in enumerate(cells[:width]):
        name = header.names[at] or None
        if cell and name is None and at not in nameless:
            nameless.add(at)
            problems.append(
                Problem("nameless_column", file, header.row, values={"letter": letter(at), "first": number})
            )
        if len(cell) > limits.cell_characters:
            problems.append(Problem("cell_too_long", file, number, name, {"limit": limits.cell_characters}))
        elif not cell.isprintable() and (odd := _control(cell)):
            problems.append(Problem("control_character", file, number, name, {"character": f"U+{ord(odd):04X}"}))
    return problems


def _control(cell: str) -> str | None:
    """The first character that is a control code, half of a pair, or no character at all."""
    odd = (c for c in cell if unicodedata.category(c) in {"Cc", "Cs", "Cn"} and c not in _ALLOWED_CONTROLS)
    return next(odd, None)


def _tidy(cell: str) -> str:
    """Composed letters and plain spaces, so that “Peña” typed in two ways is one name."""
    return cell if cell.isascii() else unicodedata.normalize("NFC", cell).replace("\u00a0", " ").strip(" \ufeff")


def letter(position: int) -> str:
    """The letters that a spreadsheet shows over the column at ``position`` (0 is A, 26 is AA)."""
    name = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        name = chr(ord("A") + rest) + name
    return name
