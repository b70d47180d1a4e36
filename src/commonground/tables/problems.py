"""What can be wrong with a table, as data: a code, the place (file, row, column), values, and an English sentence.

A page shows the sentence in the reader's language by translating ``TEXTS[problem.code]`` and filling in
``problem.values``. Readers of one kind of table (schools, facilitators, ...) bring their own texts: ``Problem``
carries its template along.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from commonground.i18n import N_

Value = str | int | float

TEXTS: Mapping[str, str] = MappingProxyType(
    {
        "not_found": N_("There is no file with this name. Check the name and the folder."),
        "unreadable": N_("The file cannot be opened: {detail}."),
        "empty": N_(
            "The file has no rows. It needs a header row with the column names, and one row below it per entry."
        ),
        "too_big": N_("The file has {size}; at most {limit} can be read. Split it, or remove sheets and pictures."),
        "old_excel": N_(
            "This is a spreadsheet in the old .xls format, or one that is locked with a password. Open it, and save "
            "it as .xlsx without a password, or as CSV UTF-8."
        ),
        "not_a_table": N_("This looks like {kind}, not like a table. Save the table as CSV UTF-8 or .xlsx."),
        "encoding": N_(
            "The file is not in UTF-8. Row {line} looks like {guess}: “{sample}”. Save it again as “CSV "
            "UTF-8”, or, if that text reads right, name its encoding ({name})."
        ),
        "unknown_encoding": N_("“{name}” is not an encoding that can be read here. Use utf-8, cp1252 or latin-1."),
        "control_character": N_("The cell holds a character that cannot be shown (code {character}). Remove it."),
        "unclosed_quote": N_(
            "The row cannot be read: {detail}. Often a quotation mark is opened and never closed, in this row or above."
        ),
        "too_many_rows": N_("The table has more than {limit} rows. Split it into several files."),
        "too_many_columns": N_("The table has more than {limit} columns. Remove the ones that are not needed."),
        "cell_too_long": N_("The cell holds more than {limit} characters. Shorten it."),
        "repeated_column": N_("Two columns are called “{name}”. Rename or remove one of them."),
        "nameless_column": N_("Column {letter} has no name in the header row, but row {first} has a value in it."),
        "extra_cells": N_(
            "The row has {found} cells, but the header has {expected}. A text with a comma needs quotation marks."
        ),
        "header_not_found": N_("None of the first {searched} rows names one of the columns {wanted}."),
        "unknown_column": N_("This column is not known. Known columns: {known}."),
        "misspelled_column": N_("This column is not known. Did you mean “{suggestion}”?"),
        "missing_column": N_("The column “{name}” is missing."),
        "ambiguous_column": N_("“{name}” and “{other}” are the same column here ({meaning}). Keep one of them."),
        "damaged": N_("The spreadsheet is damaged or is not a spreadsheet: {detail}. Open it, and save it again."),
        "too_much_inside": N_(
            "The spreadsheet is small but unpacks to {size}; at most {limit} is read. Save only the sheet that "
            "is needed."
        ),
        "too_slow": N_(
            "Reading took more than {limit} seconds and was stopped. Save only the sheet that is needed, as CSV."
        ),
        "too_much_memory": N_("Reading needs more than {limit} MB of memory and was stopped. Save the sheet as CSV."),
        "no_such_sheet": N_("The spreadsheet has no sheet “{name}”. Its sheets: {sheets}."),
        "formula_without_value": N_(
            "The cell holds a formula without a saved result. Open the file in a spreadsheet program and save it, or "
            "enter the value itself."
        ),
        "spreadsheet_error": N_("The cell shows the spreadsheet error {shown}. Repair it, or leave the cell empty."),
    }
)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, and where.

    ``row`` is the number that a spreadsheet shows beside the row (the header usually is row 1), ``column`` the header's
    text; both are None where the whole file is meant. ``values`` fill the placeholders of ``template``.
    """

    code: str
    file: str = ""
    row: int | None = None
    column: str | None = None
    values: Mapping[str, Value] = field(default_factory=dict)
    template: str = ""

    def __post_init__(self) -> None:
        if not self.template:
            object.__setattr__(self, "template", TEXTS[self.code])

    @property
    def message(self) -> str:
        """What is wrong and the next step, in English, without the place."""
        return self.template.format(**self.values)

    @property
    def place(self) -> str:
        """File, row and column in words: ``schools.csv, row 3, column “latitude”``."""
        row = f"row {self.row}" if self.row is not None else ""
        column = f"column “{self.column}”" if self.column is not None else ""
        return ", ".join(part for part in (self.file, row, column) if part)

    def __str__(self) -> str:
        return f"{self.place}: {self.message}" if self.place else self.message


def in_order(problems: list[Problem]) -> list[Problem]:
    """The problems sorted as a person repairs them: the whole file first, then row by row."""
    return sorted(problems, key=lambda problem: (problem.file, problem.row or 0))
