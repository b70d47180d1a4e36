"""A sign-up: what one organization told one round about itself.

It belongs to the organization, not to who typed it: whoever leads the organization's LEA today may read and change it. Only
remarks about others (`PastRelation`) stay between their author and the agency's staff.
"""

from typing import ClassVar

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from commonground.site.directory.models import Organization, Person
from commonground.site.formation.models.choices import (
    Capacity,
    GradeBand,
    Importance,
    Language,
    Outcome,
    ReadinessLevel,
    Side,
    SignUpState,
    Source,
)
from commonground.site.formation.models.rounds import FocusArea, Round
from commonground.site.formation.models.topics import Topic

# Statements about readiness, answered from 0 (not yet) to 3 (fully). Their mean over 3 is the engine's readiness.
READINESS = {
    "leaders": _("Our leaders want this and will take part."),
    "time": _("Our team has paid time for this work."),
    "team": _("We know who will be on our team."),
    "openness": _("We are ready to show our work to others, also what is hard."),
}


class SignUpQuerySet(models.QuerySet["SignUp"]):
    def submitted(self) -> "SignUpQuerySet":
        return self.filter(state=SignUpState.SUBMITTED)


@pghistory.track()
class SignUp(models.Model):
    """One organization in one round. There is never a second one: a withdrawn sign-up is taken up again.

    `done` holds the keys of the steps that were finished, for progress and for coming back to the right page.
    """

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"started_by", "submitted_by"})

    round = models.ForeignKey(Round, models.PROTECT, related_name="signups", verbose_name=_("round"))
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="signups", verbose_name=_("organization")
    )
    state = models.CharField(_("state"), max_length=10, choices=SignUpState, default=SignUpState.STARTED)
    source = models.CharField(_("how it came in"), max_length=8, choices=Source, default=Source.ONLINE)
    done = ArrayField(models.CharField(max_length=20), default=list, blank=True, verbose_name=_("steps done"))

    goals = models.TextField(_("goals"), max_length=2000, blank=True)
    grade_bands = ArrayField(
        models.CharField(max_length=12, choices=GradeBand), default=list, blank=True, verbose_name=_("grades")
    )
    languages = ArrayField(
        models.CharField(max_length=5, choices=Language), default=list, blank=True, verbose_name=_("languages")
    )
    travel_limit_km = models.PositiveSmallIntegerField(_("most kilometers one way"), null=True, blank=True)
    capacity = models.CharField(_("time that the team can give"), max_length=10, choices=Capacity, blank=True)
    readiness = models.JSONField(_("readiness"), default=dict, blank=True)

    started_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+", verbose_name=_("started by"))
    started_at = models.DateTimeField(_("started"), auto_now_add=True)
    changed_at = models.DateTimeField(_("last change"), auto_now=True)
    submitted_by = models.ForeignKey(
        Person, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("submitted by")
    )
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    withdrawal_reason = models.CharField(_("reason for withdrawing"), max_length=500, blank=True)
    reminded_at = models.DateTimeField(_("last reminder"), null=True, blank=True)

    objects = SignUpQuerySet.as_manager()

    class Meta:
        ordering = ("organization__name", "pk")
        verbose_name = _("sign-up")
        verbose_name_plural = _("sign-ups")
        constraints = (
            # Two clicks, two colleagues or two files at once still make one sign-up.
            models.UniqueConstraint(fields=["round", "organization"], name="one_sign_up_per_organization"),
            models.CheckConstraint(
                condition=~Q(state=SignUpState.SUBMITTED) | Q(submitted_at__isnull=False),
                name="submitted_sign_up_has_its_time",
            ),
            models.CheckConstraint(
                condition=Q(travel_limit_km__isnull=True) | Q(travel_limit_km__gt=0), name="sign_up_travels_somewhere"
            ),
        )

    def __str__(self) -> str:
        return f"{self.organization}: {self.round}"

    def get_absolute_url(self) -> str:
        return reverse("formation:signup", args=[self.pk])

    @property
    def readiness_score(self) -> float | None:
        """0 to 1, or None where nothing was answered."""
        given = [self.readiness[key] for key in READINESS if self.readiness.get(key) is not None]
        return sum(given) / (ReadinessLevel.FULLY * len(given)) if given else None


class TopicChoice(models.Model):
    """One need or one strength: a topic of the taxonomy, or words of one's own until staff find a topic for them."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    signup = models.ForeignKey(SignUp, models.CASCADE, related_name="choices", verbose_name=_("sign-up"))
    side = models.CharField(_("need or strength"), max_length=8, choices=Side)
    topic = models.ForeignKey(
        Topic, models.PROTECT, null=True, blank=True, related_name="choices", verbose_name=_("topic")
    )
    words = models.CharField(_("in own words"), max_length=200, blank=True)
    importance = models.PositiveSmallIntegerField(_("how much"), choices=Importance, default=Importance.SOME)

    class Meta:
        ordering = ("signup", "side", "-importance", "pk")
        verbose_name = _("need or strength")
        verbose_name_plural = _("needs and strengths")
        constraints = (
            models.CheckConstraint(
                condition=Q(topic__isnull=False) | ~Q(words=""), name="topic_choice_names_something"
            ),
            models.UniqueConstraint(fields=["signup", "side", "topic"], name="one_choice_per_side_and_topic"),
        )

    def __str__(self) -> str:
        return str(self.topic) if self.topic else self.words


class RankedArea(models.Model):
    """A focus area in an organization's order of choice; rank 1 is the first choice."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    signup = models.ForeignKey(SignUp, models.CASCADE, related_name="ranked_areas", verbose_name=_("sign-up"))
    area = models.ForeignKey(FocusArea, models.CASCADE, related_name="ranked", verbose_name=_("focus area"))
    rank = models.PositiveSmallIntegerField(_("choice"))

    class Meta:
        ordering = ("signup", "rank")
        verbose_name = _("ranked focus area")
        verbose_name_plural = _("ranked focus areas")
        constraints = (
            models.UniqueConstraint(fields=["signup", "area"], name="each_area_ranked_once"),
            models.UniqueConstraint(fields=["signup", "rank"], name="each_rank_given_once"),
            models.CheckConstraint(condition=Q(rank__gte=1), name="ranks_start_at_one"),
        )

    def __str__(self) -> str:
        return f"{self.rank}. {self.area}"


class PastRelation(models.Model):
    """What one person says about working with another organization. Only that person and the agency's staff ever see it.

    Without an author only staff see it: it came in a file (`unsigned`), or its author's account is gone.
    """

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"author", "note"})

    signup = models.ForeignKey(SignUp, models.CASCADE, related_name="past_relations", verbose_name=_("sign-up"))
    other = models.ForeignKey(
        Organization, models.CASCADE, related_name="+", verbose_name=_("organization you worked with")
    )
    outcome = models.CharField(_("how it went"), max_length=4, choices=Outcome)
    note = models.CharField(_("what staff should know"), max_length=300, blank=True)
    author = models.ForeignKey(
        Person, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("who says so")
    )
    unsigned = models.BooleanField(_("came without an author"), default=False)

    class Meta:
        ordering = ("signup", "other")
        verbose_name = _("past relation")
        verbose_name_plural = _("past relations")
        constraints = (
            # Several authors may leave: their remarks stay side by side, each without a name.
            models.UniqueConstraint(fields=["signup", "other", "author"], name="one_opinion_per_author"),
            models.UniqueConstraint(
                fields=["signup", "other"], condition=Q(unsigned=True), name="one_unsigned_opinion"
            ),
        )

    def __str__(self) -> str:
        return f"{self.other}: {self.get_outcome_display()}"


class TeamMember(models.Model):
    """Somebody on the organization's team: its head (a school's principal) and up to four others, one of them the coordinator."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"name", "email", "job"})

    signup = models.ForeignKey(SignUp, models.CASCADE, related_name="team", verbose_name=_("sign-up"))
    name = models.CharField(_("name"), max_length=120)
    job = models.CharField(_("job title"), max_length=120, blank=True)
    email = models.EmailField(_("email address"), blank=True)
    is_head = models.BooleanField(_("heads the organization"), default=False)
    is_coordinator = models.BooleanField(_("coordinates the team"), default=False)

    class Meta:
        ordering = ("signup", "-is_head", "pk")
        verbose_name = _("team member")
        verbose_name_plural = _("team members")
        constraints = (
            models.UniqueConstraint(fields=["signup"], condition=Q(is_head=True), name="one_head_per_team"),
            models.UniqueConstraint(
                fields=["signup"], condition=Q(is_coordinator=True), name="one_coordinator_per_team"
            ),
        )

    def __str__(self) -> str:
        return self.name
