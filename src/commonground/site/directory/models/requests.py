"""Somebody says that they hold a position; whoever answers for the organization says yes or no."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from commonground.site.directory.models.organization import Organization
from commonground.site.directory.models.people import Position
from commonground.site.directory.roles import Role


class RequestState(models.TextChoices):
    OPEN = "open", _("Waiting for an answer")
    APPROVED = "approved", _("Approved")
    DECLINED = "declined", _("Declined")


class PositionRequest(models.Model):
    """One person's request for one position at one organization, and the answer. Kept after the answer, as a record of it."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"person", "message", "decided_by", "reason"})

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="position_requests", verbose_name=_("person")
    )
    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="position_requests", verbose_name=_("organization")
    )
    role = models.CharField(_("what you do there"), max_length=30, choices=Role)
    title = models.CharField(_("title"), max_length=120)
    message = models.CharField(_("how we can check this"), max_length=500, blank=True)
    asked_at = models.DateTimeField(_("asked"), auto_now_add=True)
    state = models.CharField(_("answer"), max_length=10, choices=RequestState, default=RequestState.OPEN)
    decided_at = models.DateTimeField(_("answered"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("answered by"),
    )
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    position = models.ForeignKey(
        Position, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("position")
    )

    class Meta:
        ordering = ("-asked_at", "-pk")
        verbose_name = _("request for a position")
        verbose_name_plural = _("requests for positions")
        constraints = (
            # Pressing the button twice asks once.
            models.UniqueConstraint(
                fields=["person", "organization", "role"],
                condition=Q(state=RequestState.OPEN),
                name="one_open_request_per_role",
            ),
            models.CheckConstraint(
                condition=Q(state=RequestState.OPEN, decided_at__isnull=True)
                | (~Q(state=RequestState.OPEN) & Q(decided_at__isnull=False)),
                name="an_answer_has_a_time",
            ),
        )

    def __str__(self) -> str:
        return f"{self.title}, {self.organization}"

    @property
    def is_open(self) -> bool:
        return self.state == RequestState.OPEN
