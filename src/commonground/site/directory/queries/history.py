"""What happened to an organization, in words: from the rows that the history keeps, each as it was before a change."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Field
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from commonground.site.directory.models import Organization
from commonground.site.directory.models.organization import Status

FIELDS = {field.name: field for field in Organization._meta.concrete_fields}
# A place on the map moves with the address; telling both would tell one thing twice.
SILENT = {"id", "latitude", "longitude", "closed_on", "area"}


@dataclass(frozen=True)
class Step:
    """One change: when it was entered, whether by an import, and a sentence for each thing that changed."""

    at: datetime
    by_import: bool
    sentences: list[str]


def history(organization: Organization) -> list[Step]:
    """The changes of an organization, the newest first."""
    kept: Any = organization.events  # type: ignore[attr-defined] # made by the tracker
    events = list(kept.filter(pgh_label="changed").select_related("pgh_context").order_by("pgh_id"))
    afters = [*events, organization][1:]
    names = _names({row.parent_id for row in (*events, organization) if row.parent_id})
    steps = [
        Step(before.pgh_created_at, _is_import(before), list(_sentences(before, after, names)))
        for before, after in zip(events, afters, strict=True)
    ]
    return [step for step in reversed(steps) if step.sentences]


def _is_import(event: Any) -> bool:
    return bool(event.pgh_context and "directory_import" in event.pgh_context.metadata)


def _names(keys: set[int]) -> dict[int, str]:
    return dict(Organization.objects.filter(pk__in=keys).values_list("pk", "name"))


def _sentences(before: Any, after: Any, names: dict[int, str]) -> Iterator[str]:
    if before.status != after.status:
        yield _status(before, after)
    if before.parent_id != after.parent_id:
        yield _lea(names.get(before.parent_id, ""), names.get(after.parent_id, ""))
    if before.name != after.name:
        yield _("Renamed from “%(old)s” to “%(new)s”.") % {"old": before.name, "new": after.name}
    if (before.street, before.city) != (after.street, after.city):
        places = [", ".join(part for part in (row.street, row.city) if part) or "–" for row in (before, after)]
        yield _("Moved from %(old)s to %(new)s.") % {"old": places[0], "new": places[1]}
    told = SILENT | {"status", "parent", "name", "street", "city", "sources"}
    for field in FIELDS.values():
        old, new = getattr(before, field.attname, None), getattr(after, field.attname, None)
        if field.name not in told and old != new:
            values = {"fact": str(field.verbose_name), "old": shown(field, old), "new": shown(field, new)}
            yield _("Changed %(fact)s from %(old)s to %(new)s.") % values


def _status(before: Any, after: Any) -> str:
    if after.status == Status.CLOSED:
        on = date_format(after.closed_on, "DATE_FORMAT") if after.closed_on else ""
        return _("Closed on %(day)s.") % {"day": on} if on else _("Closed.")
    if after.status == Status.OPEN and before.status in {Status.CLOSED, Status.INACTIVE}:
        return _("Opened again.")
    return _("Changed status from %(old)s to %(new)s.") % {
        "old": Status(before.status).label,
        "new": Status(after.status).label,
    }


def _lea(old: str, new: str) -> str:
    if not old:
        return _("Joined %(new)s.") % {"new": new}
    if not new:
        return _("Left %(old)s.") % {"old": old}
    return _("Changed its LEA from %(old)s to %(new)s.") % {"old": old, "new": new}


def shown(field: "Field[Any, Any]", value: Any) -> str:
    """A field's value as a reader knows it: labels for codes, dates in words, a dash for nothing."""
    if value is None or value == "" or value == []:
        return "–"
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, date):
        return date_format(value, "DATE_FORMAT")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, float):
        return f"{value:,.2f}".rstrip("0").rstrip(".")
    return f"{value:,}" if isinstance(value, int) else str(value)
