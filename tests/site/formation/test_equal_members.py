"""Peers, not pupils: what leaders read of a group puts nobody above anybody and calls nobody a giver or a taker.

`test_words.py` holds every sentence of the catalogs to this. Here the texts are put together: pages and mails as they arrive.
"""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.html import strip_tags

from commonground.engines.formation import SENTENCES
from commonground.site.directory.models import Person
from commonground.site.directory.roles import Role
from commonground.site.formation.actions import calendar, offers
from commonground.site.formation.models import Place
from commonground.site.ui import mail
from commonground.site.ui.models import Letter
from tests.site.conftest import Tenant, appoint
from tests.site.formation.factories import make_offer, place_of
from tests.site.formation.test_acceptance import waiting_school

Browser = Callable[[Person | None], Client]
RANKING = {
    "en": re.compile(
        r"\b(giv(er|ing)s?|tak(er|ing)s?|donors?|recipients?|helpers?|pupils?|mentors?|weak\w*|strong\w*|best|worst|rank\w*|"
        r"scor\w*|points?|lagging|behind|(better|worse) than)\b",
        re.I,
    ),
    "es": re.compile(
        r"\b(dador\w*|donante\w*|receptor\w*|ayudante\w*|alumn\w*|mentor\w*|débil\w*|fuert\w*|(mejor|peor)(es)? que|"
        r"clasifica\w*|puntua\w*|puntos?|atrasad\w*|por detrás)\b",
        re.I,
    ),
}


def text_of(page: str) -> str:
    main = page[page.index("<main") : page.index("</main")]
    return strip_tags(re.sub(r"<(script|style|svg).*?</\1>", "", main, flags=re.S))


@pytest.mark.parametrize("language", RANKING)
def test_a_proposal_shows_every_member_alike(language: str, home: Tenant, signed_in: Browser) -> None:
    leader = home.people[Role.LEA_LEADER]
    Person.objects.update(language=language)
    offer = make_offer(home)
    page = signed_in(leader).get(place_of(offer, home.school).get_absolute_url()).text
    assert not RANKING[language].search(text_of(page))
    cards = re.findall(r'<li class="usa-card">.*?</li>\s*(?=<li class="usa-card">|</ul>)', page, re.S)
    headings = [re.findall(r"<p><strong>([^<]*)</strong><br>[^<]", card)[-3:] for card in cards]
    assert len(headings) == 2
    assert (
        headings[0] == headings[1] and len(headings[0]) == 3
    )  # needs, strengths and goals, of each member, in this order


@pytest.mark.parametrize("language", RANKING)
def test_no_mail_about_a_group_ranks_its_members(language: str, home: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "order", lambda letter: None)  # the mails stay where they can be read
    charter_leader, leader = appoint(home.charter, Role.LEA_LEADER, "Cho Charter"), home.people[Role.LEA_LEADER]
    Person.objects.update(language=language)
    offer = make_offer(home)
    Place.objects.update(due_on=timezone.localdate() + timedelta(days=6), asked_at=timezone.now() - timedelta(days=3))
    calendar.remind()
    offers.accept(place_of(offer, home.charter_school), by=charter_leader)
    offers.decline(place_of(offer, home.school), by=leader, reason="No time")
    newcomer = waiting_school(home, offer)
    offers.refill(offer.round, by=home.people[Role.AGENCY_STAFF], joining={offer.pk: [str(newcomer.pk)]})
    offers.write(place_of(offer, newcomer), by=leader, text="When?", from_staff=False)
    offers.write(place_of(offer, newcomer), by=home.people[Role.AGENCY_STAFF], text="Soon.", from_staff=True)
    offers.accept(place_of(offer, newcomer), by=leader)
    sent = {letter.template.rsplit("/", 1)[-1]: f"{letter.subject}\n{letter.text}" for letter in Letter.objects.all()}
    assert len(sent) >= 8
    ranking = {template: found[0] for template, text in sent.items() if (found := RANKING[language].search(text))}
    assert not ranking


def test_no_reason_of_the_engine_calls_members_by_what_they_give_or_take() -> None:
    named = re.compile(
        r"\b(givers?|takers?|donors?|recipients?|helpers?|pupils?|mentors?|weak(er|est)?|strong(er|est)?)\b"
    )
    assert not {code: text for code, text in SENTENCES.items() if named.search(str(text))}
