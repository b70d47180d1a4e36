"""Who may sign up for a round, and for whom somebody may do it."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from commonground.site.directory.models import Organization, Person, Term
from commonground.site.directory.models.organization import GRADES, Kind, Sector, Status
from commonground.site.directory.roles import Role
from commonground.site.formation.models import Round
from commonground.site.formation.models.choices import GradeBand

GRADES_OF = {
    GradeBand.ELEMENTARY: ("PK", "KG", "01", "02", "03", "04", "05"),
    GradeBand.MIDDLE: ("06", "07", "08"),
    GradeBand.HIGH: ("09", "10", "11", "12"),
}
GONE = (Status.CLOSED, Status.INACTIVE)
SIGNS_UP = (Role.LEA_LEADER, Role.COORDINATOR)


def bands_of(organization: Organization) -> list[str]:
    """The grade bands that an organization serves; none where its grades are not known."""
    if organization.low_grade not in GRADES or organization.high_grade not in GRADES:
        return []
    served = GRADES[GRADES.index(organization.low_grade) : GRADES.index(organization.high_grade) + 1]
    return [band.value for band, grades in GRADES_OF.items() if set(grades) & set(served)]


def why_not(round: Round, organization: Organization) -> str:
    """Why an organization may not sign up, and what to do instead; "" if it may. An unknown fact keeps nobody out."""
    barred = _bar(round, organization)
    if not barred:
        return ""
    host = {"host": round.contact or round.agency}
    return barred + " " + _("If the directory is wrong about that, write to %(host)s.") % host


def _bar(round: Round, organization: Organization) -> str:
    name = organization.name
    if organization.kind not in round.kinds:
        kinds = ", ".join(str(Kind(kind).label) for kind in round.kinds)
        return _("%(name)s is not of the kind that this round is for (%(kinds)s).") % {"name": name, "kinds": kinds}
    if organization.status in GONE:
        return _("%(name)s is closed in the directory.") % {"name": name}
    if round.agency.state and organization.state and organization.state != round.agency.state:
        states = {"name": name, "state": organization.state, "host": round.agency, "other": round.agency.state}
        text = _(
            "%(name)s is in %(state)s, and %(host)s runs this round for %(other)s. It can join a round of an agency that serves "
            "%(state)s; if there is none, an operator of the platform can add one."
        )
        return text % states
    if round.sectors and organization.sector and organization.sector not in round.sectors:
        sectors = ", ".join(str(Sector(sector).label) for sector in round.sectors)
        return _("%(name)s is not in the sectors that this round is for (%(sectors)s).") % {
            "name": name,
            "sectors": sectors,
        }
    if round.counties and organization.county and organization.county not in round.counties:
        counties = ", ".join(round.counties)
        return _("%(name)s is not in the counties that this round is for (%(counties)s).") % {
            "name": name,
            "counties": counties,
        }
    bands = bands_of(organization)
    if round.grade_bands and bands and not set(bands) & set(round.grade_bands):
        grades = ", ".join(str(GradeBand(band).label) for band in round.grade_bands)
        return _("%(name)s has none of the grades that this round is for (%(grades)s).") % {
            "name": name,
            "grades": grades,
        }
    return ""


def eligible(round: Round) -> "QuerySet[Organization]":
    """Organizations that may sign up, as far as kind, state, sector and county tell; grades are checked one by one."""
    found = Organization.objects.filter(kind__in=round.kinds).exclude(status__in=GONE).select_related("parent")
    if round.agency.state:
        found = found.filter(Q(state=round.agency.state) | Q(state=""))
    if round.sectors:
        found = found.filter(Q(sector__in=round.sectors) | Q(sector=""))
    if round.counties:
        found = found.filter(Q(county__in=round.counties) | Q(county=""))
    return found


def signed_up_by(person: Person) -> "QuerySet[Organization]":
    """Organizations that this person may sign up or prepare a sign-up for: its own, and an LEA's schools."""
    places = [held.organization_id for held in person.positions if held.role in SIGNS_UP]
    return Organization.objects.filter(Q(pk__in=places) | Q(parent__in=places)).select_related("parent")


def may_join(round: Round, person: Person) -> list[Organization]:
    """The organizations that this person can bring into the round."""
    return [one for one in signed_up_by(person).filter(kind__in=round.kinds) if not why_not(round, one)]


def leaders_of(organizations: Iterable[Organization]) -> "dict[int, list[Person]]":
    """Today's LEA leaders by the number of each organization that they answer for."""

    listed = list(organizations)
    leas = {one.parent_id or one.pk for one in listed}
    terms = Term.objects.on(timezone.localdate()).filter(
        position__role=Role.LEA_LEADER, position__organization__in=leas, person__is_active=True
    )
    found: dict[int, list[Person]] = {}
    for term in terms.select_related("person", "position"):
        found.setdefault(term.position.organization_id, []).append(term.person)
    return {one.pk: found.get(one.parent_id or one.pk, []) for one in listed}
