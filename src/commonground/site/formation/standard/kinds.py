"""The usual rules of each kind of round: what a new round starts with."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

LEAS = ("district", "charter_operator", "other_lea")


@dataclass(frozen=True)
class Standard:
    """Where a new round of one kind starts, with a sentence for whoever chooses the kind."""

    explanation: Promise | str
    kinds: tuple[str, ...]
    sizes: tuple[int, int, int]  # fewest, best, most
    travel_limit_km: int
    preset: str
    sector_min: Mapping[str, int] = field(default_factory=dict)
    has_areas: bool = True
    share_area: bool = True


STANDARD: Mapping[str, Standard] = {
    "quads": Standard(
        _("Four schools of districts and charters work on one focus area for two school years."),
        ("school",),
        (4, 4, 4),
        60,
        "balanced",
        sector_min={"district": 1, "charter": 1},
    ),
    "triads": Standard(
        _("Three schools, of different sectors where possible, visit and learn from each other for a year."),
        ("school",),
        (3, 3, 3),
        40,
        "exchange",
    ),
    "districts": Standard(
        _("Districts and charter operators work on one problem of practice where all learn."),
        LEAS,
        (2, 3, 5),
        150,
        "common",
        has_areas=False,
        share_area=False,
    ),
    "networks": Standard(
        _("Five to twelve schools or LEAs share what they try on a topic, mostly online."),
        (*LEAS, "school"),
        (5, 8, 12),
        400,
        "common",
        share_area=True,
    ),
}
