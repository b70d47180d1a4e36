"""The parts of the score in the words of staff, and named sets of weights to start from.

The numbers are points per unit as `commonground.engines.formation.Weights` defines them; a test holds the two together.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Part:
    """One part of the score: what it asks, what one point of weight means, and an example that can be recomputed by hand."""

    name: str
    label: Promise | str
    explanation: Promise | str
    example: Promise | str


@dataclass(frozen=True)
class Preset:
    """A named set of weights and when to choose it."""

    key: str
    label: Promise | str
    explanation: Promise | str
    weights: Mapping[str, float]


PARTS = (
    Part(
        "shared_need",
        _("Needs in common"),
        _("Points for each need that two members of a group share."),
        _(
            "With weight 1, two schools that both need help with attendance gain 1 point, or 3 if it matters most to both."
        ),
    ),
    Part(
        "met_need",
        _("Needs that others can help with"),
        _("Points for each need of one member that is a strength of another."),
        _("With weight 1, a school that seeks help with writing gains 1 point beside one that is good at it."),
    ),
    Part(
        "choice",
        _("Focus area high on the list"),
        _("Points lost for each step down a member's list of focus areas."),
        _("With weight 1.5, a member whose group works on its second choice costs 1.5 points, on its third choice 3."),
    ),
    Part(
        "travel",
        _("Short ways"),
        _("Points lost for each kilometer between two members."),
        _("With weight 0.1, two schools that are 30 km (19 miles) apart cost 3 points."),
    ),
    Part(
        "context",
        _("Similar setting"),
        _("Points for two members that are alike in grades, size, place and languages."),
        _("With weight 1, two rural elementary schools of the same size gain up to 1 point."),
    ),
    Part(
        "past",
        _("Past experience with each other"),
        _("Points gained when a member says that it worked well with another, and lost when it went badly."),
        _("With weight 2, two members that both liked working together gain 4 points."),
    ),
    Part(
        "readiness",
        _("Equal readiness"),
        _("Points lost when one member is ready and another is not."),
        _("With weight 2, a fully ready school beside one that is half ready costs 1 point."),
    ),
    Part(
        "size",
        _("Groups of the best size"),
        _("Points lost for each member more or fewer than the best number."),
        _("With weight 1 and a best number of 4, a group of 3 costs 1 point."),
    ),
    Part(
        "unranked",
        _("No focus area that a member did not choose"),
        _("Points lost for a member whose group works on a focus area that it did not choose, where that is allowed."),
        _("With weight 6, one such member costs 6 points."),
    ),
)


def _weights(**changes: float) -> Mapping[str, float]:
    balanced = {
        "shared_need": 1.0,
        "met_need": 1.0,
        "choice": 1.5,
        "travel": 0.1,
        "context": 1.0,
        "past": 2.0,
        "readiness": 2.0,
        "size": 1.0,
        "unranked": 6.0,
    }
    return balanced | changes


PRESETS = (
    Preset("balanced", _("Balanced"), _("A little of everything. A good start for most rounds."), _weights()),
    Preset(
        "exchange",
        _("Learn from each other"),
        _("What one needs and another does well counts most. For schools that meet often."),
        _weights(met_need=2.0),
    ),
    Preset(
        "common",
        _("One problem for all"),
        _("Needs in common count most. For districts that tackle one problem together."),
        _weights(shared_need=2.0, met_need=0.5, context=2.0),
    ),
    Preset(
        "near",
        _("Close by"),
        _("Short ways count most. For members who have little time to travel."),
        _weights(travel=0.3),
    ),
    Preset(
        "choice",
        _("First choices"),
        _("Most members work on their first choice of focus area. For rounds with firm plans for each area."),
        _weights(choice=4.0),
    ),
)
