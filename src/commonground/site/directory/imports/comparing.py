"""What the records of one import would change: new, changed field by field, missing, unchanged. Data in, changes out.

1. Records of all files are brought together by the key of the school or LEA; a file that only adds facts makes no new entries.
2. An LEA that schools name and that neither a file nor the directory has becomes an entry of its own.
3. Each is compared with the directory. What a file leaves blank stays as it is.
4. Of the states that a directory file covers, what the directory has and the file has not is missing.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from commonground.i18n import N_
from commonground.site.directory.imports.formats import Level
from commonground.site.directory.imports.reading import Reading, Record, key_of
from commonground.site.directory.models.organization import Kind, Sector, Status
from commonground.site.directory.models.uploads import ChangeKind
from commonground.tables import Problem

TEXTS = MappingProxyType(
    {
        "not_in_directory": N_(
            "{count} schools or LEAs of this file are neither in the directory nor in another file, and are left out. Send the "
            "directory file along to add them."
        ),
        "leas_from_schools": N_(
            "{count} LEAs are named by schools only. They are added by name; a district file fills in the rest."
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Known:
    """An organization as the directory has it: `facts` are its fields, `parent` the key of its LEA."""

    pk: int
    key: str
    level: Level
    facts: Mapping[str, Any]
    parent: str = ""


@dataclass(slots=True)
class Draft:
    """What the files together say of one organization; `sources` is the position of the file that each fact came from."""

    level: Level
    key: str
    facts: dict[str, Any] = field(default_factory=dict)
    sources: dict[str, int] = field(default_factory=dict)
    parent: str = ""
    lea: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Planned:
    """One change. `facts` is field to value for a new entry, field to (old, new) for a changed one.

    `parent` is the key of the LEA; where it changes, `facts["parent"]` has the names of both.
    """

    kind: ChangeKind
    organization_kind: str
    key: str
    name: str
    nces_id: str
    pk: int | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    sources: Mapping[str, int] = field(default_factory=dict)
    parent: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """All changes, with how many there are of each kind, and notes."""

    changes: tuple[Planned, ...]
    notes: tuple[Problem, ...]

    @property
    def counts(self) -> dict[str, int]:
        found = Counter(change.kind.value for change in self.changes)
        return {kind.value: found[kind.value] for kind in ChangeKind}


def compare(readings: Sequence[Reading], known: Sequence[Known]) -> Comparison:
    """What these files, in this order, would change in the directory."""
    directory = _Directory(known)
    drafts, notes = _brought_together(readings, directory)
    made = _leas_of_schools(drafts, directory)
    if made:
        notes.append(Problem("leas_from_schools", values={"count": len(made)}, template=TEXTS["leas_from_schools"]))
    everything = made | drafts
    changes = [_change(draft, directory, everything) for draft in everything.values()]
    return Comparison((*changes, *_missing(readings, drafts, directory)), tuple(notes))


class _Directory:
    """What is known, found by NCES ID or by the state's own ID: a school entered by hand has only the latter."""

    def __init__(self, known: Sequence[Known]) -> None:
        self.all = known
        self.by_key = {one.key: one for one in known}
        self.by_state_id = {
            (one.level, one.facts["state"], one.facts["state_id"]): one for one in known if one.facts.get("state_id")
        }

    def find(self, level: Level, facts: Mapping[str, Any]) -> Known | None:
        found = self.by_key.get(key_of(level, facts))
        if found or not facts.get("state_id"):
            return found
        other = self.by_state_id.get((level, facts.get("state"), facts["state_id"]))
        # Two NCES IDs are two schools, whatever the state calls them: states use a number again after a closing.
        clash = other and other.facts.get("nces_id") and facts.get("nces_id")
        return None if clash else other


def _brought_together(readings: Sequence[Reading], directory: _Directory) -> tuple[dict[str, Draft], list[Problem]]:
    drafts: dict[str, Draft] = {}
    notes: list[Problem] = []
    by_weight = sorted(enumerate(readings), key=lambda numbered: numbered[1].format.adds_to)
    for position, reading in by_weight:
        strangers = 0
        for record in reading.records:
            found = directory.find(record.level, record.facts)
            key = found.key if found else record.key
            if reading.format.adds_to and key not in drafts and not found:
                strangers += 1
                continue
            _add(drafts.setdefault(key, Draft(record.level, key)), record, position)
        if strangers:
            notes.append(Problem("not_in_directory", values={"count": strangers}, template=TEXTS["not_in_directory"]))
    return drafts, notes


def _add(draft: Draft, record: Record, position: int) -> None:
    draft.facts |= record.facts
    draft.sources |= dict.fromkeys(record.facts, position)
    if record.lea:
        draft.lea = {"state": record.facts.get("state", "")} | record.lea
        draft.parent = key_of("lea", draft.lea)
        draft.sources["parent"] = position


def _leas_of_schools(drafts: dict[str, Draft], directory: _Directory) -> dict[str, Draft]:
    """Entries for LEAs that only schools name; every school's `parent` becomes the key of an LEA that exists or will."""
    made: dict[str, Draft] = {}
    by_state_id = {
        (draft.facts.get("state"), draft.facts["state_id"]): key
        for key, draft in drafts.items()
        if draft.level == "lea" and draft.facts.get("state_id")
    }
    for draft in [draft for draft in drafts.values() if draft.lea]:
        found = directory.find("lea", draft.lea)
        if found:
            draft.parent = found.key
        elif draft.parent not in drafts:
            same = by_state_id.get((draft.lea["state"], draft.lea.get("state_id")))
            draft.parent = same if same and "nces_id" not in draft.lea else draft.parent
        if not found and draft.parent not in drafts:
            _add_school(made.setdefault(draft.parent, Draft("lea", draft.parent)), draft)
    return made


def _add_school(lea: Draft, school: Draft) -> None:
    """An LEA is a charter operator as long as all schools that name it are charters."""
    known = {name: value for name, value in school.lea.items() if value and value.casefold() != "null"}
    all_charters = school.facts.get("sector") == Sector.CHARTER and lea.facts.get("sector") != Sector.DISTRICT
    lea.facts |= {"name": f"NCES {school.lea.get('nces_id', '')}".strip()} | known
    lea.facts["kind"] = Kind.CHARTER_OPERATOR if all_charters else Kind.DISTRICT
    lea.facts["sector"] = Sector.CHARTER if all_charters else Sector.DISTRICT
    lea.sources = dict.fromkeys(lea.facts, school.sources["parent"])


def _change(draft: Draft, directory: _Directory, drafts: Mapping[str, Draft]) -> Planned:
    known = directory.find(draft.level, draft.facts)
    if known is None:
        return _new(draft, directory, drafts)
    differences = {
        name: (known.facts.get(name), value) for name, value in draft.facts.items() if known.facts.get(name) != value
    }
    if draft.parent and draft.parent != known.parent:
        differences["parent"] = (_name(known.parent, directory, drafts), _name(draft.parent, directory, drafts))
    return Planned(
        kind=ChangeKind.CHANGED if differences else ChangeKind.UNCHANGED,
        organization_kind=str(draft.facts.get("kind", known.facts["kind"])),
        key=known.key,
        name=draft.facts.get("name", known.facts["name"]),
        nces_id=draft.facts.get("nces_id") or known.facts.get("nces_id") or "",
        pk=known.pk,
        facts=differences,
        sources=draft.sources,
        parent=draft.parent,
    )


def _name(key: str, directory: _Directory, drafts: Mapping[str, Draft]) -> str:
    """An LEA's name, for people to read; "" for none."""
    if key in drafts and "name" in drafts[key].facts:
        return str(drafts[key].facts["name"])
    return str(directory.by_key[key].facts["name"]) if key in directory.by_key else ""


def _new(draft: Draft, directory: _Directory, drafts: Mapping[str, Draft]) -> Planned:
    facts = dict(draft.facts)
    if draft.level == "school":
        facts["kind"] = Kind.SCHOOL
        facts.setdefault("sector", _sector_of_lea(draft.parent, directory, drafts))
    facts.setdefault("kind", Kind.OTHER_LEA)
    facts.setdefault("sector", Sector.DISTRICT)
    return Planned(
        kind=ChangeKind.NEW,
        organization_kind=str(facts["kind"]),
        key=draft.key,
        name=facts["name"],
        nces_id=facts.get("nces_id", ""),
        facts=facts,
        sources=draft.sources,
        parent=draft.parent,
    )


def _sector_of_lea(key: str, directory: _Directory, drafts: Mapping[str, Draft]) -> Sector:
    lea = drafts[key].facts if key in drafts else directory.by_key[key].facts if key in directory.by_key else {}
    return Sector.CHARTER if lea.get("kind") == Kind.CHARTER_OPERATOR else Sector.DISTRICT


def _missing(readings: Sequence[Reading], drafts: Mapping[str, Draft], directory: _Directory) -> Iterator[Planned]:
    """Only what came from a public directory can be missing from one: schools entered by hand have no NCES ID."""
    covered = {
        (reading.format.level, record.facts["state"])
        for reading in readings
        if not reading.format.adds_to
        for record in reading.records
    }
    for one in directory.all:
        listed = (one.level, one.facts["state"]) in covered and one.facts.get("nces_id")
        if listed and one.key not in drafts and one.facts["status"] != Status.CLOSED:
            yield Planned(
                ChangeKind.MISSING, one.facts["kind"], one.key, one.facts["name"], one.facts["nces_id"] or "", one.pk
            )
