"""`equity check`: every problem of the LEAs' files, by file, row and column, with what to do about it."""

import csv
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commonground.cli import language as languages
from commonground.folders import new_file
from commonground.i18n import translator

if TYPE_CHECKING:
    from commonground.engines.measures.inputs import City, Problems

ERRORS, NOT_WRITTEN = 1, 5
_ROWS = 5


@click.command("check")
@click.option(
    "--data", "folders", multiple=True, required=True, type=click.Path(path_type=Path),
    help="An LEA's folder, or a folder of such folders. Repeatable.",
)  # fmt: skip
@click.option(
    "--csv", "table", type=click.Path(dir_okay=False, path_type=Path), help="Write every problem to this file (CSV)."
)
@click.option(
    "--first", default=_ROWS, show_default=True, type=click.IntRange(1, 1000), help="Rows shown of each kind."
)
@click.option(
    "--rules", type=click.Path(path_type=Path),
    help="Business rules, which say when school years begin. Default: those that come with Common Ground, July 1.",
)  # fmt: skip
@click.option(
    "--memory", default=700, show_default=True, type=click.IntRange(200), help="MB that the database may take."
)
@languages.option
def check_command(
    folders: tuple[Path, ...], table: Path | None, first: int, rules: Path | None, memory: int, language: str
) -> None:
    """Check the LEAs' files: each alone, and all together.

    Says file, row and column, never a student's data. Ends with 1 if there are errors; warnings are worth a look only.
    """
    from commonground.engines.measures.inputs import NotWrittenError, open_city
    from commonground.engines.measures.rules import RulesError, read_rules, shipped_rules

    translate = translator(language)
    try:
        begins = (read_rules(rules) if rules else shipped_rules()).year_begins
        with open_city(folders, memory_mb=memory, year_begins=begins, progress=_say_step) as city:
            if table is not None:
                _write(table, city.problems, translate)
            _say_step("")
            _say(city, translate, first)
            errors = city.problems.errors
    except RulesError as error:
        click.echo(str(error), err=True)
        sys.exit(ERRORS)
    except (NotWrittenError, OSError) as error:
        click.echo(str(error), err=True)
        sys.exit(NOT_WRITTEN)
    sys.exit(ERRORS if errors else 0)


def _say_step(step: str) -> None:
    """Which file is being read, in one line that the next one overwrites; nothing where nobody watches."""
    if sys.stderr.isatty():
        click.echo(f"\r\033[K{step}", nl=False, err=True)


def _say(city: "City", translate: Callable[[str], str], first: int) -> None:
    from commonground.engines.measures.inputs.listing import NO_PROBLEMS, SUMMARY, listing

    for line in listing(city.problems, translate, first):
        click.echo(line)
    errors, warnings = city.problems.errors, city.problems.warnings
    said = SUMMARY if errors or warnings else NO_PROBLEMS
    click.echo(translate(said).format(errors=f"{errors:,}", warnings=f"{warnings:,}", files=len(city.files)))


def _write(path: Path, problems: "Problems", translate: Callable[[str], str]) -> None:
    """All problems, aside first; with a mark that lets spreadsheets read the accents."""
    from commonground.engines.measures.inputs.listing import COLUMNS, cells

    with new_file(path) as aside, aside.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([translate(column) for column in COLUMNS])
        writer.writerows(cells(problem, translate) for problem in problems)
