"""People find an organization although they misspell it, leave out its accents, or know only its number."""

import pytest
from django.test import Client

from commonground.site.directory import maps
from commonground.site.directory.models import Organization
from commonground.site.directory.models.organization import Kind, Sector, Status
from commonground.site.directory.queries.search import found
from tests.site.conftest import Tenant

pytestmark = pytest.mark.django_db


@pytest.fixture
def schools() -> None:
    def make(name: str, city: str, **more: object) -> Organization:
        fields = {"kind": Kind.SCHOOL, "sector": Sector.DISTRICT, "state": "CA", "county": "Fresno County"} | more
        return Organization.objects.create(name=name, city=city, **fields)

    make("Lincoln Elementary", "Fresno", low_grade="KG", high_grade="05", locale=12, latitude=36.7, longitude=-119.8)
    make("Lincoln Elementary", "Clovis", low_grade="PK", high_grade="06")
    make("Abraham Lincoln High", "San Jose", county="Santa Clara County", low_grade="09", high_grade="12", locale=11)
    make("José Peña Charter Academy", "Fresno", sector=Sector.CHARTER, nces_id="060000100077", low_grade="06")
    make("Jefferson Middle", "Mendota", locale=43, low_grade="06", high_grade="08")
    make("Old Mill School", "Fresno", status=Status.CLOSED)


def names(**filters: object) -> list[str]:
    return [f"{one.name}, {one.city}" for one in found(filters)]


@pytest.mark.usefixtures("schools")
class TestByName:
    @pytest.mark.parametrize(
        "typed", ["lincon elementry", "Lincoln Elemntary", "LINCOLN ELEMENTARY", "elementary lincoln"]
    )
    def test_typing_errors_case_and_order_do_not_hide_a_school(self, typed):
        assert set(names(q=typed)) == {"Lincoln Elementary, Fresno", "Lincoln Elementary, Clovis"}

    @pytest.mark.parametrize("typed", ["jose pena", "José Peña", "PEÑA", "pena academy"])
    def test_accents_do_not_matter(self, typed):
        assert names(q=typed) == ["José Peña Charter Academy, Fresno"]

    def test_a_city_tells_schools_of_one_name_apart(self):
        assert names(q="lincoln clovis") == ["Lincoln Elementary, Clovis"]

    def test_a_name_that_begins_so_comes_before_one_that_contains_it(self):
        assert names(q="lincoln")[-1] == "Abraham Lincoln High, San Jose"

    def test_an_identifier_finds_its_school(self):
        assert names(q="060000100077") == ["José Peña Charter Academy, Fresno"]

    @pytest.mark.parametrize("typed", ["zzzzqq", "%%%", "' OR 1=1 --", "lincoln \\"])
    def test_nonsense_finds_nothing_or_what_it_resembles_and_never_breaks(self, typed):
        assert len(names(q=typed)) <= 5


@pytest.mark.usefixtures("schools")
class TestFilters:
    def test_a_grade_finds_schools_that_teach_it(self):
        assert names(grade="06", q="lincoln") == ["Lincoln Elementary, Clovis"]
        assert names(grade="10") == ["Abraham Lincoln High, San Jose"]

    def test_surroundings_sector_county_and_kind(self):
        assert names(surroundings="rural") == ["Jefferson Middle, Mendota"]
        assert names(sector="charter") == ["José Peña Charter Academy, Fresno"]
        assert names(county="CA:Santa Clara County") == ["Abraham Lincoln High, San Jose"]
        assert names(kind="district") == []

    def test_closed_schools_are_shown_when_asked_for(self):
        assert "Old Mill School, Fresno" not in names()
        assert names(status="closed") == ["Old Mill School, Fresno"]
        assert "Old Mill School, Fresno" in names(status="any")


@pytest.mark.usefixtures("schools")
class TestPage:
    def test_a_filter_that_does_not_exist_is_ignored(self, client: Client):
        response = client.get("/directory/?kind=castle&grade=99&lea=x&page=900&county=CA")
        assert response.status_code == 200
        assert "5 organizations" in response.text

    def test_the_map_draws_what_was_found_and_says_so(self, client: Client):
        text = client.get("/directory/?q=lincoln&view=map").text
        assert text.count('<circle class="cg-map__dot cg-map__dot--district"') == 1
        assert "style=" not in text
        assert "None of these has a known place" in client.get("/directory/?q=jefferson&view=map").text

    def test_a_map_of_counties_has_its_numbers_as_a_list(self, client: Client, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(maps, "MOST_DOTS", 1)
        Organization.objects.update(latitude=36.7, longitude=-119.8)
        assert "<li>Fresno County, CA: 4</li>" in client.get("/directory/?view=map").text

    def test_nothing_found_says_what_to_try(self, client: Client):
        assert "Nothing fits" in client.get("/directory/?q=zzzzqq").text


def test_an_empty_directory_says_how_it_fills(client: Client):
    assert "The directory is empty" in client.get("/directory/").text


def test_the_number_of_questions_to_the_database_does_not_grow_with_the_list(
    client: Client, home: Tenant, django_assert_max_num_queries
):
    with django_assert_max_num_queries(8):
        client.get("/directory/")
