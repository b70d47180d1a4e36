"""`equity compare-rules`: what another version of the business rules changes, and for whom."""

import csv
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from commonground.engines.measures.changes import Changes, RuleChange
    from commonground.engines.measures.tables import Tables

REFUSED = 3
SMALLEST = 10
_SHOWN = 5
_FIGURE = ("old_students", "old_value", "new_students", "new_value")


@click.command("compare-rules")
@click.option(
    "--data", required=True, multiple=True, type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder of LEA files, of LEA folders, or of checked tables. Repeatable.",
)  # fmt: skip
@click.option("--rules", required=True, type=click.Path(path_type=Path), help="The rules as they are.")
@click.option("--against", required=True, type=click.Path(path_type=Path), help="The rules as they would be.")
@click.option("--year", "years", multiple=True, help="Ending year of a school year to compare. Repeatable.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write every change as CSV.")
@click.option("--memory", default="1GB", show_default=True, help="How much memory the database may use.")
@click.option("--protect", is_flag=True, help="Only city and sectors, rounded, so that it can be shown in a meeting.")
def compare_command(
    data: tuple[Path, ...],
    rules: Path,
    against: Path,
    years: tuple[str, ...],
    out: Path | None,
    memory: str,
    protect: bool,
) -> None:
    """Compare two versions of the business rules on the same data.

    Prints which metrics change and how, the city's and sectors' figures before and after, the schools and groups that
    change most, and how many students enter and leave. For the LEAs' own staff: small groups are shown, unless --protect.
    """
    import duckdb

    from commonground.engines.measures.changes import compare_rules
    from commonground.engines.measures.compute import connect
    from commonground.engines.measures.inputs import InputsError, NotWrittenError
    from commonground.engines.measures.rules import RulesError, read_rules
    from commonground.engines.measures.tables import TablesError

    try:
        old, new = read_rules(rules), read_rules(against)
        with tempfile.TemporaryDirectory() as work:
            connection = connect(memory, spill=work)
            tables = _tables(data, Path(work), connection)
            changes = compare_rules(old, new, tables, years or None)
    except InputsError as error:
        refusal = "\n".join([*map(str, error.problems), str(error)])
        click.echo(refusal, err=True)
        sys.exit(REFUSED)
    except (RulesError, TablesError, NotWrittenError) as error:
        click.echo(str(error), err=True)
        sys.exit(REFUSED)
    except (duckdb.OutOfMemoryException, duckdb.IOException) as error:
        click.echo(
            f"There is too little memory or disk ({error}). Give --memory more, or make room on the disk.", err=True
        )
        sys.exit(REFUSED)
    for line in report(changes, protect=protect):
        click.echo(line)
    if out is not None:
        _write(out, changes, protect)
        click.echo(f"Every change: {out}")


def _tables(folders: Sequence[Path], work: Path, connection: Any) -> "Tables":
    """The checked tables of a folder, or those made from the LEAs' files, which go to a private temporary folder."""
    from commonground.engines.measures.inputs.city import PROVIDED, open_city
    from commonground.engines.measures.tables import open_tables

    if len(folders) == 1 and (folders[0] / f"{PROVIDED}.parquet").exists():
        return open_tables(folders[0], connection)
    with open_city(folders, beside=work, progress=lambda step: click.echo(f"Reading {step}", err=True)) as city:
        city.write(work / "tables")
    return open_tables(work / "tables", connection)


def report(changes: "Changes", *, protect: bool) -> Iterator[str]:
    """The changes in words, line by line."""
    if not changes.rules:
        yield "The two files say the same about every metric. Nothing changes."
        return
    yield _warning(protect)
    figures, flows = changes.figures.to_pylist(), changes.flows.to_pylist()
    for change in changes.rules:
        yield ""
        yield from _rule(change)
        if change.old is None or change.new is None or not change.moves_figures:
            continue
        own = [row for row in figures if row["metric"] == change.metric and row["period"] == "year"]
        moved = [row for row in flows if row["metric"] == change.metric]
        yield from _whole(own, moved, protect, change.new.kind)
        if not protect:
            yield from _schools(own, moved, change.new.kind)


def _warning(protect: bool) -> str:
    if protect:
        return "Rounded, city and sectors only. Publish figures with `commonground equity report` only, which protects them."
    return "For the LEAs' own staff only: this shows small groups of students. --protect leaves them out."


def _rule(change: "RuleChange") -> Iterator[str]:
    rule = change.new or change.old
    versions = [f"version {one.version}" if one else "none" for one in (change.old, change.new)]
    yield f"{rule.name_en if rule else change.metric} ({change.metric}): {versions[0]} -> {versions[1]}"
    for said, texts in (("was", change.gone), ("now", change.come)):
        yield from (f"  {said}: {text}" for text in texts)
    if change.old is None or change.new is None:
        yield "  Only one of the files has this metric, so there is nothing to compare."
    elif not change.moves_figures:
        yield "  Only the wording changes; every figure stays."


def _whole(
    rows: Sequence[Mapping[str, Any]], flows: Sequence[Mapping[str, Any]], protect: bool, kind: str
) -> Iterator[str]:
    """City and sectors, all students, before and after."""
    told = 0
    for row in rows:
        if row["level"] not in ("city", "sector") or row["grade"] != "all" or row["group"] != "all":
            continue
        told += 1
        yield f"  {row['year']} {row['entity']}: {_side(row, 'old', protect, kind)} -> {_side(row, 'new', protect, kind)}"
        yield from (f"    {text}" for text in _flow(_same_place(flows, row), protect))
    if not told:
        yield "  The figures of the city and the sectors for all students stay as they are."


def _schools(rows: Sequence[Mapping[str, Any]], flows: Sequence[Mapping[str, Any]], kind: str) -> Iterator[str]:
    """The schools, and the city's groups, that change most."""
    for title, level in (("schools change", "school"), ("student groups of the city change", "city")):
        at_level = [row for row in rows if row["level"] == level and row["grade"] == "all"]
        own = [row for row in at_level if (row["group"] == "all") == (level == "school")]
        own.sort(key=lambda row: (-_size(row), row["year"], row["entity"], row["group"]))
        if own:
            yield f"  {len(own)} {title}; most:"
        for row in own[:_SHOWN]:
            name = row["entity"] if level == "school" else row["group"]
            yield f"    {row['year']} {name}: {_side(row, 'old', False, kind)} -> {_side(row, 'new', False, kind)}"
            yield from (f"      {text}" for text in _flow(_same_place(flows, row), False))


def _same_place(flows: Sequence[Mapping[str, Any]], row: Mapping[str, Any]) -> Mapping[str, Any]:
    place = ("year", "level", "entity", "group")
    return next((flow for flow in flows if all(flow[name] == row[name] for name in place)), {})


def _size(row: Mapping[str, Any]) -> float:
    old, new = row["old_value"], row["new_value"]
    return float("inf") if (old is None) != (new is None) else abs((new or 0) - (old or 0))


def _side(row: Mapping[str, Any], side: str, protect: bool, kind: str) -> str:
    value, students = row[f"{side}_value"], row[f"{side}_students"]
    if value is None:
        return "no data"
    if protect and students < SMALLEST:
        return "withheld"
    if kind in ("rate", "days"):
        shown = f"{value * 100:.0f} %" if protect else f"{value * 100:.1f} %"
    elif protect and kind != "median":
        return _people(int(abs(value)), True)
    else:
        shown = f"{value:g}"
    return f"{shown} of {_people(students, protect)}"


def _flow(flow: Mapping[str, Any], protect: bool) -> Iterator[str]:
    for name, where in (("", "denominator"), ("numerator_", "numerator")):
        came, went = flow.get(f"{name}entered", 0), flow.get(f"{name}left", 0)
        if came or went:
            yield f"{where}: {_people(came, protect)} come in, {_people(went, protect)} go out"


def _people(number: int, protect: bool) -> str:
    if not protect:
        return f"{number} student{'' if number == 1 else 's'}"
    return f"fewer than {SMALLEST} students" if number < SMALLEST else f"about {round(number, -1)} students"


def _write(out: Path, changes: "Changes", protect: bool) -> None:
    """Every figure that changes, with who comes and goes; with `protect` what the text shows and no more."""
    from commonground.engines.measures.changes import FLOWS, PLACE

    flows = {
        tuple(row[name] for name in ("year", "metric", "level", "entity", "group")): row
        for row in changes.flows.to_pylist()
    }
    aside = out.with_name(f".{out.name}.part")
    try:
        with aside.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([*PLACE, *_FIGURE, *FLOWS])
            for row in changes.figures.to_pylist():
                whole = row["grade"] == "all" and row["period"] == "year"
                if protect and not (whole and row["level"] in ("city", "sector") and row["group"] == "all"):
                    continue
                flow = flows.get(tuple(row[name] for name in ("year", "metric", "level", "entity", "group")), {})
                writer.writerow([*(row[name] for name in PLACE), *_cells(row, flow if whole else {}, protect)])
        aside.replace(out)
    except OSError as error:
        aside.unlink(missing_ok=True)
        raise click.ClickException(f"{out} cannot be written: {error.strerror}.") from error


def _cells(row: Mapping[str, Any], flow: Mapping[str, Any], protect: bool) -> Iterator[object]:
    from commonground.engines.measures.changes import FLOWS

    for name in _FIGURE:
        value = row[name]
        if protect and value is not None:
            small = row[f"{name[:3]}_students"] < SMALLEST
            rounded = round(value, -1 if name.endswith("students") or abs(value) > 1 else 2)
            value = None if small else rounded
        yield value
    for name in FLOWS:
        number = flow.get(name)
        yield number if number is None or not protect else f"<{SMALLEST}" if number < SMALLEST else round(number, -1)
