"""The stages of a round: which follows which, and what may still be changed in each.

What volunteers relied on when they signed up (who may join, which focus areas) is fixed once the round is open. What shapes the
groups stays open until proposals go out to members, because staff learn only from the sign-ups what is possible.
"""

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from commonground.site.formation.models.choices import RoundState as State


class Section(models.TextChoices):
    """The parts of a round that staff change, each on a page of its own."""

    BASICS = "basics", _("Name and purpose")
    DATES = "dates", _("Dates")
    ELIGIBILITY = "eligibility", _("Who may sign up")
    AREAS = "areas", _("Focus areas")
    GROUPS = "groups", _("What a group looks like")
    WEIGHTS = "weights", _("What counts how much")
    TRAVEL = "travel", _("How far it is")
    BLACKOUTS = "blackouts", _("Pairs to keep apart")


NEXT: dict[str, frozenset[str]] = {
    State.DRAFT: frozenset({State.OPEN}),
    State.OPEN: frozenset({State.CLOSED}),
    State.CLOSED: frozenset({State.OPEN, State.PROPOSALS, State.FINISHED}),
    State.PROPOSALS: frozenset({State.CLOSED, State.RELEASED}),
    State.RELEASED: frozenset({State.FINISHED}),
    State.FINISHED: frozenset(),
}

_BEFORE_RELEASE = frozenset({State.DRAFT, State.OPEN, State.CLOSED, State.PROPOSALS})
CHANGEABLE: dict[str, frozenset[str]] = {
    Section.BASICS: _BEFORE_RELEASE | {State.RELEASED},
    Section.DATES: _BEFORE_RELEASE | {State.RELEASED},
    Section.ELIGIBILITY: frozenset({State.DRAFT}),
    Section.AREAS: frozenset({State.DRAFT}),
    Section.GROUPS: _BEFORE_RELEASE,
    Section.WEIGHTS: _BEFORE_RELEASE,
    Section.TRAVEL: _BEFORE_RELEASE,
    Section.BLACKOUTS: _BEFORE_RELEASE,
}


class RefusedError(Exception):
    """What somebody asked for cannot be done now; the message says why and what to do instead."""

    def __init__(self, message: "Promise | str") -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return str(self.message)
