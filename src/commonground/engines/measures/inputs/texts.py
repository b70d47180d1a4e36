"""What can be wrong with an LEA's files: a code, how bad it is, what to say, and what to do about it.

No text repeats a cell of a table about students: the file and the row say where to look, and a list of problems may be
passed on by mail. Names of columns and files, and codes of schools, are shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from commonground.i18n import N_


@dataclass(frozen=True, slots=True)
class Text:
    """`severity` is "error" (nothing is computed) or "warning" (it is worth a look, and may be right)."""

    severity: str
    message: str
    remedy: str


def _error(message: str, remedy: str) -> Text:
    return Text("error", message, remedy)


def _warning(message: str, remedy: str) -> Text:
    return Text("warning", message, remedy)


FILES = {
    "no_folder": _error(N_("There is no folder with this name."), N_("Check the name after --data.")),
    "no_tables": _error(
        N_("The folder holds none of the tables."),
        N_("Put files such as students.csv and enrollments.csv into it, or one folder for each LEA."),
    ),
    "missing_table": _error(N_("The table {name} is missing."), N_("Add {name}.csv or {name}.parquet to the folder.")),
    "not_provided": _warning(
        N_("The table {name} was not provided."),
        N_("Figures that need it will be missing for this LEA, not zero. Add {name}.csv if there are such data."),
    ),
    "year_not_provided": _warning(
        N_("The table {name} has no row of {year}."),
        N_(
            "Figures that need it will be missing for that year, not zero. If nothing happened, say so in nothing_happened.csv."
        ),
    ),
    "unknown_file": _warning(
        N_("No table has this name, so the file was not read."), N_("Known tables: {known}. Rename or remove the file.")
    ),
    "two_files": _error(N_("The table {name} is there twice."), N_("Keep one of the files.")),
    "two_attendances": _error(
        N_("Attendance is given by day and as totals."), N_("Keep attendance_days or attendance_totals, not both.")
    ),
    "unreadable": _error(N_("The file cannot be opened: {detail}."), N_("Check that you may read it.")),
    "damaged": _error(N_("The file is damaged or is not what its name says."), N_("Export it again.")),
    "not_text": _error(
        N_("The file is not a text table."), N_("Save it as CSV UTF-8; a spreadsheet does not become one by its name.")
    ),
    "encoding": _error(
        N_("The row holds bytes that are not UTF-8, though rows above it are."),
        N_("The file mixes two encodings. Export all of it as CSV UTF-8."),
    ),
    "encoding_guessed": _warning(
        N_("The file is not in UTF-8; it was read as {guess}."), N_("Look at names with accents, or export CSV UTF-8.")
    ),
    "empty": _error(N_("The file has no header row."), N_("Its first row must name the columns.")),
    "no_rows": _warning(
        N_("The table has a header but no rows."),
        N_("It counts as provided: nothing happened. Remove the file if the data are missing instead."),
    ),
    "one_column": _error(
        N_("The header could not be cut into columns."),
        N_("Separate columns by commas, semicolons or tabs, the same throughout the file."),
    ),
    "missing_column": _error(N_("The column “{name}” is missing."), N_("Add it; the documents say what it holds.")),
    "missing_groups": _warning(
        N_("The column “{name}” is missing."), N_("These students will be counted under “unknown”. Add it if known.")
    ),
    "misspelled_column": _error(N_("This column is not known."), N_("Did you mean “{suggestion}”? Rename it.")),
    "ambiguous_column": _error(
        N_("“{name}” and “{other}” are the same column here ({meaning})."), N_("Keep one of them.")
    ),
    "repeated_column": _error(N_("Two columns have this name."), N_("Rename or remove one of them.")),
    "ignored_column": _warning(
        N_("This column is not used, and nothing of it was kept."),
        N_("Leave it out of the file: what is not sent cannot get lost."),
    ),
}
CELLS = {
    "too_few_cells": _error(
        N_("The row has fewer cells than the header."), N_("Check the delimiter and the quotation marks in this row.")
    ),
    "too_many_cells": _error(
        N_("The row has more cells than the header."), N_("A text that holds the delimiter needs quotation marks.")
    ),
    "unclosed_quote": _error(
        N_("A quotation mark is opened and not closed as it should be."),
        N_("Close it, or write it twice inside a text."),
    ),
    "unreadable_row": _error(N_("The row cannot be read."), N_("Look at it in a text editor, and export it again.")),
    "empty_cell": _error(N_("The cell is empty."), N_("Fill it in.")),
    "unknown_code": _error(N_("The cell holds a code that is not known."), N_("Use one of: {known}.")),
    "bad_year": _error(N_("The cell holds no school year."), N_("Write the ending year, such as 2025 for 2024-25.")),
    "bad_date": _error(N_("The cell holds no date."), N_("Write dates as 2024-09-03 (year, month, day).")),
    "mixed_dates": _error(
        N_("The column mixes date formats ({rows} rows stand out)."),
        N_("Write every date of the column as 2024-09-03 (year, month, day)."),
    ),
    "ambiguous_dates": _error(
        N_("Nobody can tell whether the day or the month comes first in this column."),
        N_("Write every date of the column as 2024-09-03 (year, month, day)."),
    ),
    "bad_number": _error(N_("The cell holds no number."), N_("Write digits, with a point or a comma before decimals.")),
    "negative": _error(N_("The number is negative."), N_("Correct it; days cannot be fewer than 0.")),
    "out_of_bounds": _error(N_("The number is not between {low} and {high}."), N_("Correct it.")),
    "not_whole": _error(N_("The number is not whole."), N_("Write a whole number.")),
}

CHECKS = {
    "repeated_row": _error(N_("Another row says exactly the same."), N_("Keep one of the two.")),
    "repeated_key": _error(
        N_("Another row has the same {key}, with other values."),
        N_("Keep the row that is right, or give it its own id."),
    ),
    "lea_unknown": _error(N_("The LEA is not in leas of this folder."), N_("Correct the id, or add the LEA.")),
    "grades_reversed": _error(N_("The lowest grade is above the highest."), N_("Swap or correct the two.")),
    "school_unknown": _error(
        N_("No LEA lists this school."), N_("Correct the id, or add the school to schools of this folder.")
    ),
    "school_of_other": _error(
        N_("The school belongs to another LEA."), N_("Correct the id; an LEA reports for its own schools only.")
    ),
    "student_unknown": _error(
        N_("The student is not in the table students of this folder for this year."),
        N_("Correct the id, or add the student."),
    ),
    "never_enrolled": _error(
        N_("The student was not enrolled at this school in this year."), N_("Correct the row, or add the enrollment.")
    ),
    "not_enrolled_then": _warning(
        N_("The student was not enrolled at this school on this day."),
        N_("Check the date, and the enrollment's dates."),
    ),
    "tested_elsewhere": _warning(
        N_("The student was not enrolled at this school in this year."),
        N_("The school counts the student all the same. Check that this is meant."),
    ),
    "groups_differ": _error(
        N_("The student's “{name}” differs between two rows of one year."),
        N_("Agree on one value for the year; where two LEAs differ, ask each other."),
    ),
    "grade_not_served": _error(
        N_("The school does not serve this grade."), N_("Correct the grade, or the school's lowest and highest grade.")
    ),
    "exit_before_entry": _error(N_("The exit is before the entry."), N_("Correct the two dates.")),
    "no_day": _warning(
        N_("Entry and exit are the same day."), N_("The enrollment has no day, and counts nowhere. Check the dates.")
    ),
    "overlap": _error(
        N_("Two enrollments of one student overlap."),
        N_("End the first one on the day when the second one begins, or remove one."),
    ),
    "claimed_twice": _error(
        N_("Two LEAs enroll one student at the same time."),
        N_("Agree on the day of the move: the exit here is the entry there."),
    ),
    "outside_year": _error(
        N_("The date is outside its school year, which begins on {begins} (month-day) and lasts one year."),
        N_("Correct the date or the year."),
    ),
    "more_present": _error(N_("There are more days present than days enrolled."), N_("Correct the two numbers.")),
    "more_days": _error(
        N_("There are more days enrolled than the enrollment lasted."),
        N_("Correct the number, or the enrollment's dates."),
    ),
    "no_attendance": _warning(
        N_("The enrollment has no attendance, though the LEA reports it."),
        N_("The student will be missing from attendance, not counted as absent. Add the rows if there are any."),
    ),
    "incident_unknown": _error(
        N_("No incident has this id."), N_("Correct the id, or add the incident to the table incidents.")
    ),
}

EXCHANGE = {
    "not_exchange": _error(
        N_("This is neither a OneRoster nor an Ed-Fi file."),
        N_("Name a ZIP file or folder with orgs.csv and users.csv, or with Ed-Fi XML."),
    ),
    "too_big": _error(N_("The file unpacks to more than 2 GB."), N_("Export fewer years or schools at a time.")),
    "broken_xml": _error(
        N_("The XML is broken here, or defines a document type or entities."),
        N_("Export it again; entities are not accepted."),
    ),
    "incomplete_record": _error(
        N_("The record lacks its student, school, day or year."), N_("Complete it in the system that exported it.")
    ),
    "only_absences": _warning(
        N_("The source records absences, but not who was enrolled."),
        N_("Only students with an event have days. Add enrollments, and days for students who were never absent."),
    ),
    "roster_version": _error(N_("This version of OneRoster is not known."), N_("Export version 1.1 or 1.2.")),
    "roster_delta": _warning(
        N_("The file says that it holds changes only."), N_("Export everything (bulk), or students will be missing.")
    ),
    "no_year": _error(N_("No session states its school year."), N_("Name the year with --year.")),
    "no_schools": _error(N_("No organization is a school."), N_("Export the schools; departments are not enough.")),
    "no_lea": _error(N_("No organization is a district."), N_("Name the LEA with --lea and --lea-name.")),
    "no_demographics": _warning(
        N_("There are no demographics."), N_("Sex and race will be unknown. Export demographics.csv too.")
    ),
    "roster_student": _warning(
        N_("The enrollment names nobody who is a student in this file."), N_("It was left out. Check the id.")
    ),
    "roster_school": _warning(N_("The row names no school of this file."), N_("It was left out. Check the id.")),
    "not_in_source": _warning(
        N_("The source has no table {name}: not provided, not zero."),
        N_("Add {name}.csv to the folder from another system, if there are such data."),
    ),
}

TEXTS: Mapping[str, Text] = MappingProxyType(FILES | CELLS | CHECKS | EXCHANGE)
