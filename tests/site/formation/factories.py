"""Rounds and sign-ups for tests, with everything that a test does not speak about already sensible."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from commonground.engines.formation import Group, Solution
from commonground.site.directory.models import Organization
from commonground.site.directory.models.organization import Kind
from commonground.site.directory.roles import Role
from commonground.site.formation.actions.release import release
from commonground.site.formation.actions.searches import add_version
from commonground.site.formation.actions.topics import ensure_standard
from commonground.site.formation.models import (
    Draft,
    Facilitator,
    FocusArea,
    Offer,
    Place,
    RankedArea,
    Round,
    SignUp,
    Topic,
    TopicChoice,
)
from commonground.site.formation.models.choices import RoundKind, RoundState, Side, SignUpState
from commonground.site.formation.models.facilitators import FacilitatorState
from commonground.site.formation.models.proposals import How, fresh_wishes
from commonground.site.formation.plan import from_json
from commonground.site.formation.queries.drafts import Table
from tests.site.conftest import Tenant


def make_round(agency: Organization, **changes: Any) -> Round:
    """An open round for quads that ends in ten days."""
    today = timezone.localdate()
    fields: dict[str, Any] = {
        "kind": RoundKind.QUADS,
        "name": "Learning together",
        "purpose": "Four schools work on one focus area for two years.",
        "state": RoundState.OPEN,
        "opens_on": today - timedelta(days=5),
        "closes_on": today + timedelta(days=10),
        "decide_by": today + timedelta(days=40),
        "kinds": [Kind.SCHOOL],
        "size_min": 2,
        "size_target": 4,
        "size_max": 4,
        "sector_min": {"district": 1, "charter": 1},
        "travel_limit_km": 60,
    }
    return Round.objects.create(agency=agency, **(fields | changes))


def make_signup(round: Round, organization: Organization, **changes: Any) -> SignUp:
    """A sign-up that was just started."""
    return SignUp.objects.create(round=round, organization=organization, **changes)


def make_submitted(round: Round, organization: Organization, **changes: Any) -> SignUp:
    """A sign-up that counts."""
    return make_signup(
        round, organization, **{"state": SignUpState.SUBMITTED, "submitted_at": timezone.now()} | changes
    )


def make_proposal(tenant: Tenant, **changes: Any) -> Draft:
    """A round at its proposals: the tenant's two schools signed up and stand in one proposed group."""
    ensure_standard(tenant.agency)
    round = make_round(tenant.agency, state=RoundState.PROPOSALS, **changes)
    area = FocusArea.objects.create(round=round, code="literacy", name_en="Literacy", name_es="Lectura")
    topics = list(Topic.objects.filter(agency=tenant.agency)[:3])
    for k, school in enumerate((tenant.school, tenant.charter_school)):
        signup = make_submitted(round, school, goals="Fewer missed days")
        RankedArea.objects.create(signup=signup, area=area, rank=1)
        TopicChoice.objects.create(signup=signup, side=Side.NEED, topic=topics[0])
        TopicChoice.objects.create(signup=signup, side=Side.NEED if k else Side.STRENGTH, topic=topics[1])
        TopicChoice.objects.create(signup=signup, side=Side.STRENGTH if k else Side.NEED, topic=topics[2])
    draft = Draft.objects.create(round=round, number=1)
    members = [str(tenant.school.pk), str(tenant.charter_school.pk)]
    groups = [{"id": 1, "members": members, "area": "literacy"}]
    table = Table(round)
    add_version(
        draft,
        how=How.SEARCHED,
        groups=groups,
        wishes=fresh_wishes(),
        score=table.score(from_json(groups)),
        certificate=Solution((Group(tuple(members), "literacy"),), (), 0.0, 0.0, "optimal", 0.0, 0, {}).to_json(),
        proof=[],
        inputs=table.fingerprint,
    )
    return draft


def make_facilitator(tenant: Tenant, **changes: Any) -> Facilitator:
    """The cast's facilitator, ready to be assigned, right beside the tenant's schools."""
    fields = {"city": "Alder", "latitude": 37.0, "longitude": -120.0, "languages": ["en"], "caseload": 2}
    person = tenant.people[Role.FACILITATOR]
    fields |= {"state": FacilitatorState.ACTIVE, "position": person.positions[0]} | changes
    return Facilitator.objects.create(agency=tenant.agency, **({"person": person} | fields))


def make_offer(tenant: Tenant, **changes: Any) -> Offer:
    """A released group of the tenant's two schools, with the cast's facilitator."""
    draft = make_proposal(tenant, **changes)
    make_facilitator(tenant)
    version = draft.current
    assert version is not None
    return release(draft, by=tenant.people[Role.AGENCY_STAFF], seen=version.number, table=Table(draft.round))[0]


def place_of(offer: Offer, organization: Organization) -> Place:
    return offer.places.get(signup__organization=organization)
