"""Signing up, as leaders and coordinators do it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from commonground.site.audit.models import Entry
from commonground.site.directory.models import Organization, Person
from commonground.site.directory.roles import Role
from commonground.site.formation.actions import rounds as round_actions
from commonground.site.formation.actions import signups as actions
from commonground.site.formation.actions.topics import ensure_standard
from commonground.site.formation.models import PastRelation, Round, SignUp, Topic
from commonground.site.formation.models.choices import Outcome, RoundState, SignUpState
from commonground.site.formation.models.signups import READINESS
from commonground.site.formation.models.stages import RefusedError
from commonground.site.formation.queries.completeness import missing
from commonground.site.formation.queries.describe import who_may_join
from commonground.site.formation.queries.eligibility import why_not
from tests.site.conftest import Tenant, appoint
from tests.site.formation.factories import make_round, make_signup, make_submitted

Browser = Callable[[Person | None], Client]


@pytest.fixture
def round(home: Tenant) -> Round:
    ensure_standard(home.agency)
    draft = make_round(home.agency, state=RoundState.DRAFT)
    staff = home.people[Role.AGENCY_STAFF]
    round_actions.replace_areas(draft, by=staff, areas=[{"name_en": "Literacy"}, {"name_en": "STEAM"}])
    return round_actions.advance(draft, to=RoundState.OPEN, by=staff)


def typed(round: Round) -> dict[str, dict[str, str | list[str]]]:
    """What somebody types on each page."""
    topic = {one.code: one.pk for one in Topic.objects.filter(agency=round.agency)}
    area = {one.code: one.pk for one in round.areas.all()}
    return {
        "needs": {f"topic_{topic['attendance']}": "3", f"topic_{topic['writing']}": "1", "words_1": "Shared garden"},
        "strengths": {f"topic_{topic['science']}": "2"},
        "goals": {"goals": "Fewer students miss many days."},
        "areas": {"choice_1": str(area["steam"]), "choice_2": str(area["literacy"])},
        "setting": {"grade_bands": ["elementary"], "languages": ["en", "es"]},
        "past": {},
        "practical": {"capacity": "medium", "travel_limit_km": "25", **{f"ready_{key}": "2" for key in READINESS}},
        "team": {"name_1": "Ana Ruiz", "job_1": "Principal", "name_2": "Lee Park", "coordinator": "2"},
    }


def fill(client: Client, signup: SignUp) -> None:
    for key, answers in typed(signup.round).items():
        response = client.post(reverse("formation:step", args=[signup.pk, key]), answers)
        assert response.status_code == 302, (key, response.context["form"].errors)


def test_a_leader_walks_through_all_pages_and_submits(home: Tenant, round: Round, signed_in: Browser) -> None:
    client = signed_in(home.people[Role.LEA_LEADER])
    start = client.post(reverse("formation:join", args=[round.pk]), {"organization": home.school.pk})
    signup = SignUp.objects.get(round=round, organization=home.school)
    assert start["Location"] == reverse("formation:step", args=[signup.pk, "needs"])

    fill(client, signup)
    client.post(reverse("formation:submit", args=[signup.pk]))

    signup.refresh_from_db()
    assert signup.state == SignUpState.SUBMITTED
    assert [str(choice) for choice in signup.choices.filter(side="need")] == ["Attendance", "Shared garden", "Writing"]
    assert [ranked.area.name for ranked in signup.ranked_areas.all()] == ["STEAM", "Literacy"]
    assert [(member.name, member.is_head, member.is_coordinator) for member in signup.team.all()] == [
        ("Ana Ruiz", True, False),
        ("Lee Park", False, True),
    ]
    assert signup.readiness_score == pytest.approx(2 / 3)


def test_each_page_shows_again_what_was_answered(home: Tenant, round: Round, signed_in: Browser) -> None:
    client = signed_in(home.people[Role.LEA_LEADER])
    signup = make_signup(round, home.school)
    fill(client, signup)

    for key, answers in typed(round).items():
        form = client.get(reverse("formation:step", args=[signup.pk, key])).context["form"]
        shown = {name: form[name].value() for name in answers}
        said = {name: value if isinstance(value, list) else str(value) for name, value in shown.items()}
        assert said == answers


def test_a_receipt_goes_to_the_leader_once_however_often_the_button_is_pressed(
    home: Tenant, round: Round, signed_in: Browser, django_capture_on_commit_callbacks: Callable[..., object]
) -> None:
    client = signed_in(home.people[Role.LEA_LEADER])
    signup = make_signup(round, home.school)
    fill(client, signup)

    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("formation:submit", args=[signup.pk]))
        client.post(reverse("formation:submit", args=[signup.pk]))

    assert [(message.to, message.subject) for message in mail.outbox] == [
        ([home.people[Role.LEA_LEADER].email], "Alder Elementary is signed up for Learning together")
    ]
    assert Entry.objects.filter(verb="sign-up submitted").count() == 1


def test_two_clicks_make_one_sign_up(home: Tenant, round: Round, signed_in: Browser) -> None:
    client = signed_in(home.people[Role.LEA_LEADER])
    for _click in range(2):
        client.post(reverse("formation:join", args=[round.pk]), {"organization": home.school.pk})
    assert SignUp.objects.filter(round=round).count() == 1


def test_nobody_signs_up_an_organization_of_another_lea(home: Tenant, round: Round, signed_in: Browser) -> None:
    client = signed_in(home.people[Role.LEA_LEADER])
    client.post(reverse("formation:join", args=[round.pk]), {"organization": home.charter_school.pk})
    client.post(reverse("formation:join", args=[round.pk]), {"organization": "nonsense"})
    assert not SignUp.objects.exists()


def test_a_wrong_answer_keeps_everything_typed_and_says_what_to_do(
    home: Tenant, round: Round, signed_in: Browser
) -> None:
    client = signed_in(home.people[Role.LEA_LEADER])
    signup = make_signup(round, home.school)
    area = round.areas.first()
    assert area
    page = client.post(
        reverse("formation:step", args=[signup.pk, "areas"]), {"choice_1": str(area.pk), "choice_2": str(area.pk)}
    )
    assert "“Literacy” is already one of your choices." in page.content.decode()

    page = client.post(
        reverse("formation:step", args=[signup.pk, "team"]),
        {"name_1": "Ana Ruiz", "email_1": "ana at school", "coordinator": "3"},
    )
    assert page.context["form"]["email_1"].value() == "ana at school"
    assert "“Member 3” coordinates, but has no name." in page.content.decode()


def test_saving_for_later_asks_for_nothing_more(home: Tenant, round: Round, signed_in: Browser) -> None:
    client = signed_in(home.people[Role.LEA_LEADER])
    signup = make_signup(round, home.school)

    client.post(reverse("formation:step", args=[signup.pk, "team"]), {"name_2": "Lee Park", "later": "1"})

    signup.refresh_from_db()
    assert [member.name for member in signup.team.all()] == ["Lee Park"]
    assert not signup.done
    form = client.get(reverse("formation:step", args=[signup.pk, "team"])).context["form"]
    assert (form["name_1"].value(), form["name_2"].value()) == (None, "Lee Park")  # nobody slips into the head's place


def test_what_was_typed_survives_the_end_of_the_session(home: Tenant, round: Round, signed_in: Browser) -> None:
    leader = home.people[Role.LEA_LEADER]
    signup = make_signup(round, home.school)
    client = signed_in(None)
    url = reverse("formation:step", args=[signup.pk, "goals"])

    response = client.post(url, {"goals": "Everybody reads."})
    assert response["Location"] == f"/account/login/?next={url}"
    client.force_login(leader, backend="allauth.account.auth_backends.AuthenticationBackend")
    page = client.get(url)

    assert page.context["form"]["goals"].value() == "Everybody reads."
    assert "We kept what you typed" in page.content.decode()
    assert client.get(url).context["form"]["goals"].value() == ""  # given once, and not saved by looking


def test_what_was_typed_is_not_shown_to_somebody_else(home: Tenant, elsewhere: Tenant, round: Round) -> None:
    signup = make_signup(round, home.school)
    client = Client()
    url = reverse("formation:step", args=[signup.pk, "goals"])
    client.post(url, {"goals": "Everybody reads."})
    client.force_login(elsewhere.people[Role.LEA_LEADER], backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get(url).status_code == 404


def test_a_coordinator_prepares_and_only_the_leader_submits(
    home: Tenant, round: Round, signed_in: Browser, django_capture_on_commit_callbacks: Callable[..., object]
) -> None:
    coordinator = signed_in(home.people[Role.COORDINATOR])
    signup = make_signup(round, home.school)
    fill(coordinator, signup)
    assert coordinator.post(reverse("formation:submit", args=[signup.pk])).status_code == 404

    with django_capture_on_commit_callbacks(execute=True):
        coordinator.post(reverse("formation:hand_over", args=[signup.pk]))
    assert [message.subject for message in mail.outbox] == ["The sign-up of Alder Elementary waits for you"]

    actions.submit(signup, by=home.people[Role.LEA_LEADER])
    coordinator.post(
        reverse("formation:step", args=[signup.pk, "goals"]), {"goals": "Changed behind the leader's back"}
    )
    signup.refresh_from_db()
    assert signup.goals == "Fewer students miss many days."


def test_a_successor_finds_the_sign_up_and_the_predecessor_does_not(
    home: Tenant, round: Round, signed_in: Browser
) -> None:
    leader = home.people[Role.LEA_LEADER]
    signup = make_signup(round, home.school)
    term = leader.terms.get()
    term.ends = timezone.localdate()
    term.save()
    successor = appoint(home.district, Role.LEA_LEADER, "Nia Successor", title="Superintendent")

    assert signed_in(successor).get(signup.get_absolute_url()).status_code == 200
    assert signed_in(Person.objects.get(pk=leader.pk)).get(signup.get_absolute_url()).status_code == 404


def test_remarks_about_others_are_read_only_by_their_author_and_staff(
    home: Tenant, round: Round, signed_in: Browser
) -> None:
    leader, coordinator = home.people[Role.LEA_LEADER], home.people[Role.COORDINATOR]
    signup = make_signup(round, home.school)
    url = reverse("formation:step", args=[signup.pk, "past"])
    said = {"other_1": f"Alder Academy #{home.charter_school.pk}", "outcome_1": "bad", "note_1": "They left early"}
    signed_in(leader).post(url, said)

    def sees(person: Person) -> bool:
        return "They left early" in signed_in(person).get(signup.get_absolute_url()).content.decode()

    assert sees(leader)
    assert sees(home.people[Role.AGENCY_STAFF])
    assert not sees(coordinator)
    assert signed_in(coordinator).get(url).context["form"]["other_1"].value() is None

    signed_in(coordinator).post(url, {"other_1": "Alder Academy", "outcome_1": "good"})
    said_so = PastRelation.objects.filter(signup=signup).values_list("author", "outcome")
    assert set(said_so) == {(leader.pk, Outcome.BAD), (coordinator.pk, Outcome.GOOD)}


def test_an_unknown_partner_is_refused_with_the_next_step(home: Tenant, round: Round, signed_in: Browser) -> None:
    signup = make_signup(round, home.school)
    url = reverse("formation:step", args=[signup.pk, "past"])
    page = signed_in(home.people[Role.LEA_LEADER]).post(url, {"other_1": "Alder Acadamy", "outcome_1": "good"})
    assert "“Alder Acadamy” is not in the directory." in page.content.decode()


def test_suggestions_are_sent_once_for_all_past_partners(home: Tenant, round: Round, signed_in: Browser) -> None:
    signup = make_signup(round, home.school)
    page = signed_in(home.people[Role.LEA_LEADER]).get(reverse("formation:step", args=[signup.pk, "past"]))
    said = page.content.decode()
    assert said.count("<datalist") == 1
    assert said.count('list="id_other_1_list"') == 2
    assert f'value="Alder Academy, Alder Charter Network #{home.charter_school.pk}"' in said


def test_nothing_can_be_changed_after_the_deadline_except_by_staff(home: Tenant, round: Round) -> None:
    signup = make_signup(round, home.school)
    round.closes_on = timezone.localdate() - timedelta(days=1)
    round.save()
    signup.refresh_from_db()
    assert not actions.may_change(signup, home.people[Role.LEA_LEADER])
    assert actions.may_change(signup, home.people[Role.AGENCY_STAFF])
    with pytest.raises(RefusedError, match="Sign-up for this round has ended"):
        actions.submit(signup, by=home.people[Role.LEA_LEADER])


@pytest.mark.parametrize("state", [RoundState.OPEN, RoundState.CLOSED, RoundState.PROPOSALS])
def test_a_leader_leaves_after_the_deadline_and_staff_are_told_why(
    state: str, home: Tenant, round: Round, signed_in: Browser, mailoutbox: list[EmailMessage],
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    signup = make_submitted(round, home.school)
    Round.objects.update(state=state, closes_on=timezone.localdate() - timedelta(days=1))
    browser, url = signed_in(home.people[Role.LEA_LEADER]), reverse("formation:withdraw", args=[signup.pk])
    assert url in browser.get(signup.get_absolute_url()).text
    assert "you cannot come back by yourself" in browser.get(url).text
    with django_capture_on_commit_callbacks(execute=True):
        page = browser.post(url, {"reason": "A new principal"}, follow=True)
    assert "The host agency knows your reason." in page.text
    signup.refresh_from_db()
    assert signup.state == SignUpState.WITHDRAWN
    told = {address: str(mail.body) for mail in mailoutbox for address in mail.to}
    assert set(told) == {home.people[Role.LEA_LEADER].email, home.people[Role.AGENCY_STAFF].email}
    assert "A new principal" in told[home.people[Role.AGENCY_STAFF].email]
    assert "until the end of" not in told[home.people[Role.LEA_LEADER].email]


def test_staff_who_take_somebody_out_are_not_told_of_it(
    home: Tenant, round: Round, mailoutbox: list[EmailMessage], django_capture_on_commit_callbacks: Any
) -> None:
    signup = make_submitted(round, home.school)
    Round.objects.update(state=RoundState.CLOSED)
    with django_capture_on_commit_callbacks(execute=True):
        actions.withdraw(signup, by=home.people[Role.AGENCY_STAFF], reason="By phone")
    assert not mailoutbox


def test_when_the_round_is_over_a_leader_is_told_whom_to_write_to(home: Tenant, round: Round) -> None:
    signup = make_submitted(round, home.school)
    Round.objects.update(state=RoundState.FINISHED, contact="quads@alder.example")
    assert not actions.may_withdraw(SignUp.objects.get(), home.people[Role.LEA_LEADER])
    with pytest.raises(RefusedError, match=r"Write to quads@alder\.example"):
        actions.withdraw(signup, by=home.people[Role.LEA_LEADER], reason="No time")


def test_a_school_of_another_state_learns_which_rounds_are_for_it(home: Tenant, round: Round) -> None:
    home.school.state = "OR"
    assert "a round of an agency that serves OR" in why_not(round, home.school)
    assert "State: CA" in who_may_join(round)


def test_a_withdrawn_sign_up_can_be_taken_up_again_with_its_answers(
    home: Tenant, round: Round, signed_in: Browser
) -> None:
    client = signed_in(home.people[Role.LEA_LEADER])
    signup = make_signup(round, home.school)
    fill(client, signup)
    client.post(reverse("formation:withdraw", args=[signup.pk]), {"reason": "A new principal"})
    signup.refresh_from_db()
    assert (signup.state, signup.withdrawal_reason) == (SignUpState.WITHDRAWN, "A new principal")

    client.post(reverse("formation:join", args=[round.pk]), {"organization": home.school.pk})
    signup.refresh_from_db()
    assert (signup.state, signup.withdrawal_reason, missing(signup)) == (SignUpState.STARTED, "", [])


def test_answers_are_copied_to_other_schools_without_grades_team_and_remarks(
    home: Tenant, round: Round, signed_in: Browser
) -> None:
    client = signed_in(home.people[Role.LEA_LEADER])
    second = Organization.objects.create(
        kind="school", sector="district", name="Alder Middle", parent=home.district, low_grade="06", high_grade="08"
    )
    signup = make_signup(round, home.school)
    fill(client, signup)
    PastRelation.objects.create(signup=signup, other=home.charter, outcome=Outcome.BAD)

    client.post(reverse("formation:copy_answers", args=[signup.pk]), {"schools": [second.pk]})

    copy = SignUp.objects.get(organization=second)
    assert (copy.goals, copy.grade_bands) == ("Fewer students miss many days.", ["middle"])
    assert copy.choices.count() == 4
    assert not copy.team.exists()
    assert not copy.past_relations.exists()
    assert {gap.step for gap in missing(copy)} == {"team"}


def test_a_submitted_sign_up_cannot_lose_a_required_answer(home: Tenant, round: Round, signed_in: Browser) -> None:
    client = signed_in(home.people[Role.LEA_LEADER])
    signup = make_signup(round, home.school)
    fill(client, signup)
    client.post(reverse("formation:submit", args=[signup.pk]))

    page = client.post(reverse("formation:step", args=[signup.pk, "goals"]), {"goals": "", "later": "1"})

    assert "cannot lose a required answer" in page.content.decode()
    signup.refresh_from_db()
    assert signup.goals == "Fewer students miss many days."


def test_a_school_of_another_kind_cannot_join_and_hears_why(home: Tenant, round: Round) -> None:
    with pytest.raises(RefusedError, match="Alder Unified is not of the kind that this round is for"):
        actions.start(round, home.district, by=home.people[Role.LEA_LEADER])


def test_those_who_started_are_reminded_once_a_day(
    home: Tenant, round: Round, django_capture_on_commit_callbacks: Callable[..., object]
) -> None:
    make_signup(round, home.school, started_by=home.people[Role.COORDINATOR])
    staff = home.people[Role.AGENCY_STAFF]
    with django_capture_on_commit_callbacks(execute=True):
        assert actions.remind(round, by=staff) == 1
        assert actions.remind(round, by=staff) == 0
    assert sorted(to for message in mail.outbox for to in message.to) == sorted(
        home.people[role].email for role in (Role.LEA_LEADER, Role.COORDINATOR)
    )


def test_a_large_district_finds_a_school_by_name(home: Tenant, round: Round, signed_in: Browser) -> None:
    make = Organization.objects.create
    for number in range(40):
        make(kind="school", sector="district", name=f"School {number}", parent=home.district)
    client = signed_in(home.people[Role.LEA_LEADER])
    url = reverse("formation:join", args=[round.pk])

    page = client.get(url, {"page": "2"})
    assert len(page.context["page"].object_list) == 41 - 24
    assert [one.name for one, _signup in client.get(url, {"q": "school 39"}).context["page"].object_list] == [
        "School 39"
    ]
    assert "Nothing is called “Zebra”." in client.get(url, {"q": "Zebra"}).content.decode()


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_the_same_moment_make_one_sign_up(home: Tenant) -> None:
    round = make_round(home.agency)
    leader = home.people[Role.LEA_LEADER]
    together = Barrier(2, timeout=20)

    def click() -> int:
        try:
            together.wait()
            return actions.start(round, home.school, by=leader).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.submit(click), pool.submit(click)
        assert first.result() == second.result()
    assert SignUp.objects.count() == 1


def test_a_district_signs_itself_up_and_is_asked_for_no_focus_area(home: Tenant, signed_in: Browser) -> None:
    staff = home.people[Role.AGENCY_STAFF]
    today = timezone.localdate()
    draft = round_actions.create(
        by=staff,
        agency=home.agency,
        kind="districts",
        name="District partners",
        purpose="One problem of practice where all learn.",
        opens_on=today,
        closes_on=today + timedelta(days=20),
        decide_by=today + timedelta(days=40),
    )
    round = round_actions.advance(draft, to=RoundState.OPEN, by=staff)
    client = signed_in(home.people[Role.LEA_LEADER])
    client.post(reverse("formation:join", args=[round.pk]), {"organization": home.district.pk})
    signup = SignUp.objects.get(organization=home.district)

    assert client.get(reverse("formation:step", args=[signup.pk, "areas"])).status_code == 404
    team = client.get(reverse("formation:step", args=[signup.pk, "team"])).context["form"]
    assert team["job_1"].value() == "Superintendent or charter leader"
    assert "areas" not in {gap.step for gap in missing(signup)}
