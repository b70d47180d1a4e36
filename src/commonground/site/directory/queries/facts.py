"""The facts of one organization for its page, each with where it comes from."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commonground.site.directory.models import Organization, Source
from commonground.site.directory.queries.history import FIELDS, shown

GROUPS = (
    (gettext_lazy("What it is"), ("sector", "category", "status", "closed_on", "nces_id", "state_id", "area")),
    (gettext_lazy("Where it is"), ("street", "city", "county", "state", "zip_code", "phone", "website", "locale")),
    (
        gettext_lazy("Grades, students and teachers"),
        ("low_grade", "high_grade", "enrollment", "teachers", "free_lunch", "reduced_lunch", "directly_certified"),
    ),
)
MEALS = "meals"  # worked out here, not stored


@dataclass(frozen=True)
class Fact:
    """One line of the page: label, value in words, its source; `note` says how a share is counted."""

    name: str
    label: str
    value: str
    source: Source | None
    note: str = ""


@dataclass(frozen=True)
class Block:
    """Facts of one group that come from one source, which is said once for all of them."""

    title: str
    source: Source | None
    facts: list[Fact]


def blocks(organization: Organization) -> list[Block]:
    """The facts by what they speak of and, within that, by source."""
    told = {fact.name: fact for fact in facts(organization)}
    found = []
    for title, names in GROUPS:
        by_source: dict[Source | None, list[Fact]] = {}
        for name in (*names, *((MEALS,) if "enrollment" in names else ())):
            if name in told:
                by_source.setdefault(told[name].source, []).append(told[name])
        found += [Block(str(title), source, some) for source, some in by_source.items()]
    return found


def sources_of(organization: Organization) -> dict[str, Source]:
    """Field to source, for all of an organization's facts at once."""
    known = Source.objects.in_bulk(set(organization.sources.values()))
    return {fact: known[key] for fact, key in organization.sources.items() if key in known}


def sources_of_fact(fact: str, organizations: Iterable[Organization]) -> list[Source]:
    """Where one fact of several organizations comes from, for a list that shows only that fact; by title."""
    keys = {organization.sources[fact] for organization in organizations if fact in organization.sources}
    return sorted(Source.objects.in_bulk(keys).values(), key=lambda source: (source.title, source.dated))


def facts(organization: Organization) -> list[Fact]:
    """Every fact that is known. What is not known is left out, not shown as zero."""
    sources = sources_of(organization)
    told = []
    for name in (name for _title, group in GROUPS for name in group):
        field = FIELDS[name]
        value = getattr(organization, name)
        if value in (None, "", []):
            continue
        words = ", ".join(value) if isinstance(value, list) else shown(field, value)
        words = str(value) if name in {"nces_id", "zip_code", "state_id"} else words
        told.append(Fact(name, capfirst(str(field.verbose_name)), words, sources.get(name)))
    share = meals(organization)
    if share is not None:
        note = _("Students with free or reduced-price lunch, of all students.")
        told.append(Fact(MEALS, _("Free or reduced-price lunch"), f"{share:.0%}", sources.get("free_lunch"), note))
    return told


def meals(organization: Organization) -> float | None:
    """The share of students whose lunch is free or costs less; None where a part is not known or nobody is enrolled."""
    parts = (organization.free_lunch, organization.reduced_lunch)
    if None in parts or not organization.enrollment:
        return None
    return min(1.0, sum(part or 0 for part in parts) / organization.enrollment)
