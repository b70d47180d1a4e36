"""A meeting of a partnership, and what a calendar needs to know of it."""

import uuid
from datetime import datetime, timedelta
from typing import ClassVar

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from commonground.site.partnership.models.partnership import Partnership

FIRST_AGENDA = _(
    "1. Who we are: each member names one need and one strength.\n"
    "2. The shared need: what we see in our own schools.\n"
    "3. What working together should look like, and how we decide.\n"
    "4. Who takes part from each member, how often we meet and where.\n"
    "5. Next steps."
)


class Status(models.TextChoices):
    PROPOSED = "proposed", _("Proposed")
    CONFIRMED = "confirmed", _("Confirmed")
    CANCELLED = "cancelled", _("Cancelled")


@pghistory.track()
class Meeting(models.Model):
    """One meeting: proposed, then confirmed or cancelled; it may move in between.

    `uid` and `sequence` are the identity and the version that calendars know it by (RFC 5545, 3.8.4.7 and 3.8.7.4): the first
    never changes, the second grows with every change, so that a calendar replaces what it has and never adds a second meeting.
    """

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    partnership = models.ForeignKey(Partnership, models.CASCADE, related_name="meetings", verbose_name=_("partnership"))
    title = models.CharField(_("title"), max_length=120, blank=True)
    starts_at = models.DateTimeField(_("starts"))
    minutes = models.PositiveSmallIntegerField(_("length in minutes"), default=90)
    place = models.CharField(_("place"), max_length=200, blank=True)
    link = models.URLField(_("link for joining online"), blank=True)
    agenda = models.TextField(_("agenda"), max_length=4000, blank=True)
    is_first = models.BooleanField(_("first meeting"), default=False)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PROPOSED)
    uid = models.UUIDField(_("calendar identity"), default=uuid.uuid4, unique=True, editable=False)
    sequence = models.PositiveIntegerField(_("calendar version"), default=0, editable=False)
    changed_at = models.DateTimeField(_("last change"), auto_now=True)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("proposed by"),
    )

    class Meta:
        ordering = ("starts_at", "pk")
        verbose_name = _("meeting")
        verbose_name_plural = _("meetings")
        constraints = (
            models.CheckConstraint(condition=~Q(place="") | ~Q(link=""), name="meeting_has_a_place_or_a_link"),
            models.CheckConstraint(condition=Q(minutes__range=(15, 600)), name="meeting_length_is_sensible"),
            models.UniqueConstraint(
                fields=["partnership"], condition=Q(is_first=True), name="one_first_meeting_per_partnership"
            ),
        )

    def __str__(self) -> str:
        return self.title or str(_("First meeting") if self.is_first else _("Meeting"))

    def get_absolute_url(self) -> str:
        return reverse("partnership:meeting", args=[self.pk])

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.minutes)

    @property
    def is_open(self) -> bool:
        """May it still be moved, confirmed or cancelled?"""
        return self.status != Status.CANCELLED

    def agenda_text(self) -> str:
        """The agenda; a first meeting without one of its own has the usual one, in the reader's language."""
        return self.agenda or (str(FIRST_AGENDA) if self.is_first else "")
