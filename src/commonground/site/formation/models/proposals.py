"""What staff work on before anything goes out: searches by the engine, and drafts of the groups in numbered versions.

A search is a job of its own. The round and the drafts change only when its whole result is saved, in one transaction, so a worker
that dies leaves everything as it was.
"""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from commonground.site.directory.models import Person
from commonground.site.formation.models.rounds import Round


class Draft(models.Model):
    """One way to form the groups of a round. Several are compared side by side; one of them is released."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    round = models.ForeignKey(Round, models.CASCADE, related_name="drafts", verbose_name=_("round"))
    number = models.PositiveSmallIntegerField(_("number"))
    current = models.OneToOneField(
        "formation.Version", models.RESTRICT, null=True, related_name="+", verbose_name=_("current version")
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    released_at = models.DateTimeField(_("released"), null=True, blank=True)

    class Meta:
        ordering = ("round", "number")
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")
        constraints = (
            models.UniqueConstraint(fields=["round", "number"], name="one_draft_per_number"),
            models.UniqueConstraint(
                fields=["round"], condition=Q(released_at__isnull=False), name="one_released_draft_per_round"
            ),
        )

    def __str__(self) -> str:
        return str(_("Proposal %(number)s") % {"number": self.number})

    def get_absolute_url(self) -> str:
        return reverse("formation:draft", args=[self.pk])


class How(models.TextChoices):
    """How a version came to be."""

    SEARCHED = "searched", _("Formed by the computer")
    AROUND = "around", _("Formed again around what was kept")
    MOVED = "moved", _("A member was moved by hand")
    SWAPPED = "swapped", _("Two members changed places by hand")
    WISHED = "wished", _("What must stay or must not be was changed")
    FACILITATORS = "facilitators", _("The choice of facilitators was changed")


class Version(models.Model):
    """The groups of a draft at one moment. Never changed: a change by hand makes the next version, undoing goes back to the parent.

    - `groups`: [{"id": 3, "members": ["17", "25"], "area": "literacy"}]; a member's id is its organization's number.
    - `unplaced`: [{"member": "31", "reasons": [{"code": …, "data": …}]}], as far as reasons are known.
    - `wishes`: what staff decided: "kept" (ids of groups that stay as they are), "together" and "apart" (lists of members),
      "placed" (members who must have a group), "facilitators" ({group id: facilitator}), "not_facilitators" ([group, facilitator]).
    - `bound`, `status` and `certificate` are the engine's, and empty where the last change was made by hand.
    - `proof`: what the separate checker found wrong, as code and data ([] is: nothing, the proof holds), null where there is
      nothing to check.
    - `inputs`: a fingerprint of the sign-ups and rules that it was made from, to say when these have changed since.
    """

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"by"})

    draft = models.ForeignKey(Draft, models.CASCADE, related_name="versions", verbose_name=_("draft"))
    number = models.PositiveIntegerField(_("number"))
    parent = models.ForeignKey(
        "self", models.RESTRICT, null=True, blank=True, related_name="children", verbose_name=_("made from")
    )
    how = models.CharField(_("how it came to be"), max_length=12, choices=How)
    what = models.CharField(_("what changed"), max_length=400, blank=True)
    groups = models.JSONField(_("groups"), default=list)
    unplaced = models.JSONField(_("members without a group"), default=list)
    wishes = models.JSONField(_("decisions of staff"), default=dict)
    score = models.FloatField(_("score"))
    bound = models.FloatField(_("upper bound"), null=True, blank=True)
    status = models.CharField(_("how the search ended"), max_length=12, blank=True)
    seconds = models.FloatField(_("seconds of search"), null=True, blank=True)
    certificate = models.JSONField(_("certificate"), null=True, blank=True)
    proof = models.JSONField(_("what the checker found"), null=True, blank=True)
    inputs = models.CharField(_("fingerprint of what it was made from"), max_length=64)
    by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+", verbose_name=_("made by"))
    at = models.DateTimeField(_("made"), auto_now_add=True)

    class Meta:
        ordering = ("draft", "number")
        verbose_name = _("version")
        verbose_name_plural = _("versions")
        constraints = (models.UniqueConstraint(fields=["draft", "number"], name="one_version_per_number"),)

    def __str__(self) -> str:
        return f"{self.draft}, {self.number}"

    @property
    def gap(self) -> float | None:
        """How many points the proven bound lies above the score; None where nothing is proven. A share would mislead: scores
        may be negative.
        """
        return None if self.bound is None else max(self.bound - self.score, 0.0)

    @property
    def is_proven(self) -> bool:
        return self.proof == []


class SearchState(models.TextChoices):
    WAITING = "waiting", _("Waiting for its turn")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    REFUSED = "refused", _("Not possible")


UNDER_WAY = (SearchState.WAITING, SearchState.RUNNING)


class Search(models.Model):
    """One order to the engine: form the groups of a round, or form them again around what staff keep in one draft.

    `progress` is what the page shows while it runs, and means nothing afterwards. `refusal` is the engine's reason (code and data)
    where the sign-ups and rules cannot give any groups.
    """

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"asked_by"})

    round = models.ForeignKey(Round, models.CASCADE, related_name="searches", verbose_name=_("round"))
    base = models.ForeignKey(
        Version, models.CASCADE, null=True, blank=True, related_name="searches", verbose_name=_("around this version")
    )
    seconds = models.PositiveSmallIntegerField(_("seconds to search"))
    wanted = models.PositiveSmallIntegerField(_("number of different proposals"), default=1)
    state = models.CharField(_("state"), max_length=8, choices=SearchState, default=SearchState.WAITING)
    stop_asked = models.BooleanField(_("asked to stop with what it has"), default=False)
    progress = models.JSONField(_("progress"), default=dict)
    refusal = models.JSONField(_("why it is not possible"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    result = models.ForeignKey(
        Draft, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("first result")
    )
    asked_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+", verbose_name=_("asked by"))
    asked_at = models.DateTimeField(_("asked"), auto_now_add=True)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        ordering = ("-pk",)
        verbose_name = _("search")
        verbose_name_plural = _("searches")
        constraints = (
            # A double click, or two colleagues, start one search and both watch it.
            models.UniqueConstraint(
                fields=["round"], condition=Q(state__in=UNDER_WAY), name="one_search_under_way_per_round"
            ),
            models.CheckConstraint(condition=Q(seconds__range=(1, 1800)), name="search_time_is_sensible"),
            models.CheckConstraint(condition=Q(wanted__range=(1, 3)), name="search_wants_a_few"),
        )

    def __str__(self) -> str:
        return f"{self.round}: {self.get_state_display()}"

    def get_absolute_url(self) -> str:
        return reverse("formation:search", args=[self.pk])

    @property
    def is_under_way(self) -> bool:
        return self.state in UNDER_WAY


class DraftNote(models.Model):
    """What staff write to each other about a draft. Members never see it."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"by", "text"})

    draft = models.ForeignKey(Draft, models.CASCADE, related_name="notes", verbose_name=_("draft"))
    text = models.TextField(_("note"), max_length=2000)
    by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+", verbose_name=_("written by"))
    at = models.DateTimeField(_("written"), auto_now_add=True)

    class Meta:
        ordering = ("at", "pk")
        verbose_name = _("note")
        verbose_name_plural = _("notes")

    def __str__(self) -> str:
        return self.text[:60]


def fresh_wishes() -> dict[str, Any]:
    return {"kept": [], "together": [], "apart": [], "placed": [], "facilitators": {}, "not_facilitators": []}
