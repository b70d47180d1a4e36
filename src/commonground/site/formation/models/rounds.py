"""A round: one call by an agency for organizations that want to work together, with its rules and its stages."""

from datetime import date
from typing import Any, ClassVar

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from commonground.site.directory.models import Organization, Person
from commonground.site.directory.models.organization import Kind, Sector
from commonground.site.formation.models.bilingual import Bilingual
from commonground.site.formation.models.choices import GradeBand, RoundKind, RoundState
from commonground.site.formation.models.stages import CHANGEABLE, NEXT


class RoundQuerySet(models.QuerySet["Round"]):
    def announced(self) -> "RoundQuerySet":
        """Rounds that everybody may know of."""
        return self.exclude(state=RoundState.DRAFT)

    def accepting(self, on: date | None = None) -> "RoundQuerySet":
        """Rounds that take sign-ups today."""
        day = on or timezone.localdate()
        return self.filter(state=RoundState.OPEN, opens_on__lte=day, closes_on__gte=day)


@pghistory.track()
class Round(models.Model):
    """One round. Who may join, what a group must look like, what counts how much, and when.

    Empty lists under eligibility mean "no limit". Days are whole days in the site's time zone; the last day counts. That a
    solver is at work is no stage: a worker that dies must leave the round as it was.
    """

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    agency = models.ForeignKey(Organization, models.PROTECT, related_name="rounds", verbose_name=_("host agency"))
    kind = models.CharField(_("what the round forms"), max_length=12, choices=RoundKind)
    name = models.CharField(_("name"), max_length=120)
    purpose = models.TextField(_("purpose"), max_length=2000)
    contact = models.EmailField(_("email address for questions"), blank=True)
    state = models.CharField(_("stage"), max_length=12, choices=RoundState, default=RoundState.DRAFT)
    created_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+", verbose_name=_("opened by"))
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    opens_on = models.DateField(_("first day of sign-up"))
    closes_on = models.DateField(_("last day of sign-up"))
    decide_by = models.DateField(_("last day to accept a proposal"))

    kinds = ArrayField(models.CharField(max_length=20, choices=Kind), verbose_name=_("who may sign up"))
    sectors = ArrayField(
        models.CharField(max_length=10, choices=Sector), default=list, blank=True, verbose_name=_("sectors")
    )
    counties = ArrayField(models.CharField(max_length=100), default=list, blank=True, verbose_name=_("counties"))
    grade_bands = ArrayField(
        models.CharField(max_length=12, choices=GradeBand), default=list, blank=True, verbose_name=_("grades")
    )

    size_min = models.PositiveSmallIntegerField(_("fewest members of a group"))
    size_target = models.PositiveSmallIntegerField(_("best number of members"))
    size_max = models.PositiveSmallIntegerField(_("most members of a group"))
    sector_min = models.JSONField(_("at least so many of each sector"), default=dict, blank=True)
    share_area = models.BooleanField(_("a group works on a focus area that every member chose"), default=True)
    different_leas = models.BooleanField(_("members of a group come from different LEAs"), default=False)
    travel_limit_km = models.PositiveSmallIntegerField(_("most kilometers between two members"), null=True, blank=True)
    weights = models.JSONField(_("weights"), default=dict)
    unplaced_penalty = models.FloatField(_("points lost for each member without a group"), default=50.0)

    objects = RoundQuerySet.as_manager()

    class Meta:
        ordering = ("-opens_on", "-pk")
        verbose_name = _("round")
        verbose_name_plural = _("rounds")
        constraints = (
            models.CheckConstraint(
                condition=Q(closes_on__gte=F("opens_on"), decide_by__gt=F("closes_on")), name="round_days_in_order"
            ),
            models.CheckConstraint(
                condition=Q(size_min__gte=2, size_target__gte=F("size_min"), size_max__gte=F("size_target")),
                name="round_sizes_in_order",
            ),
            models.CheckConstraint(condition=Q(unplaced_penalty__gte=0), name="round_unplaced_penalty_not_negative"),
        )

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("formation:round", args=[self.pk])

    @property
    def is_accepting(self) -> bool:
        """Does it take sign-ups, changes and withdrawals of answers today?"""
        return self.state == RoundState.OPEN and self.opens_on <= timezone.localdate() <= self.closes_on

    @property
    def days_left(self) -> int:
        """Days until the deadline, today included; 0 once it has passed."""
        return max(0, (self.closes_on - timezone.localdate()).days + 1)

    @property
    def sizes(self) -> str:
        """How many members a group may have: "4", or "3–5"."""
        return str(self.size_min) if self.size_min == self.size_max else f"{self.size_min}–{self.size_max}"

    def may_become(self, state: str) -> bool:
        return state in NEXT[self.state]

    def may_change(self, section: str) -> bool:
        return self.state in CHANGEABLE[section]

    @property
    def asks_for_areas(self) -> bool:
        return self.areas.exists()


@pghistory.track()
class FocusArea(Bilingual):
    """A topic that a group of this round can work on together."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    round = models.ForeignKey(Round, models.CASCADE, related_name="areas", verbose_name=_("round"))
    code = models.SlugField(_("code"), max_length=40)
    position = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        ordering = ("position", "pk")
        verbose_name = _("focus area")
        verbose_name_plural = _("focus areas")
        constraints = (models.UniqueConstraint(fields=["round", "code"], name="one_focus_area_per_code"),)


class Blackout(models.Model):
    """Two organizations that the round never puts into one group. An LEA stands for all its schools."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    round = models.ForeignKey(Round, models.CASCADE, related_name="blackouts", verbose_name=_("round"))
    first = models.ForeignKey(Organization, models.CASCADE, related_name="+", verbose_name=_("one organization"))
    second = models.ForeignKey(Organization, models.CASCADE, related_name="+", verbose_name=_("the other"))
    reason = models.CharField(_("reason (only staff see it)"), max_length=300, blank=True)

    class Meta:
        ordering = ("pk",)
        verbose_name = _("blackout pair")
        verbose_name_plural = _("blackout pairs")
        constraints = (
            # One order of the two, so that a pair cannot be entered twice the other way round.
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="blackout_in_order"),
            models.UniqueConstraint(fields=["round", "first", "second"], name="one_blackout_per_pair"),
        )

    def __str__(self) -> str:
        return f"{self.first} / {self.second}"

    def save(self, *args: Any, **options: Any) -> None:
        if self.first_id and self.second_id and self.first_id > self.second_id:
            self.first, self.second = self.second, self.first
        super().save(*args, **options)
