"""What an import would change, in the reader's words."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from commonground.site.directory.models import Change, Import, Person
from commonground.site.directory.models.uploads import ChangeKind
from commonground.site.directory.queries.history import FIELDS, shown
from commonground.site.directory.roles import Role

TELLING = ("city", "county", "state")


def seen_by(person: Person) -> QuerySet[Import]:
    """The imports of this person's agencies; an operator's are all."""
    if person.holds(Role.OPERATOR):
        return Import.objects.all()
    staffed = [held.organization_id for held in person.positions if held.role == Role.AGENCY_STAFF]
    return Import.objects.filter(agency__in=staffed)


@dataclass(frozen=True)
class Line:
    """One change: `differences` are (fact, old, new) of a changed one, `about` says what a new one is."""

    change: Change
    differences: list[tuple[str, str, str]]
    about: str


def lines(changes: Iterable[Change]) -> list[Line]:
    return [_line(change) for change in changes]


def _line(change: Change) -> Line:
    if change.kind == ChangeKind.CHANGED:
        return Line(
            change,
            [(_label(fact), _shown(fact, old), _shown(fact, new)) for fact, (old, new) in change.facts.items()],
            "",
        )
    return Line(change, [], ", ".join(_about(change.facts)))


def _about(facts: Mapping[str, Any]) -> Iterator[str]:
    """What tells a new one from others of its name."""
    yield from (facts[fact] for fact in TELLING if facts.get(fact))
    if facts.get("low_grade"):
        yield _("grades %(low)s–%(high)s") % {"low": facts["low_grade"], "high": facts.get("high_grade", "")}
    if facts.get("enrollment") is not None:
        yield _("%(count)s students") % {"count": f"{facts['enrollment']:,}"}


def _label(fact: str) -> str:
    return str(FIELDS[fact].verbose_name)


def _shown(fact: str, value: Any) -> str:
    return (value or "–") if fact == "parent" else shown(FIELDS[fact], value)


@dataclass(frozen=True)
class Told:
    """A problem or note in the reader's language."""

    file: str
    row: int | None
    column: str | None
    message: str


def told(problems: Iterable[dict[str, Any]]) -> list[Told]:
    return [_told(one, one["template"]) for one in problems]


def _told(problem: dict[str, Any], template: str) -> Told:
    return Told(problem["file"], problem["row"], problem["column"], _(template).format(**problem["values"]))
