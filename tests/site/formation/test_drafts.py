"""Changing a proposal by hand: shown before it is done, audited, undone, and never a rank of members."""

from collections.abc import Callable
from pathlib import Path
from string import Formatter

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse
from django.utils import translation

from commonground.engines.formation import SENTENCES as ENGINE
from commonground.engines.formation.map import MAP_CSS
from commonground.site.audit.models import Entry
from commonground.site.directory.models import Organization, Person
from commonground.site.directory.models.organization import Kind, Sector
from commonground.site.directory.roles import Role
from commonground.site.formation import plan as plans
from commonground.site.formation.actions import drafts as actions
from commonground.site.formation.actions import searches
from commonground.site.formation.models import Draft, TopicChoice, Version
from commonground.site.formation.models.choices import SignUpState
from commonground.site.formation.models.proposals import How
from commonground.site.formation.models.stages import RefusedError
from commonground.site.formation.plan import Planned
from commonground.site.formation.queries.basis import basis_of, fingerprint
from commonground.site.formation.queries.destinations import _all_exchanges, destinations
from commonground.site.formation.queries.drafts import Table, wished
from commonground.site.formation.queries.maps import map_of
from commonground.site.formation.queries.sentences import SENTENCES
from tests.site.conftest import Tenant
from tests.site.formation.factories import make_proposal, make_submitted
from tests.site.formation.test_searching import county

Browser = Callable[[Person | None], Client]


@pytest.fixture
def draft(home: Tenant) -> Draft:
    """One group of the tenant's two schools, and two more schools without a group."""
    made = make_proposal(home, share_area=False)
    for k, (sector, parent) in enumerate(((Sector.DISTRICT, home.district), (Sector.CHARTER, home.charter))):
        school = Organization.objects.create(
            kind=Kind.SCHOOL, name=f"Extra {k + 1}", sector=sector, parent=parent, latitude=37.1, longitude=-120.0
        )
        make_submitted(made.round, school)
    return made


def version(draft: Draft) -> Version:
    draft.refresh_from_db()
    assert draft.current is not None
    return draft.current


def extra(number: int) -> str:
    return str(Organization.objects.get(name=f"Extra {number}").pk)


def test_the_change_in_score_and_the_broken_rules_are_shown_before_anything_is_done(
    home: Tenant, draft: Draft, signed_in: Browser
) -> None:
    browser = signed_in(home.people[Role.AGENCY_STAFF])
    url = reverse("formation:move", args=[draft.pk])
    member = str(home.school.pk)
    listed = browser.get(url, {"member": member}).content.decode()
    assert "Change places with Extra 1 (no group)" in listed
    preview = browser.get(url, {"member": member, "to": "none"}).content.decode()
    assert "The score goes from" in preview
    assert "The group has fewer members (1) than the rule allows (2)." in preview
    assert "Do it although it breaks rules" in preview
    assert version(draft).number == 1


def test_a_move_is_done_audited_and_undone(home: Tenant, draft: Draft, signed_in: Browser) -> None:
    browser = signed_in(home.people[Role.AGENCY_STAFF])
    before = version(draft)
    member = str(home.school.pk)
    moved = {"member": member, "swap": extra(1), "seen": str(before.number)}
    page = browser.post(reverse("formation:move", args=[draft.pk]), moved, follow=True)
    assert "You can undo it" in page.content.decode()
    after = version(draft)
    assert (after.how, after.number, after.parent) == (How.SWAPPED, 2, before)
    assert plans.home_of(plans.from_json(after.groups), member) is None
    entry = Entry.objects.get(verb="member moved")
    assert entry.details["change"] == pytest.approx(after.score - before.score)
    browser.post(reverse("formation:change_draft", args=[draft.pk]), {"act": "undo", "seen": "2"})
    assert version(draft) == before
    assert draft.versions.count() == 2
    with pytest.raises(RefusedError, match="nothing to undo"):
        actions.undo(draft, by=home.people[Role.AGENCY_STAFF], seen=1)


def test_two_colleagues_do_not_undo_each_others_work(home: Tenant, draft: Draft, signed_in: Browser) -> None:
    browser = signed_in(home.people[Role.AGENCY_STAFF])
    url = reverse("formation:change_draft", args=[draft.pk])
    browser.post(url, {"act": "keep", "group": "1", "seen": "1"})
    page = browser.post(url, {"act": "must", "member": extra(1), "seen": "1"}, follow=True)
    assert "Somebody changed this proposal" in page.content.decode()
    assert version(draft).wishes["placed"] == []


def test_decisions_become_rules_of_the_next_search(home: Tenant, draft: Draft, signed_in: Browser) -> None:
    browser = signed_in(home.people[Role.AGENCY_STAFF])
    url = reverse("formation:change_draft", args=[draft.pk])
    both = [str(home.school.pk), str(home.charter_school.pk)]
    browser.post(url, {"act": "pin", "member": both, "seen": "1"})
    browser.post(url, {"act": "apart", "member": [both[0], extra(2)], "seen": "2"})
    browser.post(url, {"act": "must", "member": extra(1), "seen": "3"})
    browser.post(url, {"act": "keep", "group": "1", "seen": "4"})
    now, table = version(draft), Table(draft.round)
    rules = wished(table.rules, now.wishes, table.plan(now), table.ids)
    assert rules.together == (frozenset(both),)
    assert frozenset({both[0], extra(2)}) in rules.forbidden
    assert rules.must_place == {extra(1)}
    assert [group.members for group in rules.fixed] == [tuple(both)]
    search = searches.start(draft.round, by=home.people[Role.AGENCY_STAFF], seconds=5, base=now)
    assert searches.order_of(search, table).rules == rules
    page = browser.get(draft.get_absolute_url()).content.decode()
    assert "Kept as it is" in page and "Set apart by staff" in page


@pytest.mark.parametrize(
    ("act", "members", "why"),
    [("pin", 1, "at least two members"), ("apart", 1, "exactly two members"), ("nonsense", 2, "Proposal 1")],
)
def test_half_a_decision_is_refused_with_the_reason(
    home: Tenant, draft: Draft, signed_in: Browser, act: str, members: int, why: str
) -> None:
    both = [str(home.school.pk), str(home.charter_school.pk)]
    data = {"act": act, "member": both[:members], "seen": "1"}
    url = reverse("formation:change_draft", args=[draft.pk])
    page = signed_in(home.people[Role.AGENCY_STAFF]).post(url, data, follow=True)
    assert why in page.content.decode()
    assert version(draft).number == 1


def test_notes_are_kept_and_too_long_ones_refused(home: Tenant, draft: Draft, signed_in: Browser) -> None:
    browser = signed_in(home.people[Role.AGENCY_STAFF])
    url = reverse("formation:change_draft", args=[draft.pk])
    assert (
        "Call Alder first"
        in browser.post(url, {"act": "note", "text": "Call Alder first"}, follow=True).content.decode()
    )
    browser.post(url, {"act": "note", "text": ""})
    assert draft.notes.count() == 1


def test_a_withdrawn_member_is_named_and_the_page_still_works(home: Tenant, draft: Draft, signed_in: Browser) -> None:
    draft.round.signups.filter(organization=home.school).update(state=SignUpState.WITHDRAWN)
    page = signed_in(home.people[Role.AGENCY_STAFF]).get(draft.get_absolute_url()).content.decode()
    assert "Sign-ups or rules have changed" in page
    assert "Alder Elementary" in page


def test_a_sign_up_that_cannot_be_read_is_said_instead_of_an_error_page(
    home: Tenant, draft: Draft, signed_in: Browser
) -> None:
    Organization.objects.filter(name="Extra 1").update(latitude=None, longitude=None)
    page = signed_in(home.people[Role.AGENCY_STAFF]).get(draft.get_absolute_url(), follow=True).content.decode()
    assert "Extra 1 has no place" in page


def test_proposals_stand_side_by_side(home: Tenant, draft: Draft, signed_in: Browser) -> None:
    second = Draft.objects.create(round=draft.round, number=2)
    first = version(draft)
    groups = [{"id": 1, "members": [str(home.school.pk), extra(2)], "area": "literacy"}]
    searches.add_version(second, how=How.SEARCHED, groups=groups, wishes=first.wishes, score=1.0, inputs=first.inputs)
    page = signed_in(home.people[Role.AGENCY_STAFF]).get(reverse("formation:compare", args=[draft.round_id]))
    text = page.content.decode()
    assert "Proposal 1" in text and "Proposal 2" in text
    assert "Only members whose partners differ" in text


def test_every_destination_says_what_it_would_do(home: Tenant, draft: Draft) -> None:
    table, now = Table(draft.round), version(draft)
    found = destinations(table, now, extra(1))
    assert [each.to.number for each in found if each.to and not each.swap] == [1]
    plan = table.plan(now)
    for each in found:
        if each.swap:
            after = plans.swapped(plan, extra(1), each.swap.id)
        else:
            after = plans.moved(plan, extra(1), each.to.number if each.to else None)
        assert each.change == pytest.approx(table.score(after) - table.score(plan))


def test_the_points_of_an_exchange_are_those_that_the_score_would_change_by(home: Tenant) -> None:
    round = county(home, size=10)
    table = Table(round)
    members = [member.id for member in table.market.members]
    plan = tuple(Planned(k, tuple(members[3 * k : 3 * k + 3]), None) for k in range(3))
    found = list(_all_exchanges(table, plan, plan[0], members[1]))
    assert {other for _points, _there, other in found} == set(members[3:])
    for points, _there, other in found:
        after = plans.swapped(plan, members[1], other)
        assert points == pytest.approx(table.score(after) - table.score(plan))


def test_a_member_can_be_moved_to_an_area_that_it_did_not_choose_and_the_rule_is_named(
    home: Tenant, signed_in: Browser
) -> None:
    draft = make_proposal(home)
    area = draft.round.areas.get()
    school = Organization.objects.create(
        kind=Kind.SCHOOL, name="Elsewhere", sector=Sector.CHARTER, parent=home.charter, latitude=37.1, longitude=-120.0
    )
    make_submitted(draft.round, school)  # ranks nothing
    browser = signed_in(home.people[Role.AGENCY_STAFF])
    url, asked = reverse("formation:move", args=[draft.pk]), {"member": str(school.pk), "to": "1"}
    assert f"Elsewhere did not choose {area}." in browser.get(url, asked).content.decode()
    browser.post(url, asked | {"seen": "1"})
    assert str(school.pk) in version(draft).groups[0]["members"]


def test_what_is_kept_of_a_round_follows_every_change_of_its_rows(draft: Draft) -> None:
    before = basis_of(draft.round)
    assert basis_of(draft.round) is before
    Organization.objects.filter(name="Extra 1").update(enrollment=77)
    assert basis_of(draft.round).members[extra(1)].enrollment == 77
    TopicChoice.objects.filter(signup__round=draft.round).delete()
    assert all(not member.needs for member in basis_of(draft.round).market.members)


def test_the_fingerprint_changes_with_sign_ups_and_rules_and_with_nothing_else(draft: Draft) -> None:
    table = Table(draft.round)
    assert table.fingerprint == Table(draft.round).fingerprint == fingerprint(table.market, table.rules)
    draft.round.travel_limit_km = 59
    draft.round.save()
    assert Table(draft.round).fingerprint != table.fingerprint


def test_numbers_stay_with_the_groups_that_they_share_most_members_with() -> None:
    before = (Planned(4, ("a", "b", "c"), None), Planned(9, ("d", "e"), "x"))
    found = [
        Planned(0, ("d", "e", "f"), "x").group,
        Planned(0, ("a", "b"), None).group,
        Planned(0, ("g", "h"), None).group,
    ]
    assert [(each.number, each.members) for each in plans.numbered(found, before)] == [
        (4, ("a", "b")),
        (9, ("d", "e", "f")),
        (10, ("g", "h")),
    ]


def test_moving_and_swapping_leave_the_old_plan_alone() -> None:
    plan = (Planned(1, ("a", "b"), None), Planned(2, ("c",), None))
    assert plans.moved(plan, "c", 1) == (Planned(1, ("a", "b", "c"), None),)
    assert plans.swapped(plan, "a", "c") == (Planned(1, ("c", "b"), None), Planned(2, ("a",), None))
    assert plans.swapped(plan, "a", "z") == (Planned(1, ("z", "b"), None), Planned(2, ("c",), None))
    assert plan == (Planned(1, ("a", "b"), None), Planned(2, ("c",), None))


def test_the_page_styles_the_map_as_the_engine_draws_it() -> None:
    style = finders.find("formation/proposals.css")
    assert style and MAP_CSS in Path(style).read_text(encoding="utf-8")


def test_the_map_has_no_inline_style_and_says_itself_in_words(home: Tenant, draft: Draft) -> None:
    table = Table(draft.round)
    drawn = map_of(table, table.plan(version(draft)))
    assert "style" not in drawn
    assert "4 members in 1 groups" in drawn or "2 members in 1 groups" in drawn


def test_the_sites_sentences_use_what_the_engine_says_and_nothing_else() -> None:
    def blanks(text: str) -> set[str]:
        return {name for _text, name, _spec, _conversion in Formatter().parse(text) if name}

    for code, sentence in SENTENCES.items():
        for language in ("en", "es"):
            with translation.override(language):
                assert blanks(str(sentence)) <= blanks(ENGINE[code]), code
