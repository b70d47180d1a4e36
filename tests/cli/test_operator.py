"""The first account of a new site."""

import pytest
from click.testing import CliRunner, Result

from commonground.cli import main
from commonground.site.directory.models import Organization, Person
from commonground.site.directory.roles import Role

pytestmark = pytest.mark.django_db


def appoint(email: str) -> Result:
    return CliRunner().invoke(main, ["operator", email, "--name", "Ines Roble", "--agency", "Willow County Office"])


def test_the_first_operator_is_also_staff_of_the_host_and_can_sign_in_by_code() -> None:
    said = appoint("ines@office.example")
    assert said.exit_code == 0, said.output
    person = Person.objects.get(email="ines@office.example")
    agency = Organization.objects.get(name="Willow County Office")
    assert person.holds(Role.OPERATOR, agency)
    assert person.holds(Role.AGENCY_STAFF, agency)
    assert not person.has_usable_password()


def test_asking_twice_changes_nothing() -> None:
    appoint("ines@office.example")
    assert appoint("ines@office.example").exit_code == 0
    assert Person.objects.get().terms.count() == 2


def test_a_seat_that_is_taken_is_not_taken_away() -> None:
    appoint("ines@office.example")
    said = appoint("somebody@else.example")
    assert said.exit_code == 1
    assert "Ines Roble holds this position" in said.output
    assert not Person.objects.filter(email="somebody@else.example").exists()


def test_what_is_no_address_is_named() -> None:
    assert "ines is not an e-mail address" in appoint("ines").output
