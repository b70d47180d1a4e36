"""What the pages about groups keep in memory notices every change: no table that it is made from is left out of the stamp."""

import re
from typing import Any

import pytest
from django.db import connection
from django.db.models import Model
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from commonground.site.directory.models import Organization
from commonground.site.formation.models import (
    Blackout,
    DriveTimes,
    FocusArea,
    PastRelation,
    RankedArea,
    Round,
    SignUp,
    Topic,
    TopicChoice,
)
from commonground.site.formation.models.choices import Outcome
from commonground.site.formation.queries.basis import ROWS, basis_of
from tests.site.conftest import Tenant
from tests.site.formation.factories import make_proposal

TABLE = re.compile(r'\b(?:FROM|JOIN) "(\w+)"')


@pytest.fixture
def full(home: Tenant) -> Round:
    """A round with a row in every table that says something about its groups."""
    round = make_proposal(home).round
    signup = round.signups.get(organization=home.school)
    PastRelation.objects.create(signup=signup, other=home.charter, outcome=Outcome.GOOD)
    first, second = sorted((home.district, home.charter), key=lambda one: one.pk)
    Blackout.objects.create(round=round, first=first, second=second)
    ways = {"members": [home.school.pk, home.charter_school.pk], "minutes": bytes(16), "file_name": "minutes.csv"}
    DriveTimes.objects.create(round=round, digest="0" * 64, at=timezone.now(), **ways)
    return Round.objects.select_related("agency").get(pk=round.pk)


def tables_read(round: Round) -> set[str]:
    with CaptureQueriesContext(connection) as queries:
        basis_of(round)
    return {table for query in queries for table in TABLE.findall(query["sql"])}


def test_the_stamp_looks_at_exactly_the_tables_that_are_read(full: Round) -> None:
    assert tables_read(full) == {model._meta.db_table for model in ROWS}


CHANGES: dict[type[Model], dict[str, Any]] = {
    Round: {"size_max": 5},
    FocusArea: {"name_en": "Reading"},
    Blackout: {"reason": "An old quarrel"},
    SignUp: {"goals": "Everybody reads"},
    TopicChoice: {"importance": 2},
    RankedArea: {"rank": 2},
    PastRelation: {"note": "Twice"},
    Topic: {"name_en": "Reading"},
    DriveTimes: {"digest": "1" * 64},
    Organization: {"enrollment": 77},
}


@pytest.mark.parametrize("model", ROWS, ids=lambda model: model.__name__)
def test_a_changed_row_makes_the_pages_read_anew(model: type[Model], full: Round) -> None:
    before = basis_of(full)
    assert basis_of(full) is before
    model._default_manager.update(**CHANGES[model])
    assert basis_of(full) is not before
