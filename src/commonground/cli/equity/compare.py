"""`equity compare-rules`: what another version of the business rules changes, and for whom."""

import csv
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from commonground.cli import language as languages
from commonground.folders import new_file, private_folder
from commonground.i18n import N_, Say, translator

if TYPE_CHECKING:
    from commonground.engines.measures.changes import Changes, RuleChange
    from commonground.engines.measures.rules.sentence import Language
    from commonground.engines.measures.tables import Tables

REFUSED = 3
Row = Mapping[str, Any]
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
@languages.option
def compare_command(
    data: tuple[Path, ...],
    rules: Path,
    against: Path,
    years: tuple[str, ...],
    out: Path | None,
    memory: str,
    protect: bool,
    language: "Language",
) -> None:
    """Compare two versions of the business rules on the same data.

    Prints which metrics change and how, the city's and sectors' figures before and after, the schools and groups that
    change most, and how many students enter and leave. For the LEAs' own staff: small groups are shown, unless --protect.
    """
    from commonground.engines.measures.changes import compare_rules
    from commonground.engines.measures.compute import connect
    from commonground.engines.measures.inputs import InputsError, NotWrittenError
    from commonground.engines.measures.inputs.listing import lines
    from commonground.engines.measures.inputs.placing import NO_ROOM, reason
    from commonground.engines.measures.rules import RulesError, read_rules
    from commonground.engines.measures.tables import TablesError

    say = translator(language)
    try:
        old, new = read_rules(rules), read_rules(against)
        with private_folder(Path(tempfile.gettempdir()), ".commonground-compare-") as work:
            connection = connect(memory, spill=str(work))
            tables = _tables(data, work, old.year_begins, connection, say)
            changes = compare_rules(old, new, tables, years or None, language)
    except InputsError as error:
        for line in (*lines(error.problems, say), str(error)):
            click.echo(line, err=True)
        sys.exit(REFUSED)
    except (RulesError, TablesError, NotWrittenError) as error:
        click.echo(str(error), err=True)
        sys.exit(REFUSED)
    except NO_ROOM as error:
        text = N_("There is too little memory or disk ({reason}). Give --memory more, or make room on the disk.")
        click.echo(say(text).format(reason=reason(error)), err=True)
        sys.exit(REFUSED)
    for line in report(changes, protect=protect, language=language):
        click.echo(line)
    if out is not None:
        _write(out, changes, protect, say)
        click.echo(say(N_("Every change: {out}")).format(out=out))


def _tables(folders: Sequence[Path], work: Path, year_begins: str, connection: Any, say: Say) -> "Tables":
    """The checked tables of a folder, or those made from the LEAs' files, which go to a private temporary folder."""
    from commonground.engines.measures.inputs.city import PROVIDED, open_city
    from commonground.engines.measures.tables import open_tables

    if len(folders) == 1 and (folders[0] / f"{PROVIDED}.parquet").exists():
        return open_tables(folders[0], connection)

    def tell(step: str) -> None:
        click.echo(say(N_("Reading {step}")).format(step=step), err=True)

    with open_city(folders, beside=work, year_begins=year_begins, progress=tell) as city:
        city.write(work / "tables")
    return open_tables(work / "tables", connection)


def report(changes: "Changes", *, protect: bool, language: "Language" = "en") -> Iterator[str]:
    """The changes in words, line by line."""
    yield from _Report(changes, protect, language, translator(language)).lines()


@dataclass(frozen=True, slots=True)
class _Report:
    """The words for changes in one language; with ``protect`` rounded, and without schools."""

    changes: "Changes"
    protect: bool
    language: "Language"
    say: Say

    def lines(self) -> Iterator[str]:
        if not self.changes.rules:
            yield self.say(N_("The two files say the same about every metric. Nothing changes."))
            return
        yield self.say(_ROUNDED if self.protect else _INTERNAL)
        figures, flows = self.changes.figures.to_pylist(), self.changes.flows.to_pylist()
        for change in self.changes.rules:
            yield ""
            yield from self._rule(change)
            if change.old is None or change.new is None or not change.moves_figures:
                continue
            own = [row for row in figures if row["metric"] == change.metric and row["period"] == "year"]
            moved = [row for row in flows if row["metric"] == change.metric]
            yield from self._whole(own, moved, change.new.kind)
            if not self.protect:
                yield from self._schools(own, moved, change.new.kind)

    def _rule(self, change: "RuleChange") -> Iterator[str]:
        rule = change.new or change.old
        name = getattr(rule, f"name_{self.language}") if rule else change.metric
        versions = [
            self.say(N_("version {version}")).format(version=one.version) if one else self.say(N_("none"))
            for one in (change.old, change.new)
        ]
        yield f"{name} ({change.metric}): {versions[0]} -> {versions[1]}"
        for said, texts in ((N_("was: {text}"), change.gone), (N_("now: {text}"), change.come)):
            yield from (f"  {self.say(said).format(text=text)}" for text in texts)
        if change.old is None or change.new is None:
            yield f"  {self.say(_ONE_SIDE)}"
        elif not change.moves_figures:
            yield f"  {self.say(_WORDING)}"

    def _whole(self, rows: Sequence[Row], flows: Sequence[Row], kind: str) -> Iterator[str]:
        """City and sectors, all students, before and after."""
        told = 0
        for row in rows:
            if row["level"] not in ("city", "sector") or row["grade"] != "all" or row["group"] != "all":
                continue
            told += 1
            yield f"  {row['year']} {row['entity']}: {self._sides(row, kind)}"
            yield from (f"    {text}" for text in self._flow(_same_place(flows, row)))
        if not told:
            yield f"  {self.say(_WHOLE_STAYS)}"

    def _schools(self, rows: Sequence[Row], flows: Sequence[Row], kind: str) -> Iterator[str]:
        """The schools, and the city's groups, that change most."""
        for title, level in ((_SCHOOLS_CHANGE, "school"), (_GROUPS_CHANGE, "city")):
            at_level = [row for row in rows if row["level"] == level and row["grade"] == "all"]
            own = [row for row in at_level if (row["group"] == "all") == (level == "school")]
            own.sort(key=lambda row: (-_size(row), row["year"], row["entity"], row["group"]))
            if own:
                yield f"  {self.say(title).format(number=len(own))}"
            for row in own[:_SHOWN]:
                name = row["entity"] if level == "school" else row["group"]
                yield f"    {row['year']} {name}: {self._sides(row, kind)}"
                yield from (f"      {text}" for text in self._flow(_same_place(flows, row)))

    def _sides(self, row: Row, kind: str) -> str:
        return f"{self._side(row, 'old', kind)} -> {self._side(row, 'new', kind)}"

    def _side(self, row: Row, side: str, kind: str) -> str:
        value, students = row[f"{side}_value"], row[f"{side}_students"]
        if value is None:
            return self.say(N_("no data"))
        if self.protect and students < SMALLEST:
            return self.say(N_("withheld"))
        if kind in ("rate", "days"):
            shown = f"{value * 100:.0f} %" if self.protect else f"{value * 100:.1f} %"
        elif self.protect and kind != "median":
            return self._people(int(abs(value)))
        else:
            shown = f"{value:g}"
        return self.say(N_("{share} of {students}")).format(share=shown, students=self._people(students))

    def _flow(self, flow: Row) -> Iterator[str]:
        for name, text in (("", _IN_DENOMINATOR), ("numerator_", _IN_NUMERATOR)):
            came, went = flow.get(f"{name}entered", 0), flow.get(f"{name}left", 0)
            if came or went:
                yield self.say(text).format(came=self._people(came), went=self._people(went))

    def _people(self, number: int) -> str:
        if not self.protect:
            return self.say(N_("1 student") if number == 1 else N_("{number} students")).format(number=number)
        if number < SMALLEST:
            return self.say(N_("fewer than {number} students")).format(number=SMALLEST)
        return self.say(N_("about {number} students")).format(number=round(number, -1))


_ROUNDED = N_(
    "Rounded, city and sectors only. Publish figures with `commonground equity report` only, which protects them."
)
_INTERNAL = N_("For the LEAs' own staff only: this shows small groups of students. --protect leaves them out.")
_ONE_SIDE = N_("Only one of the files has this metric, so there is nothing to compare.")
_WORDING = N_("Only the wording changes; every figure stays.")
_WHOLE_STAYS = N_("The figures of the city and the sectors for all students stay as they are.")
_SCHOOLS_CHANGE = N_("{number} schools change; most:")
_GROUPS_CHANGE = N_("{number} student groups of the city change; most:")
_IN_DENOMINATOR = N_("denominator: {came} come in, {went} go out")
_IN_NUMERATOR = N_("numerator: {came} come in, {went} go out")


def _same_place(flows: Sequence[Row], row: Row) -> Row:
    place = ("year", "level", "entity", "group")
    return next((flow for flow in flows if all(flow[name] == row[name] for name in place)), {})


def _size(row: Row) -> float:
    old, new = row["old_value"], row["new_value"]
    return float("inf") if (old is None) != (new is None) else abs((new or 0) - (old or 0))


def _write(out: Path, changes: "Changes", protect: bool, say: Say) -> None:
    """Every figure that changes, with who comes and goes; with `protect` what the text shows and no more."""
    from commonground.engines.measures.changes import FLOWS, PLACE

    flows = {
        tuple(row[name] for name in ("year", "metric", "level", "entity", "group")): row
        for row in changes.flows.to_pylist()
    }
    try:
        with new_file(out) as aside, aside.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([*PLACE, *_FIGURE, *FLOWS])
            for row in changes.figures.to_pylist():
                whole = row["grade"] == "all" and row["period"] == "year"
                if protect and not (whole and row["level"] in ("city", "sector") and row["group"] == "all"):
                    continue
                flow = flows.get(tuple(row[name] for name in ("year", "metric", "level", "entity", "group")), {})
                writer.writerow([*(row[name] for name in PLACE), *_cells(row, flow if whole else {}, protect)])
    except OSError as error:
        text = N_("{out} cannot be written: {reason}.")
        raise click.ClickException(say(text).format(out=out, reason=error.strerror)) from error


def _cells(row: Row, flow: Row, protect: bool) -> Iterator[object]:
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
