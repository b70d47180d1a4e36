"""Changing organizations by hand: the way for agencies, private schools, and whatever no published file knows."""

import functools
from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from commonground.site.audit.actions import record
from commonground.site.directory.models import Organization, Person, Source
from commonground.site.directory.models.organization import Status

Result = TypeVar("Result")
BY_HAND = gettext_noop("Entered by staff")


def _source(by: Person) -> Source:
    """One source for each person and day: facts entered by hand say who stands behind them."""
    source, _is_new = Source.objects.get_or_create(
        title=BY_HAND, entered_by=by, day=timezone.localdate(), digest="", file_name=""
    )
    return source


class TakenError(ValidationError):
    """Another organization has this NCES ID, since a moment ago."""

    def __init__(self) -> None:
        super().__init__(_("Another organization has this NCES ID. Somebody entered it just now."))


def _refuse_twins(act: Callable[..., Result]) -> Callable[..., Result]:
    """Two people may enter the same school at the same moment: the second is told, and nothing of theirs is kept."""

    @functools.wraps(act)
    def guarded(*arguments: Any, **named: Any) -> Result:
        try:
            with transaction.atomic():
                return act(*arguments, **named)
        except IntegrityError as problem:
            if "nces_id" in str(problem):
                raise TakenError from None
            raise

    return guarded


@_refuse_twins
def add(*, by: Person, **facts: Any) -> Organization:
    """A new organization; every fact that was given is dated today. Raises TakenError."""
    source = _source(by)
    filled = [name for name, value in facts.items() if value not in (None, "", [])]
    organization = Organization.objects.create(**facts, sources=dict.fromkeys(filled, source.pk))
    record("directory.organization_added", by=by, on=organization, tenant=organization)
    return organization


@_refuse_twins
def change(organization: Organization, *, by: Person, **facts: Any) -> list[str]:
    """Set facts; returns the names of those that differ. Where none does, nothing is recorded. Raises TakenError."""
    locked = Organization.objects.select_for_update().get(pk=organization.pk)
    changed = [name for name, value in facts.items() if getattr(locked, name) != value]
    if not changed:
        return []
    for name in changed:
        setattr(locked, name, facts[name])
    locked.sources |= dict.fromkeys(changed, _source(by).pk)
    if locked.status != Status.CLOSED:
        locked.closed_on = None
    locked.save()
    record("directory.organization_changed", by=by, on=locked, tenant=locked, facts=changed)
    return changed


def close(organization: Organization, *, by: Person, on: date) -> None:
    """Mark as closed. It stays in the directory, with its history and its partnerships."""
    change(organization, by=by, status=Status.CLOSED, closed_on=on)
