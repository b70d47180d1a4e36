"""Sign-ups as files: in all rows or none, out without anything that a spreadsheet would run, and paper forms."""

import io
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from commonground.formats import read_schools
from commonground.site.audit.models import Entry
from commonground.site.directory.models import Organization, Person
from commonground.site.directory.roles import Role
from commonground.site.formation.actions import rounds as round_actions
from commonground.site.formation.actions.topics import ensure_standard
from commonground.site.formation.models import PastRelation, Round, SignUp, Topic, TopicChoice
from commonground.site.formation.models.choices import RoundState, Side, SignUpState, Source
from commonground.site.formation.queries.files import plan_import
from commonground.tables import csv_bytes, read_table, xlsx_bytes
from tests.site.conftest import Tenant
from tests.site.formation.factories import make_round, make_signup, make_submitted

Browser = Callable[[Person | None], Client]
HEADER = ("id", "name", "sector", "focus_areas", "needs", "strengths", "languages", "capacity", "goals")
SCHOOL = (
    "",
    "alder elementary",
    "district",
    "Literacy; STEAM",
    "Attendance:3; writing",
    "science:2",
    "Spanish",
    "",
    "",
)
ACADEMY = ("060000000007", "Alder Academy", "charter", "steam", "", "early reading", "", "medium", "Read more")


@pytest.fixture
def round(home: Tenant) -> Round:
    ensure_standard(home.agency)
    Organization.objects.filter(pk=home.charter_school.pk).update(nces_id="060000000007")
    draft = make_round(home.agency, state=RoundState.DRAFT)
    staff = home.people[Role.AGENCY_STAFF]
    round_actions.replace_areas(draft, by=staff, areas=[{"name_en": "Literacy"}, {"name_en": "STEAM"}])
    return round_actions.advance(draft, to=RoundState.OPEN, by=staff)


@pytest.fixture
def staff(home: Tenant, signed_in: Browser) -> Client:
    return signed_in(home.people[Role.AGENCY_STAFF])


def upload(client: Client, round: Round, *rows: tuple[str, ...], header: tuple[str, ...] = HEADER) -> HttpResponse:
    file = SimpleUploadedFile("signups.csv", csv_bytes(header, rows))
    return client.post(reverse("formation:import", args=[round.pk]), {"file": file})  # type: ignore[return-value]


def confirm(client: Client, round: Round) -> HttpResponse:
    return client.post(reverse("formation:import", args=[round.pk]), {"confirm": "1"}, follow=True)  # type: ignore[return-value]


def problems(home: Tenant, round: Round, *rows: tuple[str, ...], header: tuple[str, ...] = HEADER) -> list[str]:
    return [str(one) for one in plan_import(round, csv_bytes(header, rows), "signups.csv").problems]


def test_a_file_is_looked_at_before_it_is_written(staff: Client, round: Round) -> None:
    page = upload(staff, round, SCHOOL, ACADEMY)
    assert "2 rows, 2 of them new sign-ups." in page.content.decode()
    assert not SignUp.objects.exists()

    assert "Imported: 2 new sign-ups, 0 updated." in confirm(staff, round).content.decode()
    school = SignUp.objects.get(organization__name="Alder Elementary")
    assert (school.state, school.source, school.languages) == (SignUpState.SUBMITTED, Source.FILE, ["es"])
    chosen = school.choices.values_list("side", "topic__code", "importance")
    assert set(chosen) == {("need", "attendance", 3), ("need", "writing", 1), ("strength", "science", 2)}
    assert [ranked.area.code for ranked in school.ranked_areas.all()] == ["literacy", "steam"]
    assert Entry.objects.get(verb="sign-ups imported").details == {"new": 2, "updated": 0}


def test_a_file_that_nobody_confirms_does_not_stay_in_the_session(staff: Client, round: Round) -> None:
    kept = f"formation_import_{round.pk}"
    upload(staff, round, SCHOOL)
    assert kept in staff.session
    staff.get(reverse("formation:import", args=[round.pk]))
    assert kept not in staff.session


def test_the_same_file_again_makes_no_doubles_and_an_empty_cell_changes_nothing(staff: Client, round: Round) -> None:
    for rows in ((SCHOOL, ACADEMY), (SCHOOL, (*ACADEMY[:8], ""))):
        upload(staff, round, *rows)
        confirm(staff, round)
    assert SignUp.objects.count() == 2
    assert SignUp.objects.get(organization__name="Alder Academy").goals == "Read more"


def test_the_preview_says_what_an_update_would_change(home: Tenant, staff: Client, round: Round) -> None:
    upload(staff, round, SCHOOL, ACADEMY)
    confirm(staff, round)
    said = upload(staff, round, SCHOOL, (*ACADEMY[:8], "Read much more")).content.decode()
    assert "Nothing changes" in said
    assert "Update: Goals" in said


def test_one_wrong_row_keeps_the_whole_file_out_and_every_problem_has_its_place(
    home: Tenant, staff: Client, round: Round
) -> None:
    wrong = (
        ("", "Nowhere School", "district", "steam", "", "", "", "", ""),
        ("", "Alder Academy", "charter", "steam", "atendance", "", "Klingon", "much", ""),
        ("", "Alder Academy", "charter", "steam", "", "", "", "", ""),
    )
    page = upload(staff, round, SCHOOL, *wrong)
    assert "Nothing was imported" in page.content.decode()
    confirm(staff, round)
    assert not SignUp.objects.exists()

    found = problems(home, round, SCHOOL, *wrong)
    for expected in (
        "signups.csv, row 3, column “name”: “Nowhere School” is not in the directory.",
        "signups.csv, row 4, column “needs”: “atendance” is not in the list",
        "signups.csv, row 4, column “languages”: “Klingon” is not a language",
        "signups.csv, row 4, column “capacity”: “much” is not known. Use low, medium, high, very_high.",
        "signups.csv, row 5, column “name”: Alder Academy is already in row 4.",
    ):
        assert [one for one in found if one.startswith(expected)], found
    assert len(found) == 5


def test_two_organizations_of_one_name_are_told_apart_by_lea_or_id(home: Tenant, round: Round) -> None:
    Organization.objects.create(kind="school", sector="district", name="Alder Academy", parent=home.district)
    named = ("", "Alder Academy", "charter", "steam", "", "", "", "", "")
    assert ["could be" in one for one in problems(home, round, named)] == [True]
    assert problems(home, round, ACADEMY) == []
    assert problems(home, round, (*named, home.charter.name), header=(*HEADER, "lea")) == []


def test_who_withdrew_is_not_signed_up_again_by_a_file(home: Tenant, round: Round) -> None:
    make_signup(round, home.school, state=SignUpState.WITHDRAWN)
    assert ["Alder Elementary has withdrawn." in one for one in problems(home, round, SCHOOL)] == [True]


def test_a_closed_school_is_refused_with_the_reason(home: Tenant, round: Round) -> None:
    Organization.objects.filter(pk=home.school.pk).update(status="closed")
    assert ["is closed in the directory" in one for one in problems(home, round, SCHOOL)] == [True]


def test_an_unknown_column_is_named(home: Tenant, round: Round) -> None:
    assert [
        "Did you mean “strengths”?" in one
        for one in problems(home, round, SCHOOL, header=(*HEADER[:5], "strenghts", *HEADER[6:]))
    ] == [True]


def test_a_file_that_no_longer_fits_when_it_is_confirmed_is_refused(home: Tenant, staff: Client, round: Round) -> None:
    upload(staff, round, SCHOOL)
    Organization.objects.filter(pk=home.school.pk).update(status="closed")
    assert "has changed since the preview" in confirm(staff, round).content.decode()
    assert not SignUp.objects.exists()
    assert "There is no file to import any more." in confirm(staff, round).content.decode()


def test_a_spreadsheet_is_read_like_a_text_file(home: Tenant, round: Round) -> None:
    data = xlsx_bytes({"sign-ups": (HEADER, [SCHOOL, ACADEMY])})
    plan = plan_import(round, data, "signups.xlsx")
    assert (plan.problems, len(plan.rows)) == ((), 2)


def test_a_file_that_is_no_table_is_refused(home: Tenant, round: Round) -> None:
    (problem,) = plan_import(round, b"%PDF-1.7 not a table", "signups.csv").problems
    assert "looks like a PDF document" in str(problem)


def test_past_partners_of_a_file_are_read_only_by_staff(home: Tenant, staff: Client, round: Round) -> None:
    header = (*HEADER, "worked_badly_with")
    upload(staff, round, (*SCHOOL, "Alder Academy"), (*ACADEMY, ""), header=header)
    confirm(staff, round)
    relation = PastRelation.objects.get()
    assert (relation.other, relation.outcome, relation.author) == (home.charter_school, "bad", None)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_export_can_be_imported_again(home: Tenant, staff: Client, round: Round, form: str) -> None:
    upload(staff, round, SCHOOL, ACADEMY)
    confirm(staff, round)
    data = staff.get(reverse("formation:export", args=[round.pk, form])).content

    plan = plan_import(round, data, f"export.{form}")
    assert (plan.problems, len(plan.rows)) == ((), 2)
    assert {one.organization for one in plan.rows} == {home.school, home.charter_school}
    assert Entry.objects.get(verb="sign-ups exported").details == {"form": form}


def test_the_export_holds_what_was_submitted_and_a_second_sheet_the_rest(
    home: Tenant, staff: Client, round: Round
) -> None:
    make_signup(round, home.school)  # only begun
    lines = staff.get(reverse("formation:export", args=[round.pk, "csv"])).content.decode("utf-8-sig").splitlines()
    assert len(lines) == 1
    data = staff.get(reverse("formation:export", args=[round.pk, "xlsx"])).content
    answers = openpyxl.load_workbook(io.BytesIO(data))["answers"]
    assert [row[1].value for row in answers.iter_rows(min_row=2)] == [home.school.name]


def test_the_export_runs_nothing_and_tells_nothing_about_others(home: Tenant, staff: Client, round: Round) -> None:
    Organization.objects.filter(pk=home.school.pk).update(name='=HYPERLINK("http://bad.example")')
    signup = make_submitted(round, home.school)
    PastRelation.objects.create(signup=signup, other=home.charter_school, outcome="bad", note="They left early")
    said = staff.get(reverse("formation:export", args=[round.pk, "csv"])).content.decode("utf-8-sig")
    assert "\"'=HYPERLINK" in said
    assert "They left early" not in said
    assert home.charter_school.name not in said


def test_goals_own_words_and_states_are_on_the_second_sheet(home: Tenant, staff: Client, round: Round) -> None:
    signup = make_submitted(round, home.school, goals="Read more")
    TopicChoice.objects.create(signup=signup, side=Side.NEED, words="Our garden")
    data = staff.get(reverse("formation:export", args=[round.pk, "xlsx"])).content
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True)
    names, values = book["answers"].iter_rows(values_only=True)
    said = dict(zip(names, values, strict=True))
    assert (said["goals"], said["state"], said["own_words"]) == ("Read more", "submitted", "need: Our garden")
    book.close()


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_example_file_is_one_that_can_be_read(staff: Client, round: Round, form: str) -> None:
    data = staff.get(reverse("formation:example", args=[round.pk, form])).content
    table = read_table(data, name=f"example.{form}")
    own = {"goals", "capacity", "head_name", "head_email", "coordinator_name", "coordinator_email"}
    plan = plan_import(round, data, "example.csv")
    assert own < set(table.header)
    # Everything in it is right except that the two schools are not in the directory.
    assert {problem.code for problem in plan.problems} == {"unknown_organization"}


def test_the_command_line_reads_the_export_as_it_is(home: Tenant, staff: Client, round: Round) -> None:
    make_submitted(round, home.school)
    table = read_table(staff.get(reverse("formation:export", args=[round.pk, "csv"])).content, name="export.csv")
    read = read_schools(table, need_area=False)
    assert read.problems == ()
    assert [member.name for member in read.members] == ["Alder Elementary"]


def test_staff_type_in_a_paper_form_also_after_the_deadline(home: Tenant, staff: Client, round: Round) -> None:
    round_actions.advance(round, to=RoundState.CLOSED, by=home.people[Role.AGENCY_STAFF])
    url = reverse("formation:paper", args=[round.pk])
    assert "is not in the directory" in staff.post(url, {"organization": "Alder Elementry"}).content.decode()

    staff.post(url, {"organization": "Alder Elementary"})
    signup = SignUp.objects.get()
    staff.post(reverse("formation:step", args=[signup.pk, "goals"]), {"goals": "As it stands on paper"})

    signup.refresh_from_db()
    assert (signup.source, signup.goals) == (Source.PAPER, "As it stands on paper")


def test_thousands_of_rows_ask_the_database_a_fixed_number_of_times(
    home: Tenant, round: Round, django_assert_max_num_queries: Any
) -> None:
    rows = []
    for number in range(60):
        school = Organization.objects.create(
            kind="school",
            sector="district",
            name=f"School {number}",
            parent=home.district,
            nces_id=f"0611111{number:05}",
        )
        rows.append((school.nces_id or "", school.name, "district", "steam", "", "", "", "", ""))
    with django_assert_max_num_queries(14):
        assert plan_import(round, csv_bytes(HEADER, rows), "signups.csv").problems == ()


def test_a_merged_topic_is_not_offered_to_a_file(home: Tenant, round: Round) -> None:
    Topic.objects.filter(agency=home.agency, code="attendance").update(retired=True)
    assert ["“Attendance” is not in the list" in one for one in problems(home, round, SCHOOL)] == [True]
    assert timezone.localdate() <= round.closes_on
