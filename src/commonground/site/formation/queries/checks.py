"""What staff should know before they close a round or ask for proposals: what is wrong, and the next step for each."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commonground.site.directory.models.organization import Sector
from commonground.site.formation.models import Round, SignUp
from commonground.site.formation.models.choices import SignUpState
from commonground.site.formation.models.stages import Section
from commonground.site.formation.queries.market import places_of
from commonground.site.formation.queries.travel import drive_times_of, missing

SHOWN = 8  # organizations named with the same problem


@dataclass(frozen=True)
class Finding:
    """One thing to look at. `blocks` says that no group can be formed before it is settled."""

    text: str
    next_step: str
    url: str
    blocks: bool = False


def findings(round: Round) -> list[Finding]:
    """Everything that stands in the way of good proposals, the blocking ones first."""
    signups = list(round.signups.submitted().select_related("organization").prefetch_related("ranked_areas", "choices"))
    found = [
        *_size(round, signups),
        *(_sectors(round, signups) if len(signups) >= round.size_min else ()),
        *_areas(round, signups),
        *(_places(round, signups) if drive_times_of(round) is None else _drive_times(round)),
        *_unfinished(round),
        *_words(round, signups),
    ]
    return sorted(found, key=lambda finding: not finding.blocks)


def _size(round: Round, signups: list[SignUp]) -> Iterator[Finding]:
    count = len(signups)
    if count < round.size_min:
        text = ngettext(
            "%(count)s organization has signed up, but a group needs %(least)s.",
            "%(count)s organizations have signed up, but a group needs %(least)s.",
            count,
        )
        step = _("Remind those who started, move the deadline, or allow smaller groups.")
        yield Finding(text % {"count": count, "least": round.size_min}, step, _section(round, Section.DATES), True)
        return
    left = _left(round, count)
    if left:
        text = _("%(count)s sign-ups do not fill groups of %(sizes)s: at least %(left)s stay without a group.")
        values = {"count": count, "sizes": round.sizes, "left": left}
        yield Finding(text % values, _("Allow another group size, or invite more."), _section(round, Section.GROUPS))


def _left(round: Round, count: int) -> int:
    """The fewest members that no division into groups of the allowed sizes can place."""
    most_groups = count // round.size_min
    return count - min(count, most_groups * round.size_max)


def _sectors(round: Round, signups: list[SignUp]) -> Iterator[Finding]:
    there = Counter(signup.organization.sector for signup in signups)
    for sector, least in round.sector_min.items():
        label = str(Sector(sector).label).lower()
        if least and there[sector] < least:
            text = _("Every group needs %(least)s of the sector “%(sector)s”, but %(count)s signed up.")
            step = _("Invite more, or change the sector mix.")
            values = {"least": least, "sector": label, "count": there[sector]}
            yield Finding(text % values, step, _section(round, Section.GROUPS), True)
        elif least:
            placed = there[sector] // least * round.size_max
            if placed < len(signups):
                text = _(
                    "%(count)s of the sector “%(sector)s” allow at most %(groups)s groups: %(left)s sign-ups stay without one."
                )
                values = {
                    "count": there[sector],
                    "sector": label,
                    "groups": there[sector] // least,
                    "left": len(signups) - placed,
                }
                step = _("Invite more of this sector, or allow larger groups.")
                yield Finding(text % values, step, _section(round, Section.GROUPS))


def _areas(round: Round, signups: list[SignUp]) -> Iterator[Finding]:
    if not round.asks_for_areas:
        return
    without = [signup for signup in signups if not signup.ranked_areas.all()]
    for signup, name in _named(without):
        text = _("%(name)s chose no focus area.") % {"name": name}
        yield Finding(text, _("Ask for its choice, or enter it yourself."), _step(signup, "areas"))
    if not round.share_area:
        return
    wanted = Counter(ranked.area_id for signup in signups for ranked in signup.ranked_areas.all())
    rare = [
        signup
        for signup in signups
        if (choices := signup.ranked_areas.all()) and max(wanted[ranked.area_id] for ranked in choices) < round.size_min
    ]
    for signup, name in _named(rare):
        text = _("Too few others chose a focus area of %(name)s.") % {"name": name}
        yield Finding(text, _("Ask for one more choice."), _step(signup, "areas"))


def _places(round: Round, signups: list[SignUp]) -> Iterator[Finding]:
    places = places_of(signup.organization for signup in signups)
    for signup, name in _named([signup for signup in signups if places[signup.organization_id] is None]):
        text = _("%(name)s has no place, so nobody knows how far it is from others.") % {"name": name}
        step = _("Add its latitude and longitude in the directory.")
        yield Finding(text, step, signup.organization.get_absolute_url(), True)


def _drive_times(round: Round) -> Iterator[Finding]:
    unknown = missing(round)
    if unknown:
        text = _("The drive times do not name %(names)s.") % {"names": ", ".join(unknown[:SHOWN])}
        step = _("Upload a file that names everybody who signed up, or take the drive times away.")
        yield Finding(text, step, _section(round, Section.TRAVEL), True)


def _named(signups: list[SignUp]) -> Iterator[tuple[SignUp, str]]:
    """Each with its name; where there are many, the last one stands for all others, so that the list stays readable."""
    shown = signups[:SHOWN]
    for signup in shown[:-1]:
        yield signup, signup.organization.name
    if shown:
        others = len(signups) - len(shown)
        name = shown[-1].organization.name
        yield shown[-1], _("%(name)s (and %(others)s others)") % {"name": name, "others": others} if others else name


def _unfinished(round: Round) -> Iterator[Finding]:
    count = round.signups.filter(state=SignUpState.STARTED).count()
    if count:
        text = ngettext(
            "%(count)s sign-up was started and not submitted.",
            "%(count)s sign-ups were started and not submitted.",
            count,
        )
        url = reverse("formation:round", args=[round.pk]) + "#signups"
        yield Finding(text % {"count": count}, _("Send a reminder before you close."), url)


def _words(round: Round, signups: list[SignUp]) -> Iterator[Finding]:
    count = sum(choice.topic_id is None for signup in signups for choice in signup.choices.all())
    if count:
        text = ngettext(
            "%(count)s need or strength is in own words and does not count yet.",
            "%(count)s needs and strengths are in own words and do not count yet.",
            count,
        )
        url = reverse("formation:words", args=[round.pk])
        yield Finding(text % {"count": count}, _("Find a topic for each."), url)


def _section(round: Round, section: str) -> str:
    return reverse("formation:section", args=[round.pk, section])


def _step(signup: SignUp, key: str) -> str:
    return reverse("formation:step", args=[signup.pk, key])
