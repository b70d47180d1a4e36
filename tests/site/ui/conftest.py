"""Somebody with a password, for the pages about signing in."""

import pytest
from allauth.account.models import EmailAddress

from commonground.site.directory.models import Person

PASSWORD = "a calm river at noon"


@pytest.fixture
def person(db: None) -> Person:
    person = Person.objects.create_user("dana@alder.example", password=PASSWORD, name="Dana Okafor")
    EmailAddress.objects.filter(user=person).update(verified=True)
    return person
