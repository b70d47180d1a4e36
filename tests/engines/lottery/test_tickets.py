"""A lottery number depends on the seed and its own application, and anyone can compute it."""

import hashlib
import hmac

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonground.engines.lottery.model import Application, Choice, Market, Numbers, Program, Rules
from commonground.engines.lottery.sha256 import LANES, LONGEST, hmac_words, packed
from commonground.engines.lottery.tickets import Batch, Tickets, hexadecimal, number_of, turns

PROGRAMS = (Program("P", "S1", "9", 1), Program("Q", "S2", "9", 1))


def child(number: str, **more: object) -> Application:
    return Application(number, "9", (Choice("P"), Choice("Q")), **more)  # type: ignore[arg-type]


def drawn_numbers(children: list[Application], seed: str = "spring") -> dict[str, str]:
    tickets = Tickets.of(Market(PROGRAMS, tuple(children)))
    return dict(zip(tickets.names, map(hexadecimal, tickets.numbers(seed)), strict=True))


def test_a_number_is_the_hmac_sha256_of_the_seed_and_the_application() -> None:
    expected = hmac.new(b"spring", b"A1", hashlib.sha256).hexdigest()
    assert drawn_numbers([child("A1")]) == {"A1": expected}
    assert number_of("spring", child("A1")) == expected


def test_the_hmac_agrees_with_a_published_vector() -> None:
    """RFC 4231, test case 2."""
    number = hmac_words(b"Jefe", packed([b"what do ya want for nothing?"]), 1)[0]
    assert hexadecimal(number) == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"


@given(st.lists(st.binary(max_size=LONGEST), max_size=2 * LANES + 1), st.binary(max_size=64))
def test_many_at_once_equal_the_standard_library_one_by_one(messages: list[bytes], key: bytes) -> None:
    fast = hmac_words(key, packed(messages), len(messages))
    assert [hexadecimal(row) for row in fast] == [hmac.digest(key, message, "sha256").hex() for message in messages]


@given(st.text(min_size=1, max_size=90))
def test_long_numbers_and_long_seeds_follow_the_same_rule(text: str) -> None:
    number = text.replace("|", "/")
    expected = hmac.new(text.encode(), number.encode(), hashlib.sha256).hexdigest()
    assert drawn_numbers([child(number)], seed=text) == {number: expected}


def test_a_new_or_withdrawn_application_changes_nobodys_number() -> None:
    few = drawn_numbers([child("A1"), child("A3")])
    many = drawn_numbers([child("A2"), child("A3"), child("A1"), child("A4")])
    assert few.items() <= many.items()


def test_numbers_may_differ_by_school() -> None:
    market = Market(PROGRAMS, (child("A1"),), Rules(numbers=Numbers.PER_SCHOOL))
    numbers = [hexadecimal(row) for row in Tickets.of(market).numbers("spring")]
    assert numbers == [hmac.new(b"spring", text, hashlib.sha256).hexdigest() for text in (b"A1|S1", b"A1|S2")]
    assert numbers == [number_of("spring", market.applications[0], school) for school in ("S1", "S2")]


def test_linked_children_stand_side_by_side_and_have_numbers_of_their_own() -> None:
    crowd = [child(f"B{number}") for number in range(50)]
    twins = [child("A1", linked="twins"), child("A2", linked="twins")]
    numbers = drawn_numbers([twins[0], *crowd, twins[1]])
    line = sorted(numbers, key=lambda name: numbers[name])
    assert abs(line.index("A1") - line.index("A2")) == 1
    assert numbers["A1"][:48] == numbers["A2"][:48] == hmac.new(b"spring", b"|twins", hashlib.sha256).hexdigest()[:48]
    assert numbers["A1"][48:] == hmac.new(b"spring", b"A1", hashlib.sha256).hexdigest()[48:]
    assert numbers["A1"] == number_of("spring", twins[0])


def test_places_follow_the_numbers_from_the_left() -> None:
    tickets = Tickets.of(Market(PROGRAMS, tuple(child(f"A{number}") for number in range(200))))
    numbers = tickets.numbers("spring")
    places = turns(numbers, tickets.names)
    assert [int(place) for place in np.argsort(places)] == sorted(range(200), key=lambda at: hexadecimal(numbers[at]))


@given(st.permutations(range(6)))
def test_numbers_that_agree_at_first_are_told_apart_by_the_rest_and_equal_ones_by_name(order: list[int]) -> None:
    rows = np.zeros((6, 8), np.uint32)
    rows[:, 5] = [0, 0, 1, 1, 2, 3]
    names = "abcdef"
    places = turns(rows[list(order)], [names[at] for at in order])
    assert [names[order[at]] for at in np.argsort(places)] == list(names)


def test_a_message_that_does_not_fit_is_refused_by_the_packer_and_hashed_the_slow_way_by_a_batch() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        packed([b"x" * (LONGEST + 1)])
    assert Batch.of(["x" * (LONGEST + 1)]).blocks is None
