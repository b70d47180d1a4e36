"""What a sign-up still lacks before it can be submitted."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from commonground.site.formation.models import SignUp
from commonground.site.formation.models.choices import Side
from commonground.site.formation.models.signups import READINESS


@dataclass(frozen=True)
class Missing:
    """One thing to do, and the step of the sign-up where to do it."""

    step: str
    text: "Promise | str"


def missing(signup: SignUp) -> list[Missing]:
    """Everything that keeps the sign-up from being submitted, in the order of the steps."""
    sides = {choice.side for choice in signup.choices.all()}
    team = list(signup.team.all())
    wanted = [
        ("needs", Side.NEED in sides, _("Choose at least one need.")),
        ("strengths", Side.STRENGTH in sides, _("Choose at least one strength. Everybody has some.")),
        ("goals", bool(signup.goals.strip()), _("Say what you want to reach.")),
        (
            "areas",
            signup.ranked_areas.exists() or not signup.round.asks_for_areas,
            _("Choose at least one focus area."),
        ),
        ("setting", bool(signup.grade_bands), _("Choose the grades that take part.")),
        ("setting", bool(signup.languages), _("Choose the languages that your team can work in.")),
        ("practical", bool(signup.capacity), _("Say how much time your team can give.")),
        (
            "practical",
            all(signup.readiness.get(key) is not None for key in READINESS),
            _("Answer all statements about how ready you are."),
        ),
        ("team", any(member.is_head for member in team), _("Name the head of your team.")),
        ("team", any(member.is_coordinator for member in team), _("Say who coordinates your team.")),
    ]
    return [Missing(step, text) for step, is_there, text in wanted if not is_there]
