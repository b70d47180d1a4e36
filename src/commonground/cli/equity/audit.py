"""`equity audit`: tries to work out what a published report withholds."""

import csv
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from commonground.cli import language as languages
from commonground.folders import new_file
from commonground.i18n import N_, Say, translator

if TYPE_CHECKING:
    from commonground.engines.disclosure.audit import Audit, Finding

FAILED, REFUSED = 1, 3
HEADER = (
    "year", "metric", "level", "entity", "grade", "period", "group", "part", "low", "high", "at_least", "at_most", "verdict",
)  # fmt: skip
VERDICTS = {
    "protected": N_("protected"),
    "recovered": N_("recovered"),
    "under-protected": N_("under-protected"),
    "unproven": N_("unproven"),
}
_SHOWN = 20


@click.command("audit")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--earlier", multiple=True, type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="An earlier release of the same figures, which an outsider has as well. Repeatable.",
)  # fmt: skip
@click.option("--exact", is_flag=True, help="Find both ends of every interval, not only whether it is wide enough.")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the interval of every withheld figure as CSV."
)
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="Processes to use.")
@languages.option
def audit_command(
    folder: Path, earlier: tuple[Path, ...], exact: bool, out: Path | None, workers: int, language: str
) -> None:
    """Attack what is published in FOLDER, with nothing but what is published.

    Prints the interval in which an outsider can place each withheld figure, the narrowest first. Ends with 1 where a
    figure can be recovered, or narrowed to less than the report promises.
    """
    from commonground.engines.disclosure.audit import AuditError, audit

    say = translator(language)
    try:
        with click.progressbar(length=1000, label=say(N_("Attacking")), file=sys.stderr) as bar:

            def tell(done: int, total: int) -> None:
                bar.update(int(1000 * done / total) - bar.pos)

            found = audit([folder, *earlier], exact=exact, workers=workers, progress=tell)
    except AuditError as error:
        click.echo(str(error), err=True)
        sys.exit(REFUSED)
    if out is not None:
        _write(found, out, say)
    for line in _lines(found, out, say):
        click.echo(line)
    sys.exit(0 if found.ok else FAILED)


def _lines(found: "Audit", out: Path | None, say: Say) -> Iterator[str]:
    ordered = sorted(
        found.findings, key=lambda finding: (finding.ok, finding.outer_high - finding.outer_low, finding.key)
    )
    for finding in ordered[:_SHOWN]:
        yield _sentence(finding, say)
    if len(ordered) > _SHOWN:
        text = (
            N_("... and {number} more (all are in {out}).")
            if out
            else N_("... and {number} more (--out FILE writes all).")
        )
        yield say(text).format(number=len(ordered) - _SHOWN, out=out)
    counts = ", ".join(f"{found.count(verdict)} {say(text)}" for verdict, text in VERDICTS.items())
    text = N_("{withheld} withheld figures: {counts}; {shown} coarse rates looked at.")
    yield say(text).format(withheld=found.withheld, counts=counts, shown=found.shown)
    good, bad = N_("Nothing that is withheld can be worked out."), N_("This report does not keep what it promises.")
    yield say(good if found.ok else bad)


def _sentence(finding: "Finding", say: Say) -> str:
    year, metric, _, entity, grade, period, group = finding.key
    place = ", ".join(
        part for part in (entity, group, "" if grade == "all" else grade, "" if period == "year" else period) if part
    )
    what = N_("{interval} students") if finding.part == "students" else N_("{interval} students counted")
    interval = say(what).format(interval=_interval(finding, say))
    return f"{say(VERDICTS[finding.verdict]):>15}  {year} {metric}, {place}: {interval}"


def _interval(finding: "Finding", say: Say) -> str:
    low, high = max(finding.outer_low, 0), finding.outer_high
    exact = (finding.low, finding.high) == (low, high)
    ends = N_("{low} to {high}") if high < 1e15 else N_("{low} or more")
    told = say(ends).format(low=f"{low:.0f}", high=f"{high:.0f}")
    if exact or finding.low > finding.high:
        return told
    inside = N_("{interval} (at least {low} to {high})")
    return say(inside).format(interval=told, low=f"{finding.low:.0f}", high=f"{finding.high:.0f}")


def _write(found: "Audit", out: Path, say: Say) -> None:
    try:
        with new_file(out) as aside, aside.open("w", encoding="utf-8-sig", newline="") as file:
            _rows(found, file)
    except OSError as error:
        text = N_("{out} cannot be written: {reason}.")
        raise click.ClickException(say(text).format(out=out, reason=error.strerror)) from error


def _rows(found: "Audit", file: TextIO) -> None:
    writer = csv.writer(file)
    writer.writerow(HEADER)
    writer.writerows(_cells(finding) for finding in found.findings)


def _cells(finding: "Finding") -> Iterator[str]:
    yield from (*finding.key, finding.part)
    for number in (finding.outer_low, finding.outer_high, finding.low, finding.high):
        yield f"{number:.0f}" if abs(number) < 1e15 else ""
    yield finding.verdict
