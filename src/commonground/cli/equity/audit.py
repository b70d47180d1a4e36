"""`equity audit`: tries to work out what a published report withholds."""

import csv
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

if TYPE_CHECKING:
    from commonground.engines.disclosure.audit import Audit, Finding

FAILED, REFUSED = 1, 3
HEADER = (
    "year", "metric", "level", "entity", "grade", "period", "group", "part", "low", "high", "at_least", "at_most", "verdict",
)  # fmt: skip
VERDICTS = ("protected", "recovered", "under-protected", "unproven")
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
def audit_command(folder: Path, earlier: tuple[Path, ...], exact: bool, out: Path | None, workers: int) -> None:
    """Attack what is published in FOLDER, with nothing but what is published.

    Prints the interval in which an outsider can place each withheld figure, the narrowest first. Ends with 1 where a
    figure can be recovered, or narrowed to less than the report promises.
    """
    from commonground.engines.disclosure.audit import AuditError, audit

    try:
        with click.progressbar(length=1000, label="Attacking", file=sys.stderr) as bar:

            def tell(done: int, total: int) -> None:
                bar.update(int(1000 * done / total) - bar.pos)

            found = audit([folder, *earlier], exact=exact, workers=workers, progress=tell)
    except AuditError as error:
        click.echo(str(error), err=True)
        sys.exit(REFUSED)
    if out is not None:
        _write(found, out)
    _say(found, out)
    sys.exit(0 if found.ok else FAILED)


def _say(found: "Audit", out: Path | None) -> None:
    ordered = sorted(
        found.findings, key=lambda finding: (finding.ok, finding.outer_high - finding.outer_low, finding.key)
    )
    for finding in ordered[:_SHOWN]:
        click.echo(_sentence(finding))
    if len(ordered) > _SHOWN:
        where = f"all are in {out}" if out else "--out FILE writes them all"
        click.echo(f"... and {len(ordered) - _SHOWN} more ({where}).")
    counts = ", ".join(f"{found.count(verdict)} {verdict}" for verdict in VERDICTS)
    click.echo(f"{found.withheld} withheld figures: {counts}; {found.shown} coarse rates looked at.")
    click.echo(
        "Nothing that is withheld can be worked out." if found.ok else "This report does not keep what it promises."
    )


def _sentence(finding: "Finding") -> str:
    year, metric, _, entity, grade, period, group = finding.key
    place = ", ".join(
        part for part in (entity, group, "" if grade == "all" else grade, "" if period == "year" else period) if part
    )
    what = "students" if finding.part == "students" else "students counted"
    interval = _interval(finding)
    return f"{finding.verdict:>15}  {year} {metric}, {place}: {interval} {what}"


def _interval(finding: "Finding") -> str:
    low, high = max(finding.outer_low, 0), finding.outer_high
    exact = (finding.low, finding.high) == (low, high)
    ends = f"{low:.0f} to {high:.0f}" if high < 1e15 else f"{low:.0f} or more"
    inside = f" (at least {finding.low:.0f} to {finding.high:.0f})" if not exact and finding.low <= finding.high else ""
    return ends + inside


def _write(found: "Audit", out: Path) -> None:
    aside = out.with_name(f".{out.name}.part")
    try:
        with aside.open("w", encoding="utf-8-sig", newline="") as file:
            _rows(found, file)
        aside.replace(out)
    except OSError as error:
        aside.unlink(missing_ok=True)
        raise click.ClickException(f"{out} cannot be written: {error.strerror}.") from error


def _rows(found: "Audit", file: TextIO) -> None:
    writer = csv.writer(file)
    writer.writerow(HEADER)
    writer.writerows(_cells(finding) for finding in found.findings)


def _cells(finding: "Finding") -> Iterator[str]:
    yield from (*finding.key, finding.part)
    for number in (finding.outer_low, finding.outer_high, finding.low, finding.high):
        yield f"{number:.0f}" if abs(number) < 1e15 else ""
    yield finding.verdict
