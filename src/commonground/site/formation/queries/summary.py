"""A sign-up's answers as lines of text, by step: for the page on which it is reviewed, and for staff."""

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commonground.site.directory.models import Person
from commonground.site.formation.models import PastRelation, SignUp, TopicChoice
from commonground.site.formation.models.choices import LEVELS, GradeBand, Language, ReadinessLevel, Side
from commonground.site.formation.models.signups import READINESS
from commonground.site.formation.permissions import is_host_staff
from commonground.site.formation.queries.topics import final_topics

MILE_KM = 1.609344


def summary(signup: SignUp, *, reader: Person) -> dict[str, list[str]]:
    """Step to lines. Remarks about others appear only for their author and the agency's staff."""
    return {
        "needs": _choices(signup, Side.NEED),
        "strengths": _choices(signup, Side.STRENGTH),
        "goals": [line for line in signup.goals.splitlines() if line.strip()],
        "areas": [f"{ranked.rank}. {ranked.area}" for ranked in signup.ranked_areas.select_related("area")],
        "setting": _setting(signup),
        "past": [_remark(relation, reader) for relation in visible_past(signup, reader)],
        "practical": _practical(signup),
        "team": _team(signup),
    }


def visible_past(signup: SignUp, reader: Person) -> list[PastRelation]:
    """The remarks that this person may read: their own, or all for the agency's staff."""
    relations = signup.past_relations.select_related("other", "author")
    if not is_host_staff(reader, signup):
        relations = relations.filter(author=reader)
    return list(relations)


def distance(km: int) -> str:
    """A distance in both units, for readers who think in miles."""
    return _("%(km)s km (%(miles)s miles)") % {"km": km, "miles": round(km / MILE_KM)}


def way(travel: float, unit: str) -> str:
    """A way as its pages say it: kilometers (an estimate) with miles, or minutes of driving (from a file)."""
    if unit == "min":
        text = ngettext("%(minutes)s minute of driving", "%(minutes)s minutes of driving", round(travel))
        return text % {"minutes": round(travel)}
    return _("about %(distance)s") % {"distance": distance(round(travel))}


def _choices(signup: SignUp, side: Side) -> list[str]:
    topics = final_topics(signup.round.agency)
    chosen = [choice for choice in signup.choices.all() if choice.side == side]
    return [_choice(choice, topics[choice.topic_id].name if choice.topic_id else "") for choice in chosen]


def _choice(choice: TopicChoice, topic: str) -> str:
    name = f"“{choice.words}”" + (f" ({topic})" if topic else "") if choice.words else topic
    return f"{name}: {LEVELS[Side(choice.side)][choice.importance]}"


def _setting(signup: SignUp) -> list[str]:
    grades = _joined(GradeBand(band).label for band in signup.grade_bands)
    languages = _joined(Language(code).label for code in signup.languages)
    return [line for line in (grades, languages) if line]


def _joined(labels: Iterable[object]) -> str:
    return ", ".join(str(label) for label in labels)


def _remark(relation: PastRelation, reader: Person) -> str:
    said_by = ""
    if relation.author_id != reader.pk:
        said_by = " — " + _said_by(relation)
    note = f" ({relation.note})" if relation.note else ""
    return f"{relation.other}: {relation.get_outcome_display()}{note}{said_by}"


def _said_by(relation: PastRelation) -> str:
    if relation.author:
        return str(relation.author)
    return _("from a file") if relation.unsigned else _("from somebody whose account is gone")


def _practical(signup: SignUp) -> list[str]:
    lines = []
    if signup.travel_limit_km:
        lines.append(_("Travels up to %(distance)s.") % {"distance": distance(signup.travel_limit_km)})
    if signup.capacity:
        lines.append(signup.get_capacity_display())
    answered = ((statement, signup.readiness.get(key)) for key, statement in READINESS.items())
    return lines + [f"{ReadinessLevel(level).label}: {statement}" for statement, level in answered if level is not None]


def _team(signup: SignUp) -> list[str]:
    lines = []
    for member in signup.team.all():
        parts = [member.name, member.job, _("coordinates the team") if member.is_coordinator else ""]
        lines.append(", ".join(part for part in parts if part))
    return lines
