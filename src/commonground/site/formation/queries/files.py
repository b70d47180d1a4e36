"""Reading a file of sign-ups: the columns of `commonground.formats`, which the command line reads too, and a few of the site's own.

Nothing is written here. A plan says what each row would do, and every problem names its row and column; a file with a problem is
refused as a whole. Where an organization is, its sector and its size come from the directory, whatever the file says.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Q
from django.db.models.functions import Lower

from commonground.engines.formation import Member
from commonground.formats import SCHOOL_COLUMNS, Vocabulary, read_schools
from commonground.i18n import N_
from commonground.site.directory.models import Organization
from commonground.site.formation.models import FocusArea, Round, SignUp, Topic
from commonground.site.formation.models.choices import Capacity, Language, Outcome, Side, SignUpState
from commonground.site.formation.models.signups import READINESS
from commonground.site.formation.queries.eligibility import why_not
from commonground.site.formation.queries.topics import final_topics
from commonground.tables import Column, Limits, Problem, Row, Table, in_order, match_columns, normalized, read_table

LIMITS = Limits(file_bytes=1_000_000, unpacked_bytes=20_000_000, rows=3000, seconds=20.0, memory_mb=512)
SITE_COLUMNS = (
    Column("goals"),
    Column("capacity"),
    Column("head_name", aliases=("principal", "superintendent")),
    Column("head_email"),
    Column("coordinator_name", aliases=("coordinator", "stc")),
    Column("coordinator_email"),
)
TEXTS = {
    "unknown_organization": N_(
        "“{name}” is not in the directory. Check the name or the ID, or add it to the directory."
    ),
    "several_organizations": N_("“{name}” could be {which}. Put the NCES ID into the column “id”."),
    "row_twice": N_("{name} is already in row {other}. Keep one row per organization."),
    "not_eligible": N_("{reason}"),
    "was_withdrawn": N_("{name} has withdrawn. Remove the row, or take the sign-up up again on its page first."),
    "unknown_language": N_("“{found}” is not a language of the sign-up form. Known: {known}."),
    "unknown_capacity": N_("“{found}” is not known. Use {known}."),
}


@dataclass(frozen=True)
class Planned:
    """What one row would do: the organization, its sign-up if there is one, and the values that the file gives."""

    row: int
    organization: Organization
    signup: SignUp | None
    values: Mapping[str, Any]
    changed: tuple[str, ...] = ()  # names of the values that differ from what is there


@dataclass(frozen=True)
class Plan:
    """All rows of a file. Nothing may be written while there are problems; notes stop nothing."""

    rows: tuple[Planned, ...]
    problems: tuple[Problem, ...]
    notes: tuple[Problem, ...] = ()


class Topics(Vocabulary):
    """Topics or focus areas by code or by name in either language; in the result they are codes."""

    def __init__(self, texts: Iterable[Topic | FocusArea]) -> None:
        listed = list(texts)
        super().__init__(text.code for text in listed)
        self._codes = {
            normalized(name): text.code for text in listed for name in (text.name_en, text.name_es) if name
        } | {normalized(text.code): text.code for text in listed}

    def spell(self, name: str) -> str | None:
        return self._codes.get(normalized(name))


def plan_import(round: Round, data: bytes, name: str) -> Plan:
    """What this file would do to the round. Asks the database a fixed number of times, however many rows there are."""
    table = read_table(data, name=name, limits=LIMITS)
    if not table.ok:
        return Plan((), table.problems)
    own, found = match_columns(_narrowed(table, SITE_COLUMNS, keep=True), SITE_COLUMNS)
    read = read_schools(
        _narrowed(table, SITE_COLUMNS, keep=False),
        areas=Topics(round.areas.all()),
        topics=Topics(Topic.objects.filter(agency=round.agency).offered()),
        need_area=round.asks_for_areas,
        need_place=False,
    )
    problems = [*read.problems, *found]
    rows = {row.number: row for row in table.rows}
    matcher = Matcher(round, table, [rows[number] for number in read.rows.values()])
    planned: list[Planned] = []
    for member in read.members:
        row = rows[read.rows[member.id]]
        organization = matcher.match(member, row, problems)
        if organization is not None:
            values = _values(member) | _own_values(table, row, own, problems)
            values |= _languages(values, table, row, problems)
            planned.append(Planned(row.number, organization, matcher.signups.get(organization.pk), values))
    linked = _linked(planned, read.members, read.rows)
    return Plan(tuple(compared(linked, round)), tuple(in_order(problems)), read.notes)


def _narrowed(table: Table, columns: Iterable[Column], *, keep: bool) -> Table:
    """The table with only these columns in its header, or without them; the cells stay where they are."""
    names = {normalized(name) for column in columns for name in (column.name, *column.aliases)}
    return replace(table, header=tuple(header for header in table.header if (normalized(header) in names) == keep))


class Matcher:
    """Finds the organization that a row means, and says why a row cannot be used."""

    def __init__(self, round: Round, table: Table, rows: Iterable[Row]) -> None:
        self._round = round
        self._table = table
        self._columns, _problems = match_columns(table, SCHOOL_COLUMNS, allow_unknown=True)
        keys = [(self._cell(row, "id"), self._cell(row, "name")) for row in rows]
        ids = {key for key, _name in keys if key}
        names = {name.lower() for _key, name in keys if name}
        listed = (
            Organization.objects.annotate(lower_name=Lower("name"))
            .filter(Q(nces_id__in=ids) | Q(state_id__in=ids) | Q(lower_name__in=names))
            .select_related("parent")
        )
        self._by_id: dict[str, list[Organization]] = {}
        self._by_name: dict[str, list[Organization]] = {}
        for one in listed:
            for key in {one.nces_id, one.state_id} - {None, ""}:
                self._by_id.setdefault(str(key), []).append(one)
            self._by_name.setdefault(normalized(one.name), []).append(one)
        self.signups = {signup.organization_id: signup for signup in round.signups.all()}
        self._seen: dict[int, int] = {}

    def _cell(self, row: Row, column: str) -> str:
        return row.get(self._columns[column])

    def match(self, member: Member, row: Row, problems: list[Problem]) -> Organization | None:
        """The organization of a row, or None with the reason among the problems."""
        found = self._candidates(row)
        name = self._cell(row, "id") or member.name
        if not found:
            problems.append(self._problem("unknown_organization", row, "name", name=name))
            return None
        if len(found) > 1:
            which = "; ".join(f"{one} ({one.parent or one.state}, {one.nces_id or one.pk})" for one in found[:4])
            problems.append(self._problem("several_organizations", row, "name", name=name, which=which))
            return None
        return self._usable(found[0], row, problems)

    def _candidates(self, row: Row) -> list[Organization]:
        stated = self._cell(row, "id")
        if stated and stated in self._by_id:
            return self._by_id[stated]
        if stated:
            return []
        found = [
            one for one in self._by_name.get(normalized(self._cell(row, "name")), []) if one.kind in self._round.kinds
        ]
        lea = normalized(self._cell(row, "lea"))
        near = [one for one in found if one.parent and normalized(one.parent.name) == lea]
        return near or found

    def _usable(self, organization: Organization, row: Row, problems: list[Problem]) -> Organization | None:
        signup = self.signups.get(organization.pk)
        values: dict[str, str | int] = {"name": organization.name}
        if organization.pk in self._seen:
            code, values["other"] = "row_twice", self._seen[organization.pk]
        elif reason := why_not(self._round, organization):
            code, values = "not_eligible", {"reason": reason}
        elif signup and signup.state == SignUpState.WITHDRAWN:
            code = "was_withdrawn"
        else:
            self._seen[organization.pk] = row.number
            return organization
        problems.append(self._problem(code, row, "name", **values))
        return None

    def _problem(self, code: str, row: Row, column: str, **values: str | int) -> Problem:
        return _problem(code, self._table, row, self._columns[column], **values)


def _problem(code: str, table: Table, row: Row, column: str | None, **values: str | int) -> Problem:
    return Problem(code, table.file, row.number, column, values, TEXTS[code])


def _values(member: Member) -> dict[str, Any]:
    """What the shared columns say, in the site's own terms; what a row leaves empty is not among it."""
    readiness = None if member.readiness is None else dict.fromkeys(READINESS, round(member.readiness * 3))
    values = {
        "areas": list(member.areas),
        "needs": {code: _level(weight) for code, weight in member.needs.items()},
        "strengths": {code: _level(weight) for code, weight in member.strengths.items()},
        "grade_bands": sorted(member.grade_bands),
        "readiness": readiness,
        "languages": sorted(member.languages),
        "travel_limit_km": None if member.travel_limit is None else max(1, round(member.travel_limit)),
        "good_with": sorted(member.good_with),
        "bad_with": sorted(member.bad_with),
    }
    return {name: value for name, value in values.items() if value}


def _languages(values: Mapping[str, Any], table: Table, row: Row, problems: list[Problem]) -> dict[str, list[str]]:
    """Languages by code or by name; one that the form does not have is a problem."""
    known = {normalized(str(text)): one.value for one in Language for text in (one.value, one.label)}
    for stated in values.get("languages", []):
        if normalized(stated) not in known:
            names = ", ".join(str(label) for label in Language.labels)
            problems.append(_problem("unknown_language", table, row, "languages", found=stated, known=names))
    found = [known[normalized(stated)] for stated in values.get("languages", []) if normalized(stated) in known]
    return {"languages": found} if found else {}


def _level(weight: float) -> int:
    """An importance of any size as one of the form's three."""
    return min(3, max(1, round(weight)))


def _own_values(table: Table, row: Row, columns: Mapping[str, str | None], problems: list[Problem]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    cells = {column.name: row.get(columns[column.name]) for column in SITE_COLUMNS}
    if cells["goals"]:
        values["goals"] = cells["goals"][:2000]
    if capacity := cells["capacity"]:
        known = {normalized(str(text)): one.value for one in Capacity for text in (one.value, one.label)}
        values["capacity"] = known.get(normalized(capacity), "")
        if not values["capacity"]:
            which = ", ".join(Capacity.values)
            problems.append(_problem("unknown_capacity", table, row, columns["capacity"], found=capacity, known=which))
    people = {key: (cells[f"{key}_name"], cells[f"{key}_email"]) for key in ("head", "coordinator")}
    if people["head"][0]:
        values["team"] = _team(people)
    return values


def _team(people: Mapping[str, tuple[str, str]]) -> list[dict[str, Any]]:
    (head, head_email), (coordinator, email) = people["head"], people["coordinator"]
    same = not coordinator or normalized(coordinator) == normalized(head)
    team = [{"name": head, "email": head_email, "is_head": True, "is_coordinator": same}]
    if not same:
        team.append({"name": coordinator, "email": email, "is_head": False, "is_coordinator": True})
    return team


def _linked(planned: list[Planned], members: Iterable[Member], rows: Mapping[str, int]) -> tuple[Planned, ...]:
    """Past partners were read as ids of the file; here they become organizations."""
    by_row = {one.row: one.organization for one in planned}
    organizations = {member.id: by_row.get(rows[member.id]) for member in members}

    def link(values: Mapping[str, Any]) -> dict[str, Any]:
        named = {
            name: [organizations[key] for key in values[name] if organizations.get(key)]
            for name in ("good_with", "bad_with")
            if name in values
        }
        return {**values, **named}

    return tuple(replace(one, values=link(one.values)) for one in planned)


def compared(planned: Iterable[Planned], round: Round) -> Iterator[Planned]:
    """Each row with the names of the values that it would change."""
    rows = list(planned)
    known = [one.signup.pk for one in rows if one.signup]
    topics = final_topics(round.agency)
    signups = SignUp.objects.filter(pk__in=known).prefetch_related(
        "choices", "ranked_areas__area", "team", "past_relations__other"
    )
    before = {signup.pk: _current(signup, topics) for signup in signups}
    for one in rows:
        now = before[one.signup.pk] if one.signup else {}
        yield replace(one, changed=tuple(name for name, value in one.values.items() if now.get(name) != value))


def _current(signup: SignUp, topics: Mapping[int, Topic]) -> dict[str, Any]:
    """What a sign-up says now, in the terms of `Planned.values`."""

    def chosen(side: Side) -> dict[str, int]:
        listed = [choice for choice in signup.choices.all() if choice.side == side and choice.topic_id]
        return {topics[choice.topic_id or 0].code: choice.importance for choice in listed}

    def past(outcome: Outcome) -> list[Organization]:
        return [one.other for one in signup.past_relations.all() if one.outcome == outcome and one.unsigned]

    fields = ("goals", "capacity", "readiness", "travel_limit_km")
    return {name: getattr(signup, name) for name in fields} | {
        "areas": [ranked.area.code for ranked in signup.ranked_areas.all()],
        "needs": chosen(Side.NEED),
        "strengths": chosen(Side.STRENGTH),
        "grade_bands": sorted(signup.grade_bands),
        "languages": signup.languages,
        "good_with": past(Outcome.GOOD),
        "bad_with": past(Outcome.BAD),
        "team": [
            {name: getattr(member, name) for name in ("name", "email", "is_head", "is_coordinator")}
            for member in signup.team.all()
        ],
    }
