"""An agency's import changes its own area and what nobody serves, and says what it leaves alone; an operator's, everything."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from commonground.site.directory.actions import imports
from commonground.site.directory.imports.areas import Area, outside
from commonground.site.directory.imports.comparing import Known, Planned
from commonground.site.directory.models import Import, Organization, Person, Position, Term
from commonground.site.directory.models.organization import Kind, Status
from commonground.site.directory.models.uploads import ChangeKind, Stage
from commonground.site.directory.roles import Role
from tests.site.conftest import Tenant, make_tenant

Browser = Callable[[Person | None], Client]
HERE, THERE = Area("CA", frozenset({"Alder"})), Area("CA", frozenset({"Birch"}))
ALDER, BIRCH, CEDAR = ({"state": "CA", "county": county} for county in ("Alder", "Birch", "Cedar"))


def lea(key: str, **facts: Any) -> Known:
    return Known(1, key, "lea", {"kind": "district", "state": "CA"} | facts)


def school(key: str, parent: str = "", **facts: Any) -> Known:
    return Known(2, key, "school", {"kind": "school", "state": "CA"} | facts, parent)


def new(key: str, kind: str = "school", parent: str = "", **facts: Any) -> Planned:
    return Planned(ChangeKind.NEW, kind, key, key, "", facts=facts, parent=parent)


def changed(key: str, parent: str = "", **differences: tuple[Any, Any]) -> Planned:
    return Planned(ChangeKind.CHANGED, "school", key, key, "", 1, facts=differences, parent=parent)


def left(
    changes: list[Planned], known: list[Known], *, area: Area = HERE, others: Sequence[Area] = (THERE, Area("NV"))
) -> set[str]:
    return set(outside(changes, known, area, others))


def test_what_is_new_belongs_to_the_county_it_is_in() -> None:
    assert left([new("a", **ALDER), new("b", **BIRCH), new("c", state="NV", county="Alder")], []) == {"b", "c"}


def test_an_agency_without_counties_serves_its_whole_state() -> None:
    assert left([new("a", **ALDER), new("b", **BIRCH), new("c", state="NV")], [], area=Area("CA")) == {"c"}


def test_what_nobody_serves_is_free_until_an_agency_for_it_exists() -> None:
    rows = [new("a", **ALDER), new("c", **CEDAR), new("o", state="OR", county="Cedar")]
    assert left(rows, []) == set()
    assert left(rows, [], others=[Area("CA", frozenset({"Cedar"}))]) == {"c"}
    assert left(rows, [], others=[Area("CA")]) == {"c"}
    assert left(rows, [], others=[Area("OR")]) == {"o"}


def test_a_place_without_a_county_may_be_anothers() -> None:
    rows = [new("ca", state="CA"), new("or", state="OR"), new("nowhere", state="")]
    assert left(rows, []) == {"ca", "nowhere"}
    assert left(rows, [], others=[]) == set()


def test_a_county_that_another_agency_calls_a_little_differently_is_still_its_own() -> None:
    rows = [new("a", state="CA", county="Cedar County"), new("b", state="CA", county="Cedar city")]
    assert left(rows, [], others=[Area("CA", frozenset({"CEDAR"}))]) == {"a"}


def test_an_lea_without_a_county_is_nobodys_where_all_its_schools_are() -> None:
    network = Planned(ChangeKind.CHANGED, "charter_operator", "network", "network", "", 1, facts={"name": ("", "Net")})
    free, theirs = school("c", "network", **CEDAR), school("b", "network", **BIRCH)
    assert left([network], [lea("network"), free]) == set()
    assert left([network], [lea("network"), free, theirs]) == {"network"}
    assert left([network], [lea("network"), theirs, school("a", "network", **ALDER)]) == set()


def test_a_new_lea_comes_with_a_school_that_nobody_serves() -> None:
    network = new("network", "charter_operator", **BIRCH)
    assert left([network, new("c", parent="network", **CEDAR)], []) == set()


def test_a_school_moves_between_ones_own_area_and_nobodys() -> None:
    known = [school("ours", **ALDER), school("nobodys", **CEDAR), school("also", **CEDAR)]
    ours, here = changed("ours", county=("Alder", "Cedar")), changed("nobodys", county=("Cedar", "Alder"))
    assert left([ours, here, changed("also", county=("Cedar", "Birch"))], known) == {"also"}


def test_nobody_fetches_a_school_of_others_or_hands_one_away() -> None:
    known = [school("ours", **ALDER), school("theirs", **BIRCH)]
    away, here = changed("ours", county=("Alder", "Birch")), changed("theirs", county=("Birch", "Alder"))
    assert left([away, here], known) == {"ours", "theirs"}
    assert left([changed("ours", name=("Old", "New"))], known) == set()


def test_a_school_without_a_county_is_where_its_lea_is() -> None:
    known = [lea("our lea", **ALDER), lea("their lea", **BIRCH)]
    assert left([new("a", parent="our lea", state="CA"), new("b", parent="their lea", state="CA")], known) == {"b"}


def test_an_lea_without_a_county_is_where_its_schools_are() -> None:
    known = [lea("one"), lea("other"), school("a", "one", **ALDER), school("b", "other", **BIRCH)]
    assert left([changed("one", name=("", "One")), changed("other", name=("", "Other"))], known) == {"other"}


def test_a_new_lea_comes_with_its_school_of_the_area() -> None:
    network = new("network", "charter_operator", state="CA", county="Birch")
    assert left([network, new("academy", parent="network", **ALDER)], []) == set()
    assert left([network, new("academy", parent="network", **BIRCH)], []) == {"network", "academy"}


def test_missing_and_unchanged_ones_of_others_are_left_alone() -> None:
    known = [school("ours", **ALDER), school("nobodys", **CEDAR), school("theirs", **BIRCH)]
    rows = [Planned(ChangeKind.MISSING, "school", one.key, one.key, "", 1) for one in known]
    same = [Planned(ChangeKind.UNCHANGED, "school", one.key, one.key, "", 1) for one in known]
    assert left(rows, known) == left(same, known) == {"theirs"}


# Through the page

HEADER = (
    "NCES School ID,State School ID,NCES District ID,School Name,District,County Name*,State,ZIP,Latitude,Longitude"
)


def row(number: int, name: str, county: str) -> str:
    return f"06000000{number:04d},CA-{number},06{number:05d},{name},{county} Unified,{county},CA,93700,36.75,-119.77"


def send(client: Client, *rows: str, **more: Any) -> Import:
    file = SimpleUploadedFile("schools.csv", "\n".join([HEADER, *rows]).encode())
    answer = client.post("/directory/imports/", {"sent": [file], **more})
    assert answer.status_code == 302, answer.context["form"].errors
    upload = Import.objects.latest("pk")
    imports.read(upload)
    if upload.stage == Stage.MAPPING:
        columns = dict(zip(HEADER.split(","), COLUMNS, strict=True))
        imports.match_columns(upload, {upload.files.get().pk: {"level": "school", "columns": columns}})
        imports.read(upload)
    upload.refresh_from_db()
    assert upload.stage == Stage.READY, upload.problems
    return upload


COLUMNS = (
    "nces_id",
    "state_id",
    "lea_nces_id",
    "name",
    "lea_name",
    "county",
    "state",
    "zip_code",
    "latitude",
    "longitude",
)


def no_longer_listed(name: str, nces_id: str, place: Mapping[str, str], **more: Any) -> Organization:
    """A school that a public directory listed once, and the file no longer does."""
    return Organization.objects.create(kind=Kind.SCHOOL, name=name, sector="district", nces_id=nces_id, **place, **more)


@pytest.fixture
def others(home: Tenant, elsewhere: Tenant) -> Organization:
    return no_longer_listed("Birch Middle", "060000009999", BIRCH, parent=elsewhere.district)


@pytest.fixture
def nobodys(home: Tenant) -> Organization:
    return no_longer_listed("Cedar Middle", "060000009998", CEDAR)


def closing(signed_in: Browser, tenant: Tenant, *rows: str) -> Import:
    """The agency's staff import these rows and close what is missing from them."""
    person = tenant.people[Role.AGENCY_STAFF]
    staff = signed_in(person)
    upload = send(staff, *rows)
    staff.post(f"{upload.get_absolute_url()}apply/", {"close_missing": "on"})
    imports.apply(upload, by=person)
    upload.refresh_from_db()
    return upload


def status_of(school: Organization) -> str:
    school.refresh_from_db()
    return school.status


def test_staff_see_what_is_outside_and_it_stays_as_it_is(
    home: Tenant, others: Organization, signed_in: Browser
) -> None:
    staff = signed_in(home.people[Role.AGENCY_STAFF])
    upload = send(staff, row(1, "Alder New", "Alder"), row(2, "Birch New", "Birch"))
    page = staff.get(upload.get_absolute_url())
    assert "that other agencies serve" in page.text
    assert "Birch New" not in page.text
    listed = staff.get(upload.get_absolute_url(), {"kind": "outside"}).text
    assert "Birch New" in listed and "Birch Middle" in listed and "Alder New" not in listed
    staff.post(f"{upload.get_absolute_url()}apply/", {"close_missing": "on"})
    imports.apply(upload, by=home.people[Role.AGENCY_STAFF])
    assert Organization.objects.filter(name="Alder New").exists()
    assert not Organization.objects.filter(name__in=["Birch New", "Birch Unified 2"]).exists()
    others.refresh_from_db()
    assert others.status == Status.OPEN


def test_staff_import_what_nobody_serves_and_close_what_is_missing_there(
    home: Tenant, others: Organization, nobodys: Organization, signed_in: Browser
) -> None:
    upload = closing(signed_in, home, row(3, "Cedar New", "Cedar"))
    assert (upload.stage, upload.counts["new"], upload.counts["missing"]) == (Stage.DONE, 2, 1)
    assert Organization.objects.get(name="Cedar New").parent == Organization.objects.get(name="Cedar Unified")
    assert (status_of(nobodys), status_of(others)) == (Status.CLOSED, Status.OPEN)


def test_once_an_agency_serves_it_only_that_one_imports_there(
    home: Tenant, nobodys: Organization, signed_in: Browser
) -> None:
    cedar = make_tenant("Cedar", 39.0)
    upload = closing(signed_in, home, row(3, "Cedar New", "Cedar"))
    assert (upload.counts["new"], upload.counts["missing"], upload.counts["outside"]) == (0, 0, 3)
    assert (status_of(nobodys), Organization.objects.filter(name="Cedar New").exists()) == (Status.OPEN, False)
    assert closing(signed_in, cedar, row(3, "Cedar New", "Cedar")).counts["outside"] == 0
    assert (status_of(nobodys), Organization.objects.filter(name="Cedar New").exists()) == (Status.CLOSED, True)


def test_an_agency_that_begins_while_staff_look_at_the_preview_keeps_its_area(
    home: Tenant, nobodys: Organization, signed_in: Browser
) -> None:
    staff = signed_in(home.people[Role.AGENCY_STAFF])
    upload = send(staff, row(3, "Cedar New", "Cedar"))
    make_tenant("Cedar", 39.0)
    staff.post(f"{upload.get_absolute_url()}apply/", {"close_missing": "on"})
    assert not imports.apply(upload, by=home.people[Role.AGENCY_STAFF])
    imports.read(upload)
    assert upload.counts["outside"] == 3
    assert status_of(nobodys) == Status.OPEN


def test_an_operator_changes_the_whole_directory(home: Tenant, others: Organization, signed_in: Browser) -> None:
    operator = signed_in(home.people[Role.OPERATOR])
    upload = send(operator, row(1, "Alder New", "Alder"), row(2, "Birch New", "Birch"))
    assert (upload.agency, upload.counts["outside"]) == (None, 0)
    operator.post(f"{upload.get_absolute_url()}apply/", {"close_missing": "on"})
    imports.apply(upload, by=home.people[Role.OPERATOR])
    others.refresh_from_db()
    assert others.status == Status.CLOSED
    assert Organization.objects.filter(name="Birch New").exists()


def test_staff_cannot_send_for_another_agency_or_for_everybody(
    home: Tenant, elsewhere: Tenant, signed_in: Browser
) -> None:
    staff = signed_in(home.people[Role.AGENCY_STAFF])
    for named in ("", str(elsewhere.agency.pk), "nonsense"):
        file = SimpleUploadedFile("schools.csv", HEADER.encode())
        staff.post("/directory/imports/", {"sent": [file], "agency": named})
    agencies = set(Import.objects.values_list("agency", flat=True))
    assert agencies <= {home.agency.pk}


def test_who_staffs_two_agencies_says_for_which(home: Tenant, elsewhere: Tenant, signed_in: Browser) -> None:
    both = home.people[Role.AGENCY_STAFF]
    seat = Position.objects.create(organization=elsewhere.agency, role=Role.AGENCY_STAFF, title="Deputy")
    Term.objects.create(position=seat, person=both, starts="2020-01-01")
    upload = send(signed_in(both), row(2, "Birch New", "Birch"), agency=elsewhere.agency.pk)
    assert (upload.agency, upload.counts["new"], upload.counts["outside"]) == (elsewhere.agency, 2, 0)


def test_the_list_shows_the_imports_of_ones_own_agency(home: Tenant, elsewhere: Tenant, signed_in: Browser) -> None:
    upload = send(signed_in(home.people[Role.AGENCY_STAFF]), row(1, "Alder New", "Alder"))
    for person, sees in (
        (home.people[Role.AGENCY_STAFF], True),
        (elsewhere.people[Role.AGENCY_STAFF], False),
        (elsewhere.people[Role.OPERATOR], True),
    ):
        assert (upload.get_absolute_url() in signed_in(person).get("/directory/imports/").text) is sees
