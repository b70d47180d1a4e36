"""Published files become entries of the directory: once, with their sources, wholly or not at all."""

from datetime import date
from pathlib import Path

import pytest

from commonground.site.audit.models import Entry
from commonground.site.directory import tasks
from commonground.site.directory.actions import applying, imports
from commonground.site.directory.models import Import, Organization, Source
from commonground.site.directory.models.organization import Kind, Sector, Status
from commonground.site.directory.models.uploads import Stage

pytestmark = pytest.mark.django_db

SCHOOLS = (
    "NCES School ID,State School ID,NCES District ID,State District ID,Low Grade*,High Grade*,School Name,District,County Name*,"
    "Street Address,City,State,ZIP,ZIP 4-digit,Phone,Locale Code*,Locale*,Charter,Students*,Teachers*,Student Teacher Ratio*,"
    "Free Lunch*,Reduced Lunch*,Directly Certified*,Type,Status,Latitude,Longitude\n"
)
ALDER = (
    "060000100001,CA-01-1,0600001,CA-01,KG,05,Alder Elementary,Valley Unified,Fresno County,1 Oak St.,Fresno,CA,93701,,"
    "(559)555-0101,12,City: Midsize,No,334.00000,17.07000,19.5,182.00000,22.00000,137.00000,Regular,Open,36.75,-119.78\n"
)
BIRCH = (
    "060000100002,CA-01-2,0600001,CA-01,–,–,Birch Charter,Valley Unified,†,2 Oak St.,Fresno,CA,93701,,"
    "(559)555-0102,†,†,Yes,†,–,‡,†,†,†,Regular,Future,,\n"
)
DISTRICTS = (
    "NCES District ID,State District ID,District Name,County Name*,Street Address,City,State,ZIP,ZIP 4-digit,Phone,Students*,"
    "Teachers*,Schools,Locale Code*,Locale*,Student Teacher Ratio*,Type,Status\n"
    "0600001,CA-01,Valley Unified School District,Fresno County,9 Main St.,Fresno,CA,93701,1838,(559)555-0100,18354.00000,"
    "810.83000,2.00000,12,City: Midsize,22.64,Regular Local,Open\n"
)


def send(*texts: str, day: date | None = None) -> Import:
    """Send and read files; the import is ready to be looked at, or says what is wrong."""
    files = [(f"file-{number}.csv", text.encode()) for number, text in enumerate(texts, start=1)]
    upload = imports.start(by=None, files=files, day=day)
    imports.read(upload)
    upload.refresh_from_db()
    return upload


def import_all(*texts: str, close_missing: bool = False, day: date | None = None) -> Import:
    upload = send(*texts, day=day)
    assert upload.stage == Stage.READY, upload.problems
    assert imports.approve(upload, close_missing=close_missing)
    assert imports.apply(upload, by=None)
    upload.refresh_from_db()
    return upload


def test_a_school_file_brings_schools_and_the_leas_they_name():
    import_all(SCHOOLS + ALDER + BIRCH)
    alder = Organization.objects.get(nces_id="060000100001")
    assert (alder.name, alder.kind, alder.sector, alder.enrollment) == (
        "Alder Elementary",
        Kind.SCHOOL,
        Sector.DISTRICT,
        334,
    )
    assert alder.parent is not None and (alder.parent.name, alder.parent.nces_id) == ("Valley Unified", "0600001")
    assert (alder.low_grade, alder.locale, alder.free_lunch, alder.latitude) == ("KG", 12, 182, 36.75)


def test_a_charter_inside_a_district_is_a_charter_and_the_district_stays_a_district():
    import_all(SCHOOLS + ALDER + BIRCH)
    birch = Organization.objects.get(nces_id="060000100002")
    assert (birch.sector, birch.status, birch.has_place, birch.enrollment) == (
        Sector.CHARTER,
        Status.FUTURE,
        False,
        None,
    )
    assert birch.parent is not None and birch.parent.kind == Kind.DISTRICT


@pytest.mark.parametrize("texts", [(SCHOOLS + ALDER, DISTRICTS), (DISTRICTS, SCHOOLS + ALDER)])
def test_districts_may_come_before_or_after_schools_and_in_one_go(texts):
    import_all(texts[0])
    import_all(texts[1])
    lea = Organization.objects.get(nces_id="0600001")
    assert (lea.name, lea.enrollment, lea.schools.count()) == ("Valley Unified School District", 18354, 1)
    assert Organization.objects.count() == 2


def test_the_same_file_again_changes_nothing():
    import_all(SCHOOLS + ALDER + BIRCH)
    again = import_all(SCHOOLS + ALDER + BIRCH)
    assert again.counts == {"new": 0, "changed": 0, "missing": 0, "unchanged": 2, "outside": 0}
    assert (Organization.objects.count(), Source.objects.count()) == (3, 1)
    assert not Organization.events.rel.related_model.objects.exists()


def test_differences_are_shown_field_by_field_before_anything_is_applied():
    import_all(SCHOOLS + ALDER)
    upload = send(SCHOOLS + ALDER.replace("334.00000", "350.00000").replace("1 Oak St.", "5 Elm St."))
    change = upload.changes.get(kind="changed")
    assert change.facts == {"enrollment": [334, 350], "street": ["1 Oak St.", "5 Elm St."]}
    assert Organization.objects.get(nces_id="060000100001").enrollment == 334


def test_a_blank_does_not_overwrite_what_is_known():
    import_all(SCHOOLS + ALDER)
    import_all(SCHOOLS + ALDER.replace("334.00000", "†"))
    assert Organization.objects.get(nces_id="060000100001").enrollment == 334


def test_a_school_that_changes_its_lea_keeps_its_history():
    import_all(SCHOOLS + ALDER)
    upload = import_all(SCHOOLS + ALDER.replace("0600001,CA-01,", "0600002,CA-02,").replace("Valley", "Hill"))
    alder = Organization.objects.get(nces_id="060000100001")
    assert alder.parent is not None and alder.parent.name == "Hill Unified"
    assert upload.changes.get(kind="changed").facts["parent"] == ["Valley Unified", "Hill Unified"]
    before = alder.events.get()
    assert before.parent_id == Organization.objects.get(nces_id="0600001").pk


def test_what_the_file_no_longer_lists_is_closed_only_when_asked():
    import_all(SCHOOLS + ALDER + BIRCH)
    upload = import_all(SCHOOLS + ALDER)
    assert [change.name for change in upload.changes.filter(kind="missing")] == ["Birch Charter"]
    assert Organization.objects.get(nces_id="060000100002").status == Status.FUTURE
    import_all(SCHOOLS + ALDER, close_missing=True)
    assert Organization.objects.get(nces_id="060000100002").status == Status.CLOSED
    assert Organization.objects.get(nces_id="060000100001").status == Status.OPEN


def test_a_file_of_one_state_says_nothing_about_another_state():
    import_all(SCHOOLS + ALDER)
    michigan = ALDER.replace("06000010", "26000010").replace("0600001", "2600001").replace(",CA,", ",MI,")
    upload = send(SCHOOLS + michigan.replace("36.75,-119.78", "42.9,-85.6"))
    assert upload.counts["missing"] == 0


def test_every_fact_knows_its_file_and_its_date():
    import_all(SCHOOLS + ALDER, day=date(2024, 10, 1))
    import_all(
        "NCESSCH,NAME,STREET,CITY,STATE,ZIP,NMCNTY,LOCALE,LAT,LON\n"
        "060000100001,ALDER,1 Oak,Fresno,CA,93701,Fresno County,13,36.8,-119.7\n"
    )
    alder = Organization.objects.get(nces_id="060000100001")
    place, students = alder.source_of("latitude"), alder.source_of("enrollment")
    assert place is not None and students is not None
    assert (place.title, place.day) == ("EDGE geocodes of public schools", None)
    assert (students.title, students.day) == ("NCES school search", date(2024, 10, 1))
    assert (alder.latitude, alder.locale, alder.name) == (36.8, 13, "Alder Elementary")


def test_one_wrong_row_keeps_the_whole_file_out():
    upload = send(SCHOOLS + ALDER + BIRCH.replace("Yes,†", "Yes,many"))
    assert upload.stage == Stage.FAULTY
    (problem,) = upload.problems
    assert (problem["file"], problem["row"], problem["column"], problem["code"]) == (
        "file-1.csv",
        3,
        "Students*",
        "not_a_number",
    )
    assert not Organization.objects.exists()


def test_an_unknown_header_is_matched_by_a_person():
    upload = send("Campus,Code,Region,Pupils\nAlder Academy,17,CA,120\n")
    assert upload.stage == Stage.MAPPING
    file = upload.files.get()
    assert file.sample["header"] == ["Campus", "Code", "Region", "Pupils"]
    columns = {"Campus": "name", "Code": "state_id", "Region": "state", "Pupils": "enrollment"}
    assert imports.match_columns(upload, {file.pk: {"level": "lea", "columns": columns}})
    imports.read(upload)
    imports.approve(upload, close_missing=False)
    imports.apply(upload, by=None)
    assert Organization.objects.get(state_id="17").enrollment == 120


def test_two_clicks_apply_once():
    upload = send(SCHOOLS + ALDER)
    assert imports.approve(upload, close_missing=False)
    assert not imports.approve(upload, close_missing=False)
    imports.apply(upload, by=None)
    imports.apply(upload, by=None)
    assert Organization.objects.count() == 2
    assert Entry.objects.filter(verb="directory.import_applied").count() == 1


def test_a_directory_that_moved_since_the_preview_is_not_overwritten():
    first, second = send(SCHOOLS + ALDER), send(SCHOOLS + ALDER)
    for upload in (first, second):
        imports.approve(upload, close_missing=False)
    assert imports.apply(first, by=None)
    assert not imports.apply(second, by=None)
    second.refresh_from_db()
    assert second.stage == Stage.WAITING
    imports.read(second)
    second.refresh_from_db()
    assert second.counts["unchanged"] == 1


def test_a_cancelled_import_leaves_nothing():
    upload = send(SCHOOLS + ALDER)
    assert imports.cancel(upload, by=None)
    assert not imports.approve(upload, close_missing=False)
    assert (upload.changes.count(), upload.files.get().content) == (0, None)


def test_a_cancelled_import_stops_reading():
    upload = imports.start(by=None, files=[("schools.csv", (SCHOOLS + ALDER).encode())], day=None)
    imports.cancel(upload, by=None)
    imports.read(upload)
    upload.refresh_from_db()
    assert upload.stage == Stage.CANCELLED


def test_applying_is_all_or_nothing_and_can_run_again(monkeypatch: pytest.MonkeyPatch):
    """As when a worker is killed in the middle: the database takes back what it had done."""
    upload = send(SCHOOLS + ALDER)
    imports.approve(upload, close_missing=False)

    def killed(*_arguments: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(applying, "_change", killed)
        imports.apply(upload, by=None)
    upload.refresh_from_db()
    assert (upload.stage, Organization.objects.count(), Source.objects.count()) == (Stage.APPLYING, 0, 0)
    assert imports.apply(upload, by=None)
    assert Organization.objects.count() == 2


def test_a_school_that_was_closed_by_hand_can_open_again():
    import_all(SCHOOLS + ALDER)
    school = Organization.objects.get(nces_id="060000100001")
    school.status, school.closed_on = Status.CLOSED, date(2024, 6, 30)
    school.save()
    import_all(SCHOOLS + ALDER)
    school.refresh_from_db()
    assert (school.status, school.closed_on) == (Status.OPEN, None)


def test_a_job_that_breaks_lets_go_of_the_import(monkeypatch: pytest.MonkeyPatch):
    def broken(*_arguments: object, **_options: object) -> None:
        raise ZeroDivisionError

    upload = send(SCHOOLS + ALDER)
    imports.approve(upload, close_missing=False)
    with monkeypatch.context() as patched, pytest.raises(ZeroDivisionError):
        patched.setattr(imports, "apply_changes", broken)
        tasks.apply_import(upload=upload.pk, by=None)
    upload.refresh_from_db()
    assert (upload.stage, upload.notes[0]["code"], Organization.objects.count()) == (Stage.READY, "broke", 0)
    fresh = imports.start(by=None, files=[("schools.csv", (SCHOOLS + ALDER).encode())], day=None)
    with monkeypatch.context() as patched, pytest.raises(ZeroDivisionError):
        patched.setattr(imports, "read_table", broken)
        tasks.read_import(upload=fresh.pk)
    fresh.refresh_from_db()
    assert (fresh.stage, fresh.problems[0]["code"]) == (Stage.FAULTY, "broke")


def test_nothing_of_a_rejected_file_is_kept():
    upload = send(SCHOOLS + ALDER.replace("36.75", "north"))
    assert upload.stage == Stage.FAULTY
    assert upload.files.get().content is None


def test_the_job_reads_again_where_the_directory_has_moved():
    first, second = send(SCHOOLS + ALDER), send(SCHOOLS + ALDER)
    for upload in (first, second):
        imports.approve(upload, close_missing=False)
        tasks.apply_import(upload=upload.pk, by=None)
    second.refresh_from_db()
    assert (second.stage, second.counts["unchanged"]) == (Stage.READY, 1)


def test_reading_again_after_a_killed_worker_gives_the_same():
    upload = imports.start(by=None, files=[("schools.csv", (SCHOOLS + ALDER).encode())], day=None)
    Import.objects.filter(pk=upload.pk).update(stage=Stage.READING, rows_read=1)
    imports.read(upload)
    upload.refresh_from_db()
    assert (upload.stage, upload.counts["new"], upload.changes.count()) == (Stage.READY, 2, 2)


def test_california_and_michigan_arrive_whole(public_data: Path):
    folder = public_data / "directory"
    names = ["california_schools.csv", "california_districts.csv", "michigan_districts.csv", "michigan_schools.csv"]
    upload = imports.start(by=None, files=[(name, (folder / name).read_bytes()) for name in names], day=None)
    imports.read(upload)
    upload.refresh_from_db()
    assert upload.counts["new"] == 10_349 + 2_112 + 3_487 + 883
    assert len([note for note in upload.notes if note["code"] == "no_place"]) == 5
    imports.approve(upload, close_missing=False)
    imports.apply(upload, by=None)
    assert Organization.objects.filter(kind=Kind.SCHOOL, sector=Sector.CHARTER).count() == 1_284 + 366
    assert Organization.objects.filter(kind=Kind.CHARTER_OPERATOR).count() == 999 + 286
    assert Organization.objects.filter(status=Status.REOPENED).count() == 8
