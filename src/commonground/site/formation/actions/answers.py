"""Writing what an organization says about itself: the one door for the wizard, paper forms and files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from commonground.site.directory.models import Organization, Person
from commonground.site.formation.models import (
    FocusArea,
    PastRelation,
    RankedArea,
    SignUp,
    TeamMember,
    Topic,
    TopicChoice,
)


@dataclass(frozen=True)
class Chosen:
    """A need or strength: a topic, or own words, and how much it counts (1 to 3)."""

    topic: Topic | None
    words: str
    importance: int


@dataclass(frozen=True)
class Past:
    """One organization worked with before, and how it went."""

    other: Organization
    outcome: str
    note: str = ""


@dataclass(frozen=True)
class Answers:
    """A part of a sign-up's answers, or all of them. What is None stays as it is; a list replaces the old one.

    `past` replaces only what the same author said before: nobody overwrites a remark that they cannot see.
    """

    fields: Mapping[str, Any] = field(default_factory=dict)
    choices: Mapping[str, Sequence[Chosen]] = field(default_factory=dict)
    areas: Sequence[FocusArea] | None = None
    past: Sequence[Past] | None = None
    team: Sequence[Mapping[str, Any]] | None = None


@transaction.atomic
def write(signup: SignUp, answers: Answers, *, author: Person | None) -> None:
    """Put the answers in place of the old ones. Who may do so, and when, is asked by the actions that call this."""
    for name, value in answers.fields.items():
        setattr(signup, name, value)
    signup.save()
    for side, chosen in answers.choices.items():
        _replace_choices(signup, side, chosen)
    if answers.areas is not None:
        signup.ranked_areas.all().delete()
        RankedArea.objects.bulk_create(
            RankedArea(signup=signup, area=area, rank=rank) for rank, area in enumerate(answers.areas, start=1)
        )
    if answers.past is not None:
        _replace_past(signup, answers.past, author)
    if answers.team is not None:
        signup.team.all().delete()
        TeamMember.objects.bulk_create(TeamMember(signup=signup, **member) for member in answers.team)


def _replace_choices(signup: SignUp, side: str, chosen: Sequence[Chosen]) -> None:
    """Own words that staff assigned to a topic keep it, as long as they are the same words."""
    assigned = {
        choice.words: choice.topic_id
        for choice in signup.choices.filter(side=side).exclude(words="")
        if choice.topic_id
    }
    signup.choices.filter(side=side).delete()
    taken: set[int] = set()
    rows = []
    for one in sorted(chosen, key=lambda one: one.topic is None):  # a topic chosen outright goes before assigned words
        topic = one.topic.pk if one.topic else assigned.get(one.words)
        if topic is not None and topic in taken and one.topic is None:
            topic = None
        if topic is not None:
            taken.add(topic)
        rows.append(TopicChoice(signup=signup, side=side, topic_id=topic, words=one.words, importance=one.importance))
    TopicChoice.objects.bulk_create(rows)


def _replace_past(signup: SignUp, past: Sequence[Past], author: Person | None) -> None:
    unsigned = author is None  # what an author said before the account went is not ours to replace
    signup.past_relations.filter(author=author, unsigned=unsigned).delete()
    PastRelation.objects.bulk_create(
        PastRelation(
            signup=signup, other=one.other, outcome=one.outcome, note=one.note, author=author, unsigned=unsigned
        )
        for one in past
    )
