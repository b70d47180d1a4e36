"""Problems as lines that a person reads: each kind once, with how often it occurs in which file, and the first rows."""

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby

from commonground.engines.measures.inputs.problems import Count, Problem, Problems
from commonground.engines.measures.inputs.texts import TEXTS
from commonground.i18n import N_

Translate = Callable[[str], str]

HEADINGS = {"error": N_("Errors: nothing is computed until they are mended"), "warning": N_("Warnings: worth a look")}
COLUMNS = (
    N_("severity"), N_("file"), N_("row"), N_("column"), N_("message"), N_("remedy"), N_("other file"), N_("other row"),
)  # fmt: skip
NO_PROBLEMS = N_("No problems in {files} files.")
SUMMARY = N_("Errors: {errors}. Warnings: {warnings}. Files: {files}.")
_COUNT = N_("{place}: {count} rows: {rows}")
_ONE_ROW = N_("{place}: row {rows}")
_COLUMN = N_("{file}, column “{column}”")
_OTHER = N_("{row} (see {file}, row {other})")
_SEVERITIES = {"error": N_("error"), "warning": N_("warning")}
_MORE = N_("{rows} and {more} more")
_MOST_PLACES = 12
_MORE_PLACES = N_("and in {more} more files or columns")


def listing(problems: Problems, translate: Translate, first: int) -> Iterator[str]:
    """The lines: errors before warnings, each kind with its places, at most `first` rows for each."""
    severity = ""
    for (code,), group in groupby(problems.counts(), key=lambda count: (count.code,)):
        counts = list(group)
        if counts[0].severity != severity:
            severity = counts[0].severity
            yield translate(HEADINGS[severity])
        yield from _kind(problems, code, counts, translate, first)


def _kind(problems: Problems, code: str, counts: list[Count], translate: Translate, first: int) -> Iterator[str]:
    said = ""
    for count in counts[:_MOST_PLACES]:
        rows = problems.first(count.code, count.file, count.column, first)
        sentence = sentence_of(rows[0], translate)
        if sentence != said:
            yield f"  {sentence}"
            said = sentence
        yield f"    {_place(count, rows, translate)}"
    if len(counts) > _MOST_PLACES:
        yield f"    {translate(_MORE_PLACES).format(more=len(counts) - _MOST_PLACES)}"


def sentence_of(problem: Problem, translate: Translate) -> str:
    """Message and remedy in the reader's language."""
    text = TEXTS[problem.code]
    return " ".join(translate(part).format(**problem.values) for part in (text.message, text.remedy))


def _place(count: Count, rows: list[Problem], translate: Translate) -> str:
    place = count.file
    if count.column:
        place = translate(_COLUMN).format(file=count.file, column=count.column)
    numbers = [_row(row, translate) for row in rows if row.row is not None]
    if not numbers:
        return place
    shown = ", ".join(numbers)
    if count.rows > len(rows):
        shown = translate(_MORE).format(rows=shown, more=f"{count.rows - len(rows):,}")
    return translate(_ONE_ROW if count.rows == 1 else _COUNT).format(place=place, count=f"{count.rows:,}", rows=shown)


def _row(problem: Problem, translate: Translate) -> str:
    if problem.other_row is None:
        return str(problem.row)
    return translate(_OTHER).format(row=problem.row, file=problem.other_file, other=problem.other_row)


def cells(problem: Problem, translate: Translate) -> tuple[str | int | None, ...]:
    """One problem as a row under `COLUMNS`."""
    text = TEXTS[problem.code]
    message, remedy = (translate(part).format(**problem.values) for part in (text.message, text.remedy))
    severity = translate(_SEVERITIES[problem.severity])
    place = (problem.file, problem.row, problem.column)
    return (severity, *place, message, remedy, problem.other_file, problem.other_row)


def lines(problems: Iterable[Problem], translate: Translate) -> Iterator[str]:
    """A few problems, one line each: where, and what to do."""
    for one in problems:
        place = one.file if one.row is None else translate(_ONE_ROW).format(place=one.file, rows=one.row)
        yield f"{translate(_SEVERITIES[one.severity])}: {place}: {sentence_of(one, translate)}"
