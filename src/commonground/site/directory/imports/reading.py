"""From the table of a known format to records, with every problem named by file, row and column."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from commonground.i18n import N_
from commonground.site.directory.imports import values
from commonground.site.directory.imports.formats import FACTS, Format, Level
from commonground.site.directory.imports.values import BadValueError
from commonground.site.directory.models.organization import GRADES, Kind, Sector, Status
from commonground.tables import Problem, Row, Table, normalized

MOST_PROBLEMS = 200
STEP = 1000

TEXTS = MappingProxyType(
    dict(values.TEXTS)
    | {
        "no_identifier": N_(
            "The row has neither an NCES ID nor a state ID. Add one: without it, a second import would repeat it."
        ),
        "no_name": N_("The row has no name. Add the school's or district's name."),
        "no_state": N_("The row has no state. Add its two letters, such as CA."),
        "no_lea": N_("The row does not say which LEA the school belongs to. Add the LEA's NCES ID or state ID."),
        "twice": N_("Row {first} of this file has the same ID, {value}. Keep one of the two."),
        "too_many_problems": N_(
            "There are more problems than these {limit}. Correct these first: many often have one cause."
        ),
        "unnamed": N_("The source gives no name. It is listed as “{value}” until a file or a person names it."),
        "grades_reversed": N_("The lowest grade ({low}) comes after the highest ({high}). Both are left out."),
        "no_place": N_("The source gives no place. It will be missing from maps."),
        "zeros_restored": N_("{count} NCES IDs had lost their leading zero. It was put back."),
    }
)


@dataclass(slots=True)
class Record:
    """What one file says of one school or LEA: `facts` are fields of Organization; `lea` identifies a school's LEA."""

    level: Level
    row: int
    facts: dict[str, Any]
    lea: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return key_of(self.level, self.facts)


def key_of(level: Level, facts: Mapping[str, Any]) -> str:
    """What tells one organization from all others: the NCES ID, else the state's own within its state."""
    if facts.get("nces_id"):
        return f"{level}:{facts['nces_id']}"
    return f"{level}:{facts.get('state', '')}:{facts.get('state_id', '')}"


@dataclass(slots=True)
class Reading:
    """The records of one file. With `problems` nothing of it should be used; `notes` are worth knowing and stop nothing."""

    format: Format
    records: list[Record] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)


Progress = Callable[[int], None]


def read(table: Table, form: Format, progress: Progress = lambda rows: None) -> Reading:
    """The records of a table. `progress` hears the number of rows read, every thousand rows; what it raises ends the reading."""
    reader = _Reader(table, form)
    for at, row in enumerate(table.rows):
        if at % STEP == 0:
            progress(at)
        reader.take(row)
        if len(reader.out.problems) >= MOST_PROBLEMS:
            reader.report("too_many_problems", None, None, limit=MOST_PROBLEMS)
            break
    return reader.finish()


class _Reader:
    """Reads the rows of one table; `out` grows with each."""

    def __init__(self, table: Table, form: Format) -> None:
        self.table = table
        self.form = form
        self.out = Reading(form)
        self.first_row: dict[str, int] = {}
        self.by_key: dict[str, Record] = {}
        self.zeros = 0
        headers = {normalized(header): header for header in table.header}
        self.columns = [(headers[name], FACTS[fact]) for name, fact in form.columns.items() if name in headers]
        self.headers = headers
        self.header_of = {fact.name: header for header, fact in self.columns}
        self.read_nces_id = values.nces_id(12 if form.level == "school" else 7)

    def report(self, code: str, row: int | None, column: str | None, **filling: str | int) -> None:
        self.out.problems.append(Problem(code, self.table.file, row, column, filling, TEXTS[code]))

    def note(self, code: str, row: int | None, column: str | None, **filling: str | int) -> None:
        self.out.notes.append(Problem(code, self.table.file, row, column, filling, TEXTS[code]))

    def take(self, row: Row) -> None:
        before = len(self.out.problems)
        raw = dict(self.cells(row))
        if len(self.out.problems) > before:
            return
        if self.form.tells:
            self.add(row, raw)
        else:
            record = Record(self.form.level, row.number, raw)
            if self.settle(record):
                self.keep(record)

    def cells(self, row: Row) -> Iterator[tuple[str, Any]]:
        """The facts in the row's cells; a cell that cannot be read is reported and left out."""
        pairs = [(header, fact, row[header]) for header, fact in self.columns]
        if self.form.tells:
            by_name = {name: row[header] for name, header in self.headers.items()}
            pairs += [(self.headers["student_count"], FACTS[name], cell) for name, cell in self.form.tells(by_name)]
        for header, fact, cell in pairs:
            if values.is_missing(cell, coded=self.form.coded) and not (
                cell.casefold() == "null" and fact.name == "name"
            ):
                continue
            try:
                yield fact.name, self.value(fact.name, cell)
            except BadValueError as bad:
                self.report(bad.code, row.number, header, **bad.values)

    def value(self, fact: str, cell: str) -> Any:
        if fact == "nces_id":
            read = self.read_nces_id(cell)
            self.zeros += len(read) > len(cell.removesuffix(".0"))
            return read
        return FACTS[fact].read(cell)

    def add(self, row: Row, raw: dict[str, Any]) -> None:
        """Facts from one of several rows about the same school."""
        if "nces_id" not in raw:
            self.report("no_identifier", row.number, self.header_of.get("nces_id"))
            return
        record = self.by_key.setdefault(raw["nces_id"], Record(self.form.level, row.number, {}))
        record.facts |= raw

    def keep(self, record: Record) -> None:
        first = self.first_row.setdefault(record.key, record.row)
        if first != record.row:
            identifier = record.facts.get("nces_id") or record.facts["state_id"]
            self.report("twice", record.row, self.header_of.get("nces_id"), value=identifier, first=first)
            return
        self.out.records.append(record)

    def settle(self, record: Record) -> bool:
        """Brings the facts of a row together; says whether the record can be used."""
        before = len(self.out.problems)
        facts = record.facts
        for name in ("nces_id", "state_id", "name"):
            if facts.get(name) in {"", "NULL"}:
                del facts[name]
        if not facts.get("nces_id") and not facts.get("state_id"):
            self.report("no_identifier", record.row, self.header_of.get("nces_id"))
            return False
        _join_address(facts)
        _settle_status(facts)
        self.settle_place(record)
        self.settle_grades(record)
        if self.form.level == "school":
            self.settle_lea(record)
        else:
            _settle_lea_kind(facts)
        if not self.form.adds_to:
            self.settle_name(record)
        return len(self.out.problems) == before

    def settle_place(self, record: Record) -> None:
        facts = record.facts
        latitude, longitude = facts.pop("latitude", None), facts.pop("longitude", None)
        try:
            place = values.checked_place(latitude, longitude, facts.get("state", ""))
        except BadValueError as bad:
            self.report(bad.code, record.row, self.header_of.get("latitude"), **bad.values)
            return
        if place:
            facts["latitude"], facts["longitude"] = place
        elif "latitude" in self.header_of:
            self.note("no_place", record.row, self.header_of["latitude"])

    def settle_grades(self, record: Record) -> None:
        low, high = record.facts.get("low_grade"), record.facts.get("high_grade")
        if low and high and GRADES.index(low) > GRADES.index(high):
            self.note("grades_reversed", record.row, self.header_of["low_grade"], low=low, high=high)
            del record.facts["low_grade"], record.facts["high_grade"]

    def settle_lea(self, record: Record) -> None:
        facts = record.facts
        for name in ("nces_id", "state_id", "name"):
            if cell := facts.pop(f"lea_{name}", ""):
                record.lea[name] = cell
        charter = facts.pop("charter", None)
        if charter is not None:
            facts["sector"] = Sector.CHARTER if charter else Sector.DISTRICT
        is_named = record.lea.get("nces_id") or record.lea.get("state_id")
        if not is_named and not self.form.adds_to and facts.get("sector") != Sector.PRIVATE:
            self.report("no_lea", record.row, self.header_of.get("lea_nces_id"))

    def settle_name(self, record: Record) -> None:
        facts = record.facts
        if "state" not in facts:
            self.report("no_state", record.row, self.header_of.get("state"))
        if "name" in facts:
            return
        if "nces_id" not in facts:
            self.report("no_name", record.row, self.header_of.get("name"))
            return
        facts["name"] = f"NCES {facts['nces_id']}"
        self.note("unnamed", record.row, self.header_of.get("name"), value=facts["name"])

    def finish(self) -> Reading:
        self.out.records += self.by_key.values()
        if self.zeros:
            self.note("zeros_restored", None, self.header_of.get("nces_id"), count=self.zeros)
        return self.out


def _join_address(facts: dict[str, Any]) -> None:
    lines = [facts.pop(name, "") for name in ("street", "street_2", "street_3")]
    if street := ", ".join(line for line in lines if line):
        facts["street"] = street[:200]
    last = facts.pop("zip_4", "")
    if last and "zip_code" in facts and "-" not in facts["zip_code"]:
        facts["zip_code"] = f"{facts['zip_code']}-{last}"[:10]


def _settle_status(facts: dict[str, Any]) -> None:
    if updated := facts.pop("updated_status", None):
        facts["status"] = updated
    if facts.get("status") != Status.CLOSED:
        facts.pop("closed_on", None)


def _settle_lea_kind(facts: dict[str, Any]) -> None:
    kind = facts.pop("lea_kind", None)
    if kind:
        facts["kind"] = kind
        facts["sector"] = Sector.CHARTER if kind == Kind.CHARTER_OPERATOR else Sector.DISTRICT
