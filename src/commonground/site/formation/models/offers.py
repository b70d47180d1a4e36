"""What members see and answer: groups that were released, a place for each member, and what is asked about it."""

from typing import ClassVar

import pghistory
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from commonground.site.directory.models import Person, Position
from commonground.site.formation.models.rounds import FocusArea, Round
from commonground.site.formation.models.signups import SignUp
from commonground.site.partnership.models import Partnership


class OfferState(models.TextChoices):
    OPEN = "open", _("Waiting for answers")
    FOUNDED = "founded", _("The partnership exists")
    DISSOLVED = "dissolved", _("Did not come about")


@pghistory.track()
class Offer(models.Model):
    """One group that was proposed to its members. Its places say who was asked and what they answered."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    round = models.ForeignKey(Round, models.PROTECT, related_name="offers", verbose_name=_("round"))
    number = models.PositiveSmallIntegerField(_("number"))
    area = models.ForeignKey(
        FocusArea, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("focus area")
    )
    facilitator = models.ForeignKey(
        Position, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("facilitator")
    )
    state = models.CharField(_("state"), max_length=10, choices=OfferState, default=OfferState.OPEN)
    released_at = models.DateTimeField(_("released"), auto_now_add=True)
    partnership = models.OneToOneField(
        Partnership, models.PROTECT, null=True, blank=True, related_name="offer", verbose_name=_("partnership")
    )

    class Meta:
        ordering = ("round", "number")
        verbose_name = _("proposed group")
        verbose_name_plural = _("proposed groups")
        constraints = (
            models.UniqueConstraint(fields=["round", "number"], name="one_offer_per_number"),
            models.CheckConstraint(
                condition=Q(state=OfferState.FOUNDED, partnership__isnull=False)
                | (~Q(state=OfferState.FOUNDED) & Q(partnership__isnull=True)),
                name="founded_offer_has_its_partnership",
            ),
        )

    def __str__(self) -> str:
        return str(_("Group %(number)s") % {"number": self.number})

    @property
    def is_open(self) -> bool:
        return self.state == OfferState.OPEN


class Answer(models.TextChoices):
    ASKED = "asked", _("Waiting for an answer")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    EXPIRED = "expired", _("Did not answer in time")
    WITHDRAWN = "withdrawn", _("No longer proposed")


LIVE = (Answer.ASKED, Answer.ACCEPTED)
FREED = (Answer.DECLINED, Answer.EXPIRED)


class PlaceQuerySet(models.QuerySet["Place"]):
    def free(self) -> "PlaceQuerySet":
        """Places that somebody left and nobody has taken yet."""
        return self.filter(answer__in=FREED, settled=False)

    def live(self) -> "PlaceQuerySet":
        return self.filter(answer__in=LIVE)


@pghistory.track()
class Place(models.Model):
    """One organization's place in a proposed group: answered by whoever leads the organization then."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"answered_by"})

    offer = models.ForeignKey(Offer, models.CASCADE, related_name="places", verbose_name=_("proposed group"))
    signup = models.ForeignKey(SignUp, models.PROTECT, related_name="places", verbose_name=_("sign-up"))
    answer = models.CharField(_("answer"), max_length=10, choices=Answer, default=Answer.ASKED)
    asked_at = models.DateTimeField(_("asked"), auto_now_add=True)
    due_on = models.DateField(_("last day to answer"))
    reminded_on = models.DateField(_("last reminder"), null=True, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    answered_by = models.ForeignKey(
        Person, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("answered by")
    )
    authority = models.CharField(_("position of the one who answered"), max_length=300, blank=True)
    reason = models.TextField(_("reason for declining"), max_length=1000, blank=True)
    # Set when the group around an accepted place changes: the leader is told and may take the answer back.
    changed_at = models.DateTimeField(_("the group changed"), null=True, blank=True)
    # A place that was declined or not answered stays open until it is refilled or staff let the group go on without it.
    settled = models.BooleanField(_("nothing more is done about it"), default=False)
    joined_later = models.BooleanField(_("took a place that had become free"), default=False)

    objects = PlaceQuerySet.as_manager()

    class Meta:
        ordering = ("offer", "signup__organization__name", "pk")
        verbose_name = _("place")
        verbose_name_plural = _("places")
        constraints = (
            # An organization is asked for one group at a time, and never twice for the same one while that is open.
            models.UniqueConstraint(fields=["signup"], condition=Q(answer__in=LIVE), name="one_live_place_per_sign_up"),
            models.CheckConstraint(
                condition=~Q(answer__in=[Answer.ACCEPTED, Answer.DECLINED]) | Q(answered_at__isnull=False),
                name="answer_has_its_time",
            ),
        )

    def __str__(self) -> str:
        return f"{self.signup.organization}: {self.offer}"

    def get_absolute_url(self) -> str:
        return reverse("formation:place", args=[self.pk])

    @property
    def is_live(self) -> bool:
        return self.answer in LIVE


class PlaceMessage(models.Model):
    """A question of a member's leader about a proposal, or the answer of the agency's staff. Other members never see it."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"by", "text"})

    place = models.ForeignKey(Place, models.CASCADE, related_name="messages", verbose_name=_("place"))
    text = models.TextField(_("text"), max_length=2000)
    from_staff = models.BooleanField(_("from the agency's staff"))
    by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+", verbose_name=_("written by"))
    at = models.DateTimeField(_("written"), auto_now_add=True)

    class Meta:
        ordering = ("at", "pk")
        verbose_name = _("message")
        verbose_name_plural = _("messages")

    def __str__(self) -> str:
        return self.text[:60]
