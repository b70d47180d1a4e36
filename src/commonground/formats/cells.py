"""Reads the cells of one row as numbers, lists and weighted lists, and collects what does not fit."""

import re
from collections.abc import Mapping

from commonground.engines.formation import Reason
from commonground.formats.texts import engine_problem, problem
from commonground.formats.vocabulary import Vocabulary
from commonground.tables import Columns, Problem, Row

# "36,7" is a decimal comma; "1,234" in a count is a separator of thousands.
_DECIMAL_COMMA = re.compile(r"^-?\d{1,3},\d+$")
_THOUSANDS = re.compile(r"^\d{1,3}(,\d{3})+$")
_LIST = re.compile(r"\s*[;|\n]\s*")


class Cells:
    """One row under the reader's own column names. Wrong cells become problems; the value is then empty."""

    def __init__(self, file: str, row: Row, columns: Columns, problems: list[Problem]) -> None:
        self.file = file
        self.row = row
        self._columns = columns
        self._problems = problems

    def complain(self, code: str, column: str | None = None, **values: str | int | float) -> None:
        shown = (self._columns.get(column) or column) if column else None
        self._problems.append(problem(code, self.file, self.row.number, shown, **values))

    def refuse(self, reason: Reason) -> None:
        """Reports what an engine refused to make of this row."""
        self._problems.append(engine_problem(reason, self.file, self.row.number))

    def text(self, column: str, *, required: bool = False) -> str:
        cell = self.row.get(self._columns[column])
        if required and not cell and self._columns[column]:
            self.complain("empty_cell", column)
        return cell

    def number(self, column: str, low: float, high: float) -> float | None:
        """A number between two bounds, with a decimal point or comma; None for an empty or wrong cell."""
        cell = self.text(column)
        if not cell:
            return None
        try:
            value = float(cell.replace(",", ".") if _DECIMAL_COMMA.match(cell) else cell)
        except ValueError:
            self.complain("not_a_number", column, found=cell)
            return None
        if not low <= value <= high:
            self.complain("out_of_range", column, found=cell, low=low, high=high)
            return None
        return value

    def whole(self, column: str) -> int | None:
        """A whole number of 0 or more; None for an empty or wrong cell."""
        cell = self.text(column)
        if not cell:
            return None
        try:
            value = float(cell.replace(",", "") if _THOUSANDS.match(cell) else cell)
        except ValueError:
            value = -1.0
        if value < 0 or value != int(value):
            self.complain("not_whole", column, found=cell)
            return None
        return int(value)

    def names(self, column: str, vocabulary: Vocabulary | None = None) -> tuple[str, ...]:
        """A list set apart by semicolons, bars or line breaks, in its order, doubles left off."""
        found = [one for one in _LIST.split(self.text(column)) if one]
        if vocabulary is not None:
            found = [spelled for one in found if (spelled := self._spell(column, one, vocabulary))]
        return tuple(dict.fromkeys(found))

    def weighted(self, column: str, vocabulary: Vocabulary) -> Mapping[str, float]:
        """A list of topics, each with an importance if one follows a colon: ``attendance; writing:2``."""
        weights: dict[str, float] = {}
        for one in self.names(column):
            name, colon, number = one.rpartition(":")
            if not colon:
                name, number = one, "1"
            try:
                weight = float(number)
            except ValueError:  # a colon within a topic's own name
                name, weight = one, 1.0
            if not (name.strip() and 0 < weight <= 100):
                self.complain("bad_importance", column, found=one)
            elif spelled := self._spell(column, name.strip(), vocabulary):
                weights[spelled] = weight
        return weights

    def _spell(self, column: str, name: str, vocabulary: Vocabulary) -> str | None:
        spelled = vocabulary.spell(name)
        if spelled is None:
            shown = self._columns[column]
            self._problems.append(vocabulary.refusal(name, self.file, self.row.number, shown))
        return spelled
