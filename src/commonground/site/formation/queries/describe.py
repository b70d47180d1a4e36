"""A round's rules in words, by section: for staff, for leaders, and for a record of what was agreed."""

from django.utils import formats
from django.utils.translation import gettext as _

from commonground.site.directory.models.organization import Kind, Sector
from commonground.site.formation import standard
from commonground.site.formation.models import Round
from commonground.site.formation.models.choices import GradeBand
from commonground.site.formation.models.stages import Section
from commonground.site.formation.queries.summary import distance
from commonground.site.formation.queries.travel import drive_times_of


def who_may_join(round: Round) -> list[str]:
    """Who may sign up, one condition per line."""
    lines = [", ".join(str(Kind(kind).label) for kind in round.kinds)]
    if round.agency.state:
        lines.append(_("State: %(state)s") % {"state": round.agency.state})
    if round.sectors:
        sectors = ", ".join(str(Sector(sector).label) for sector in round.sectors)
        lines.append(_("Sectors: %(sectors)s") % {"sectors": sectors})
    if round.grade_bands:
        grades = ", ".join(str(GradeBand(band).label) for band in round.grade_bands)
        lines.append(_("Grades: %(grades)s") % {"grades": grades})
    if round.counties:
        lines.append(_("Counties: %(counties)s") % {"counties": ", ".join(round.counties)})
    return lines


def lines_of(round: Round, section: str) -> list[str]:
    """What one section says, one fact per line."""
    describe = {
        Section.BASICS: lambda: [round.name, *([round.contact] if round.contact else [])],
        Section.DATES: lambda: _dates(round),
        Section.ELIGIBILITY: lambda: who_may_join(round),
        Section.AREAS: lambda: [area.name for area in round.areas.all()] or [_("None")],
        Section.GROUPS: lambda: _groups(round),
        Section.WEIGHTS: lambda: _weights(round),
        Section.TRAVEL: lambda: _travel(round),
        Section.BLACKOUTS: lambda: [str(round.blackouts.count() or _("None"))],
    }
    return describe[Section(section)]()


def _dates(round: Round) -> list[str]:
    opens, closes, decide = (
        formats.date_format(day, "DATE_FORMAT") for day in (round.opens_on, round.closes_on, round.decide_by)
    )
    return [
        _("Sign-up from %(opens)s to %(closes)s") % {"opens": opens, "closes": closes},
        _("Proposals accepted until %(day)s") % {"day": decide},
    ]


def _groups(round: Round) -> list[str]:
    one_size = round.size_min == round.size_max
    wording = _("%(sizes)s members") if one_size else _("%(sizes)s members, best %(best)s")
    lines = [wording % {"sizes": round.sizes, "best": round.size_target}]
    for sector, count in round.sector_min.items():
        lines.append(_("At least %(count)s: %(sector)s") % {"count": count, "sector": Sector(sector).label})
    if round.share_area:
        lines.append(_("On a focus area that every member chose"))
    if round.different_leas:
        lines.append(_("Members from different LEAs"))
    if round.travel_limit_km and drive_times_of(round) is None:
        lines.append(_("At most %(distance)s between two members") % {"distance": distance(round.travel_limit_km)})
    return lines


def _travel(round: Round) -> list[str]:
    known = drive_times_of(round)
    if known is None:
        return [_("Estimated on the map")]
    lines = [_("Drive times from the file %(file)s") % {"file": known}]
    if known.limit:
        lines.append(_("At most %(minutes)s minutes between two members") % {"minutes": known.limit})
    return lines


def _weights(round: Round) -> list[str]:
    for preset in standard.PRESETS:
        if dict(preset.weights) == round.weights:
            return [str(preset.label)]
    return [f"{part.label}: {round.weights[part.name]:g}" for part in standard.PARTS if part.name in round.weights]
