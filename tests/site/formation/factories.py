"""Rounds and sign-ups for tests, with everything that a test does not speak about already sensible."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from commonground.site.directory.models import Organization
from commonground.site.directory.models.organization import Kind
from commonground.site.formation.models import Round, SignUp
from commonground.site.formation.models.choices import RoundKind, RoundState, SignUpState


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
