"""An organization's page: public facts with their sources, its place, its schools, what happened to it; changes by hand."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client

from commonground.site.audit.models import Entry
from commonground.site.directory.actions import organizations as actions
from commonground.site.directory.models import Organization, Person, Source
from commonground.site.directory.models.organization import Kind, Sector, Status
from commonground.site.directory.queries.history import history
from commonground.site.directory.roles import Role
from tests.site.conftest import Tenant

Browser = Callable[[Person | None], Client]


@pytest.fixture
def staff(home: Tenant) -> Person:
    return home.people[Role.AGENCY_STAFF]


def entered(**changes: Any) -> dict[str, Any]:
    """What a person types for a private school in the home agency's county."""
    return {
        "kind": Kind.SCHOOL, "name": "Saint Brigid School", "sector": Sector.PRIVATE, "status": Status.OPEN, "state": "CA",
        "county": "Alder", "city": "Alder", "latitude": "37.1", "longitude": "-120.2", "low_grade": "KG", "high_grade": "08",
        "enrollment": "210",
    } | changes  # fmt: skip


def test_facts_name_their_source_and_date(client: Client, home: Tenant):
    source = Source.objects.create(title="NCES school search", day=date(2024, 10, 1))
    home.school.sources = {"enrollment": source.pk}
    home.school.save()
    text = client.get(home.school.get_absolute_url()).text
    assert "NCES school search, Oct. 1, 2024" in text
    assert "Source not recorded" in text


def test_facts_of_one_source_say_it_once_for_all_of_them(client: Client, home: Tenant):
    file, table = Source.objects.create(title="NCES school search"), Source.objects.create(title="A paper table")
    facts = {"low_grade": "KG", "high_grade": "05", "enrollment": 300, "teachers": 17.5}
    sources = dict.fromkeys([*facts, "city", "county"], file.pk) | {"teachers": table.pk}
    Organization.objects.filter(pk=home.school.pk).update(**facts, sources=sources)
    text = client.get(home.school.get_absolute_url()).text
    assert text.count("Source: NCES school search") == 2  # where it is; grades and students
    assert text.count("Source: A paper table") == 1


def test_what_is_not_known_is_not_shown_as_zero(client: Client, home: Tenant):
    Organization.objects.filter(pk=home.school.pk).update(free_lunch=None, enrollment=0)
    text = client.get(home.school.get_absolute_url()).text
    assert "free lunch" not in text.lower()


def test_the_page_of_an_lea_lists_its_schools_and_a_school_its_lea(client: Client, home: Tenant):
    assert str(home.school) in client.get(home.district.get_absolute_url()).text
    assert str(home.district) in client.get(home.school.get_absolute_url()).text


def test_what_happened_is_told_in_sentences(home: Tenant, staff: Person):
    school = home.school
    actions.change(school, by=staff, parent=home.charter)
    actions.change(school, by=staff, name="Alder Bridge School", enrollment=1250)
    actions.close(school, by=staff, on=date(2026, 6, 30))
    school.refresh_from_db()
    assert [sentence for step in history(school) for sentence in step.sentences] == [
        "Closed on June 30, 2026.",
        "Renamed from “Alder Elementary” to “Alder Bridge School”.",
        "Changed students from 420 to 1,250.",
        "Changed its LEA from Alder Unified to Alder Charter Network.",
    ]


def test_a_new_source_for_the_same_fact_is_no_event(home: Tenant):
    home.school.sources = {"name": 1}
    home.school.save()
    assert history(home.school) == []


class TestByHand:
    def test_staff_add_a_private_school_of_their_area(self, home: Tenant, staff: Person, signed_in: Browser):
        response = signed_in(staff).post("/directory/add/", entered())
        made = Organization.objects.get(name="Saint Brigid School")
        assert response["Location"] == made.get_absolute_url()
        source = made.source_of("enrollment")
        assert source is not None and (source.title, source.entered_by) == ("Entered by staff", staff)
        assert Entry.objects.get(verb="directory.organization_added").subject_name == "Saint Brigid School"

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"county": "Birch"}, "outside the area that your agency serves"),
            ({"sector": "district"}, "Only a private school has no LEA"),
            ({"lea": "Nowhere Unified"}, "No LEA has this name or ID"),
            ({"latitude": "-120.2", "longitude": "37.1"}, "look swapped"),
            ({"latitude": "37.1", "longitude": ""}, "come together"),
            ({"latitude": "21.3", "longitude": "-157.8"}, "is not in CA"),
            ({"low_grade": "09"}, "comes before the lowest"),
            ({"area": "Alder"}, "Only agencies serve an area"),
            ({"kind": "district", "lea": "Alder Unified"}, "Only schools belong to an LEA"),
        ],
    )
    def test_what_cannot_be_is_refused_with_the_next_step(
        self, home: Tenant, elsewhere: Tenant, staff: Person, signed_in: Browser, changes: dict[str, str], message: str
    ):
        response = signed_in(staff).post("/directory/add/", entered(**changes))
        assert response.status_code == 200
        assert message in response.text
        assert not Organization.objects.filter(name="Saint Brigid School").exists()

    def test_staff_type_what_they_may_import_too_where_no_agency_serves(
        self, home: Tenant, elsewhere: Tenant, staff: Person, signed_in: Browser
    ):
        nobodys = entered(kind="district", name="Saint Brigid School", sector="district", county="Cedar")
        assert signed_in(staff).post("/directory/add/", nobodys).status_code == 302
        made = Organization.objects.get(name="Saint Brigid School")
        assert staff.has_perm("directory.change_organization", made)
        assert not staff.has_perm("directory.appoint", made)  # what it types, it does not lead
        assert not home.people[Role.LEA_LEADER].has_perm("directory.change_organization", made)
        elsewhere.agency.area = ["Birch", "Cedar"]
        elsewhere.agency.save()
        assert not staff.has_perm("directory.change_organization", made)

    def test_an_operator_adds_an_agency_and_nothing_else(self, home: Tenant, signed_in: Browser):
        operator = signed_in(home.people[Role.OPERATOR])
        operator.post("/directory/add/", entered(kind="agency", sector="", name="Cedar Office", area="Cedar, Dogwood"))
        assert Organization.objects.get(name="Cedar Office").area == ["Cedar", "Dogwood"]
        operator.post("/directory/add/", entered())
        assert not Organization.objects.filter(name="Saint Brigid School").exists()

    def test_a_correction_dates_only_what_it_corrects(self, home: Tenant, staff: Person, signed_in: Browser):
        old = Source.objects.create(title="NCES school search")
        school = home.school
        Organization.objects.filter(pk=school.pk).update(sources={"name": old.pk, "phone": old.pk})
        form = signed_in(staff).get(f"/directory/{school.pk}/change/").context["form"]
        values = {name: form.initial.get(name) or "" for name in form.fields} | {"lea": school.parent.name}
        signed_in(staff).post(f"/directory/{school.pk}/change/", values | {"phone": "(559) 555-0199"})
        school.refresh_from_db()
        assert school.phone == "(559) 555-0199"
        titles = {fact: source.title for fact in ("name", "phone") if (source := school.source_of(fact))}
        assert titles == {"name": "NCES school search", "phone": "Entered by staff"}

    def test_saving_without_a_change_records_nothing(self, home: Tenant, staff: Person):
        assert actions.change(home.school, by=staff, name=home.school.name) == []
        assert not Entry.objects.filter(verb="directory.organization_changed").exists()

    def test_a_closed_school_says_so(self, home: Tenant, staff: Person, signed_in: Browser):
        day = {"on_year": "2026", "on_month": "6", "on_day": "30"}
        signed_in(staff).post(f"/directory/{home.school.pk}/close/", day)
        home.school.refresh_from_db()
        assert (home.school.status, home.school.closed_on) == (Status.CLOSED, date(2026, 6, 30))


def as_typed(agency: Organization, **changes: str) -> dict[str, str]:
    return {
        "kind": Kind.AGENCY, "name": agency.name, "status": Status.OPEN, "state": "CA", "area": "Alder",
    } | changes  # fmt: skip


def test_staff_cannot_widen_the_area_that_their_own_agency_serves(home: Tenant, staff: Person, signed_in: Browser):
    address = f"/directory/{home.agency.pk}/change/"
    for wider in ({"area": ""}, {"area": "Alder,Birch"}, {"state": "NV"}):
        page = signed_in(staff).post(address, as_typed(home.agency, **wider))
        assert "Only an operator of the platform" in page.text, wider
    assert signed_in(staff).post(address, as_typed(home.agency, city="Alder")).status_code == 302
    operator = home.people[Role.OPERATOR]
    assert signed_in(operator).post(address, as_typed(home.agency, area="Alder,Cedar")).status_code == 302
    home.agency.refresh_from_db()
    assert (home.agency.area, home.agency.city) == (["Alder", "Cedar"], "")


def test_staff_add_no_second_agency(home: Tenant, staff: Person, signed_in: Browser):
    page = signed_in(staff).post("/directory/add/", as_typed(home.agency, name="Second office", area=""))
    assert "Only an operator of the platform" in page.text
    assert not Organization.objects.filter(name="Second office").exists()
