"""Staff send files, watch them being read, match columns, look at what would change, and apply or cancel."""

from collections.abc import Callable
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from commonground.site.directory.actions import imports
from commonground.site.directory.models import Import, Organization, Person
from commonground.site.directory.models.uploads import Stage
from commonground.site.directory.roles import Role
from commonground.tables import read_table, xlsx_bytes
from tests.site.conftest import Tenant
from tests.site.directory.test_importing import ALDER, BIRCH, SCHOOLS


@pytest.fixture
def staff(home: Tenant, signed_in: Callable[[Person | None], Client]) -> Client:
    Organization.objects.filter(pk=home.agency.pk).update(area=[])  # it serves the whole state
    return signed_in(home.people[Role.AGENCY_STAFF])


def send(staff: Client, *files: SimpleUploadedFile) -> Import:
    response = staff.post("/directory/imports/", {"sent": list(files)})
    assert response.status_code == 302, response.context["form"].errors
    return Import.objects.latest("pk")


def csv(text: str, name: str = "schools.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode())


def test_a_file_is_read_by_a_job_and_its_progress_shown(staff: Client):
    upload = send(staff, csv(SCHOOLS + ALDER))
    page = staff.get(upload.get_absolute_url())
    assert "Waiting to be read" in page.text and "hx-get" in page.text
    part = staff.get(upload.get_absolute_url(), headers={"HX-Request": "true"})
    assert "<html" not in part.text
    imports.read(upload)
    assert staff.get(upload.get_absolute_url(), headers={"HX-Request": "true"})["HX-Refresh"] == "true"


def test_the_preview_says_what_would_change_and_applying_does_it(staff: Client):
    upload = send(staff, csv(SCHOOLS + ALDER + BIRCH))
    imports.read(upload)
    text = staff.get(upload.get_absolute_url()).text
    assert "Alder Elementary" in text and "Apply these changes" in text
    staff.post(f"{upload.get_absolute_url()}apply/", {})
    upload.refresh_from_db()
    assert upload.stage == Stage.APPLYING
    imports.apply(upload, by=None)
    assert "Apply these changes" not in staff.get(upload.get_absolute_url()).text
    assert Organization.objects.filter(nces_id="060000100001").exists()


def test_old_and_new_values_stand_side_by_side(staff: Client):
    for text in (SCHOOLS + ALDER, SCHOOLS + ALDER.replace("334.00000", "1350.00000")):
        upload = send(staff, csv(text))
        imports.read(upload)
        page = staff.get(upload.get_absolute_url()).text
        imports.approve(upload, close_missing=False)
        imports.apply(upload, by=None)
    assert 'students: <span class="cg-old">334</span> → 1,350' in page


def test_mistakes_are_listed_with_file_row_column_and_remedy(staff: Client):
    upload = send(staff, csv(SCHOOLS + ALDER.replace("36.75,-119.78", "-119.78,36.75")))
    imports.read(upload)
    text = staff.get(upload.get_absolute_url()).text
    assert "Nothing was imported" in text
    assert "look swapped" in text and "schools.csv" in text and "Latitude" in text


def test_a_spreadsheet_is_read_like_the_text_file(staff: Client):
    table = read_table((SCHOOLS + ALDER).encode())
    book = xlsx_bytes({"Schools": (list(table.header), [list(row.cells) for row in table.rows])})
    upload = send(staff, SimpleUploadedFile("schools.xlsx", book))
    imports.read(upload)
    upload.refresh_from_db()
    assert (upload.stage, upload.counts["new"]) == (Stage.READY, 2)


def test_unknown_columns_are_matched_on_a_page(staff: Client):
    upload = send(staff, csv("School,Code,Region\nAlder Academy,17,CA\n"))
    imports.read(upload)
    text = staff.get(upload.get_absolute_url()).text
    assert "For example: Alder Academy" in text
    file = upload.files.get()
    fields = {f"file{file.pk}-level": "lea", f"file{file.pk}-column0": "name", f"file{file.pk}-column1": "state_id"}
    refused = staff.post(f"{upload.get_absolute_url()}columns/", fields)
    assert "one with the state" in refused.text
    staff.post(f"{upload.get_absolute_url()}columns/", fields | {f"file{file.pk}-column2": "state"})
    upload.refresh_from_db()
    imports.read(upload)
    upload.refresh_from_db()
    assert (upload.stage, upload.counts["new"]) == (Stage.READY, 1)


def test_an_empty_file_and_no_file_are_refused_at_once(staff: Client):
    for sent in ({}, {"sent": [SimpleUploadedFile("empty.csv", b"")]}):
        response = staff.post("/directory/imports/", sent)
        assert response.status_code == 200
        assert response.context["form"].errors
    assert not Import.objects.exists()


def test_a_picture_is_named_as_one(staff: Client):
    upload = send(staff, SimpleUploadedFile("schools.csv", BytesIO(b"\x89PNG\r\n\x1a\n123").getvalue()))
    imports.read(upload)
    assert "picture" in staff.get(upload.get_absolute_url()).text


def test_a_cancelled_import_changes_nothing_and_keeps_no_file(staff: Client):
    upload = send(staff, csv(SCHOOLS + ALDER))
    imports.read(upload)
    staff.post(f"{upload.get_absolute_url()}cancel/")
    assert "It changed nothing" in staff.get(upload.get_absolute_url()).text
    assert upload.files.get().content is None


def test_the_list_of_imports_says_who_sent_what(staff: Client, home: Tenant):
    send(staff, csv(SCHOOLS + ALDER))
    text = staff.get("/directory/imports/").text
    assert "schools.csv" in text and str(home.people[Role.AGENCY_STAFF]) in text
