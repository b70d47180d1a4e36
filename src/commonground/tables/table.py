"""A table as it was read: every cell is text, every row knows its number, and what is wrong comes along as data."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from commonground.tables.problems import Problem


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a table may ask of the machine. The defaults admit a national directory of 100,000 schools.

    Sizes are in bytes, ``seconds`` is wall-clock time, ``memory_mb`` is what the reading process may take beyond its
    own code; time and memory bound spreadsheets, which are read in a child process.
    """

    file_bytes: int = 100 * 2**20
    unpacked_bytes: int = 600 * 2**20
    rows: int = 250_000
    columns: int = 400
    cell_characters: int = 20_000
    seconds: float = 120.0
    memory_mb: int = 1024


@dataclass(frozen=True, slots=True)
class Row:
    """One row below the header. ``row["latitude"]`` is the cell under that header; an empty cell is ``""``."""

    number: int
    cells: tuple[str, ...]
    _positions: Mapping[str, int] = field(repr=False, compare=False)

    def __getitem__(self, header: str) -> str:
        return self.cells[self._positions[header]]

    def get(self, header: str | None, default: str = "") -> str:
        """The cell under a header, or ``default`` where the table has no such column."""
        position = None if header is None else self._positions.get(header)
        return default if position is None else self.cells[position]

    def as_dict(self) -> dict[str, str]:
        """Header to cell, in the file's order."""
        return {header: self.cells[position] for header, position in self._positions.items()}


@dataclass(frozen=True, slots=True)
class Table:
    """A header and its rows. Where ``problems`` is not empty nothing of the table should be used."""

    file: str
    header: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    problems: tuple[Problem, ...] = ()
    header_row: int = 1
    sheet: str | None = None
    encoding: str | None = None
    delimiter: str | None = None

    @property
    def ok(self) -> bool:
        return not self.problems

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)
