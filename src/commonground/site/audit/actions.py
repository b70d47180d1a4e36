"""The one way to write the audit trail."""

from typing import Any, Protocol

from django.db import models

from commonground.site.audit.models import Entry
from commonground.site.audit.verbs import VERBS


class UnknownVerbError(ValueError):
    """A feature records what `verbs.VERBS` does not list: its readers would see an English code."""


class Actor(Protocol):
    """Whoever acts: a person, with a name and an authority to quote; or None where the clock acts."""

    pk: Any

    def __str__(self) -> str: ...
    def authority(self) -> str: ...


def record(
    verb: str, *, by: Actor | None, on: models.Model, tenant: models.Model | None = None, **details: Any
) -> Entry:
    """Add one entry, in the caller's transaction: the act and its record stand or fall together."""
    if verb not in VERBS:
        raise UnknownVerbError(f"{verb!r} is not listed in audit/verbs.py: add it there, then translate it.")
    return Entry.objects.create(
        actor_id=by.pk if by else None,
        actor_name=str(by) if by else "Common Ground",
        authority=by.authority() if by else "",
        verb=verb,
        subject_type=on._meta.label_lower,
        subject_id=str(on.pk),
        subject_name=str(on)[:300],
        tenant_id=tenant.pk if tenant else None,
        details=details,
    )
