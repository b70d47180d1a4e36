"""An account can always be deleted: no rule of the database stands in the way of what the deletion leaves behind."""

from collections.abc import Iterator

import pytest
from django.db import models
from django.db.models import CheckConstraint, ForeignKey, Q, UniqueConstraint

from commonground.site.audit.models import Entry
from commonground.site.directory.models import Person
from commonground.site.directory.roles import Role
from commonground.site.formation.models import PastRelation
from commonground.site.formation.models.choices import Outcome
from commonground.site.sample import region
from tests.site.conftest import Tenant, appoint
from tests.site.formation.factories import make_offer, make_round, make_signup
from tests.site.partnership.factories import make_partnership
from tests.site.test_personal_fields import models as our_models

EMPTIED = (models.SET_NULL, models.SET_DEFAULT)


def emptied(model: type[models.Model]) -> set[str]:
    """The names of fields that a deletion elsewhere empties."""
    fields = (field for field in model._meta.get_fields() if isinstance(field, ForeignKey))
    return {field.name for field in fields if field.remote_field.on_delete in EMPTIED}


def named_in(condition: Q) -> Iterator[str]:
    for child in condition.children:
        if isinstance(child, Q):
            yield from named_in(child)
        elif isinstance(child, tuple):
            yield child[0].split("__")[0]


@pytest.mark.parametrize("model", our_models(), ids=lambda model: model._meta.label)
def test_no_rule_counts_an_emptied_field_as_one_value(model: type[models.Model]) -> None:
    gone = emptied(model)
    for rule in model._meta.constraints:
        if isinstance(rule, UniqueConstraint) and gone & set(rule.fields):
            assert rule.nulls_distinct is not False, f"{rule.name}: two rows that lose their person would be twins"
        if isinstance(rule, CheckConstraint):
            assert not gone & set(named_in(rule.condition)), f"{rule.name} forbids what a deletion leaves behind"
    together = {name for names in model._meta.unique_together for name in names}
    assert not gone & together, "an empty field is no value; say so with a UniqueConstraint"


def test_two_authors_who_said_something_about_the_same_school_can_both_leave(home: Tenant) -> None:
    signup = make_signup(make_round(home.agency), home.school)
    for name in ("First Leader", "Second Leader"):
        author = appoint(home.district, Role.LEA_LEADER, name, title=name)
        PastRelation.objects.create(signup=signup, other=home.charter, outcome=Outcome.GOOD, author=author)
    PastRelation.objects.create(signup=signup, other=home.charter, outcome=Outcome.BAD, unsigned=True)
    Person.objects.filter(name__endswith="Leader").delete()
    left = sorted(signup.past_relations.values_list("outcome", "author", "unsigned"))
    assert left == [("bad", None, True), ("good", None, False), ("good", None, False)]


def test_everybody_of_a_whole_county_can_be_deleted(home: Tenant, elsewhere: Tenant) -> None:
    make_offer(home)
    make_partnership(elsewhere)
    region.make(today=make_round(home.agency).opens_on)
    entries = Entry.objects.count()
    Person.objects.all().delete()
    assert not Person.objects.exists()
    assert Entry.objects.count() == entries
