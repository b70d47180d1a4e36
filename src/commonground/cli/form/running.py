"""What a run does, step by step: read, solve, write, tell. Ends the program with an exit code where a step fails."""

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import click

from commonground.cli.form import inputs as reading
from commonground.cli.form.cases import assign_facilitators, cases_of
from commonground.cli.form.checking import check_folder
from commonground.cli.form.exits import CHECK_FAILED, NOT_SOLVED, NOT_WRITTEN, stop, stop_for
from commonground.cli.form.folder import FolderError, kept_name, refuse_overwriting, write_folder
from commonground.cli.form.inputs import Inputs, Refused, Source, load, read_inputs
from commonground.cli.form.report import report_html, report_pdf, verdict
from commonground.cli.form.result import PRINTED, REPORT, Formed, tables_and_map
from commonground.cli.form.solving import solve_with_progress
from commonground.engines.formation import FormationError


def run(
    *,
    schools: Path,
    rules: Path,
    out: Path,
    facilitators: Path | None,
    drive_times: Path | None,
    seconds: float,
    seed: int,
    alternatives: int,
    encoding: str | None,
    force: bool,
    language: str,
) -> None:
    """Reads, solves, writes. Ends the program with one of the exit codes where a step cannot be done."""
    try:
        refuse_overwriting(out, force)
    except FolderError as error:
        stop(NOT_WRITTEN, str(error))
    paths = {reading.SCHOOLS: schools, reading.RULES: rules, reading.PEOPLE: facilitators, reading.TIMES: drive_times}
    sources = load(paths)
    if isinstance(sources, Refused):
        stop_for(sources.problems)
    inputs = read_inputs(sources, encoding=encoding)
    if isinstance(inputs, Refused):
        stop_for(inputs.problems)
    for note in inputs.notes:
        click.echo(f"Please look at this: {note}", err=True)
    formed = replace(_solved(inputs, seconds, seed, alternatives), language=language)
    click.echo("Writing the map and the report ...", err=True)
    files, left_out = _files(formed, sources)
    settings = {
        "seconds": seconds,
        "seed": seed,
        "alternatives": alternatives,
        "encoding": encoding,
        "language": language,
    }
    names = {key: {"file": kept_name(key, source), "name": source.name} for key, source in sources.items()}
    try:
        write_folder(out, files, settings | {"inputs": names})
    except FolderError as error:
        stop(NOT_WRITTEN, str(error))
    _tell(formed, out, left_out)


def _solved(inputs: Inputs, seconds: float, seed: int, alternatives: int) -> Formed:
    try:
        solution, *others = solve_with_progress(inputs, seconds=seconds, seed=seed, others=alternatives)
    except FormationError as error:
        stop(NOT_SOLVED, str(error))
    return Formed(
        inputs, solution, assign_facilitators(inputs, cases_of(inputs.market, solution.groups)), tuple(others)
    )


def _files(formed: Formed, sources: Mapping[str, Source]) -> tuple[dict[str, bytes], str]:
    """All files of the result but the manifest, and what could not be made, if anything."""
    files = {kept_name(key, source): source.data for key, source in sources.items()}
    files |= tables_and_map(formed)
    files[REPORT] = report_html(formed)
    pdf = report_pdf(files[REPORT], len(formed.solution.groups))
    if isinstance(pdf, str):
        return files, pdf
    return files | {PRINTED: pdf}, ""


def _tell(formed: Formed, out: Path, left_out: str) -> None:
    solution = formed.solution
    placed = sum(len(group.members) for group in solution.groups)
    click.echo(
        f"{len(solution.groups)} groups with {placed} of {len(formed.inputs.market)} schools. {verdict(solution)}"
    )
    if formed.assignment is not None:
        count = len(formed.assignment.rows)
        click.echo(f"{count - formed.assignment.unserved} of {count} groups have a facilitator.")
    if formed.others:
        click.echo(f"Alternatives in the report: {len(formed.others)}.")
    if left_out:
        click.echo(left_out)
    click.echo(f"The report is {out / REPORT}. To check the result: commonground form check {out}")


def show_check(folder: Path) -> NoReturn:
    """Prints every finding and ends with the exit code that says whether all of them hold."""
    failed = False
    for finding in check_folder(folder):
        click.echo(f"{'holds:' if finding.holds else 'WRONG:'} {finding.text}")
        failed = failed or not finding.holds
    click.echo("This result does not hold." if failed else "Everything holds.")
    sys.exit(CHECK_FAILED if failed else 0)
