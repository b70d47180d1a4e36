"""No sentence of the site ranks members or splits them into those who give and those who take."""

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

import commonground.site

CATALOGS = sorted(Path(commonground.site.__file__).parent.glob("**/locale/es/LC_MESSAGES/django.po"))
ENGLISH = re.compile(
    r"\b(givers?|takers?|(weaker|stronger|worse) (members?|partners?|schools?)|ranking of|leaderboard)\b", re.I
)
SPANISH = re.compile(r"\b(dadora?s?|donantes?|tomadora?s?|clasificación de (miembros|socios|escuelas))\b", re.I)


@pytest.mark.parametrize("catalog", CATALOGS, ids=lambda path: path.parents[3].name)
def test_no_sentence_ranks_members_or_calls_them_givers_and_takers(catalog: Path) -> None:
    with catalog.open("rb") as file:
        messages = [message for message in read_po(file) if message.id]
    assert messages
    for message in messages:
        english = message.id if isinstance(message.id, tuple) else (message.id,)
        spanish = message.string if isinstance(message.string, tuple) else (message.string,)
        assert not [text for text in english if ENGLISH.search(text)]
        assert not [text for text in spanish if text and SPANISH.search(text)]


def test_the_words_would_be_found() -> None:
    assert ENGLISH.search("A list of givers and takers") and SPANISH.search("quién es dador")
