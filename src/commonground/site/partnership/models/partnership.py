"""A partnership and its members.

It belongs to its members and is hosted by an agency. Its facilitator is a *position*: when another person takes that seat, the
partnership, its meetings and what was agreed stay where they are.
"""

from datetime import date
from typing import ClassVar

import pghistory
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from commonground.site.directory.models import Organization, Person, Position
from commonground.site.directory.models.people import DateRange
from commonground.site.directory.roles import Role


class Kind(models.TextChoices):
    COMPACT = "compact", _("Compact")
    QUAD = "quad", _("Quad")
    TRIAD = "triad", _("Triad")
    DISTRICTS = "districts", _("District partnership")
    DISSEMINATION = "dissemination", _("Dissemination partnership")
    NETWORK = "network", _("Network")
    TASK_FORCE = "task_force", _("Task force")


class PartnershipQuerySet(models.QuerySet["Partnership"]):
    def readable_by(self, person: Person) -> "PartnershipQuerySet":
        """Those of the agency whose staff the person is, those the person facilitates, and those of the person's organizations."""
        places = {held.organization_id for held in person.positions}
        staffed = {held.organization_id for held in person.positions if held.role == Role.AGENCY_STAFF}
        current = Member.objects.on(timezone.localdate()).filter(
            Q(organization__in=places) | Q(organization__parent__in=places)
        )
        return self.filter(
            Q(agency__in=staffed)
            | Q(facilitator__in=[held.pk for held in person.positions])
            | Q(pk__in=current.values("partnership"))
        )


@pghistory.track()
class Partnership(models.Model):
    """One partnership of any kind. Members, meetings and where it came from are rows of their own."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    name = models.CharField(_("name"), max_length=200)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    agency = models.ForeignKey(
        Organization, models.PROTECT, related_name="hosted_partnerships", verbose_name=_("host agency")
    )
    # Words by language, as they were when the partnership began: a topic that is renamed later does not rewrite what was agreed.
    purpose = models.JSONField(_("shared need"), default=dict)
    focus_area = models.JSONField(_("focus area"), default=dict, blank=True)
    facilitator = models.ForeignKey(
        Position,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="facilitated_partnerships",
        verbose_name=_("facilitator"),
    )
    founded_on = models.DateField(_("founded on"), default=timezone.localdate)

    objects = PartnershipQuerySet.as_manager()

    class Meta:
        ordering = ("-founded_on", "name", "pk")
        verbose_name = _("partnership")
        verbose_name_plural = _("partnerships")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("partnership:overview", args=[self.pk])

    def current_members(self) -> "models.QuerySet[Member]":
        return self.members.on(timezone.localdate()).select_related("organization__parent")


class MemberQuerySet(models.QuerySet["Member"]):
    def on(self, day: date) -> "MemberQuerySet":
        return self.filter(Q(until__isnull=True) | Q(until__gt=day), since__lte=day)


@pghistory.track()
class Member(models.Model):
    """One organization's time in a partnership, from the first day up to but not including the last."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    partnership = models.ForeignKey(Partnership, models.CASCADE, related_name="members", verbose_name=_("partnership"))
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="memberships", verbose_name=_("organization")
    )
    since = models.DateField(_("from"), default=timezone.localdate)
    until = models.DateField(_("until (not included)"), null=True, blank=True)

    objects = MemberQuerySet.as_manager()

    class Meta:
        ordering = ("organization__name", "since")
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = (
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gt=F("since")), name="membership_ends_after_start"
            ),
            # An organization that left may come back, but it is never a member twice at once.
            ExclusionConstraint(
                name="one_membership_at_a_time",
                expressions=[
                    ("partnership", RangeOperators.EQUAL),
                    ("organization", RangeOperators.EQUAL),
                    (DateRange("since", "until"), RangeOperators.OVERLAPS),
                ],
            ),
        )

    def __str__(self) -> str:
        return str(self.organization)
