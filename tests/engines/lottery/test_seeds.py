"""A seed is predictable by no one before and can be checked by anyone after."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from commonground.engines.lottery import beacon
from commonground.engines.lottery.beacon import QUICKNET, BeaconError, Chain
from commonground.engines.lottery.seeds import Seed, SeedError, commitment_of

ROUND = 657413
SIGNATURE = "b713718a38ae728dfd477991af2822e08d2f305e47718cef9f7848ce4050e7be41076862b98fad56e91a6b85b89cd97b"
RANDOMNESS = "fc1873a13f3545aeade8401532ef5519920652eee6b0d2b19ca12643b87b3587"


def test_a_published_round_is_verified_and_gives_its_randomness() -> None:
    assert beacon.verify(ROUND, SIGNATURE)
    assert Seed(round=ROUND, signature=SIGNATURE).text == RANDOMNESS
    assert not Seed(round=ROUND, signature=SIGNATURE).faults()


def test_a_signature_of_another_round_does_not_hold() -> None:
    assert not beacon.verify(ROUND + 1, SIGNATURE)
    assert Seed(round=ROUND + 1, signature=SIGNATURE).faults() == [
        f"The signature is not that of round {ROUND + 1} of the beacon."
    ]


@pytest.mark.parametrize(
    "signature", ["", "zz", SIGNATURE[:-2], "00" * 48, "b" + "0" * 95, "a" + SIGNATURE[1:-1] + "c"]
)
def test_a_signature_that_is_no_point_of_the_curve_is_told_so_or_fails(signature: str) -> None:
    try:
        assert not beacon.verify(ROUND, signature)
    except BeaconError as error:
        assert "hexadecimal" in str(error) or "point of the curve" in str(error)


def test_the_negated_signature_is_refused() -> None:
    assert not beacon.verify(ROUND, "9" + SIGNATURE[1:])


def test_rounds_are_found_by_their_time() -> None:
    assert QUICKNET.round_at(datetime(2026, 4, 20, tzinfo=UTC)) == 27946612
    assert QUICKNET.round_at(datetime(2026, 4, 20, 12, 30, 45, tzinfo=UTC)) == 27961627
    assert QUICKNET.round_at(QUICKNET.time_of(27946612)) == 27946612


def test_a_moment_without_a_zone_or_before_the_first_round_is_refused() -> None:
    with pytest.raises(BeaconError, match="time zone"):
        QUICKNET.round_at(datetime(2026, 4, 20))
    with pytest.raises(BeaconError, match="first round"):
        QUICKNET.round_at(datetime(2020, 1, 1, tzinfo=UTC))


def test_a_round_below_one_is_refused() -> None:
    with pytest.raises(BeaconError, match="1 or more"):
        beacon.verify(0, SIGNATURE)


def test_a_district_that_reveals_another_secret_than_it_committed_to_is_found_out() -> None:
    honest = Seed(plain="trial", secret="red barn", commitment=commitment_of("red barn"))
    assert not honest.faults()
    swapped = Seed(plain="trial", secret="blue barn", commitment=commitment_of("red barn"))
    assert swapped.faults() == ["The district's secret is not the one it committed to before the draw."]
    assert len({honest.text, swapped.text, Seed(plain="trial").text}) == 3


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({}, "either a plain seed or a round"),
        ({"plain": "x", "round": 1, "signature": "y"}, "either a plain seed or a round"),
        ({"plain": ""}, "empty"),
        ({"round": 1}, "belong together"),
        ({"plain": "x", "secret": "y"}, "belong together"),
    ],
)
def test_half_a_seed_is_refused(parts: dict[str, object], words: str) -> None:
    with pytest.raises(SeedError, match=words):
        Seed(**parts)  # type: ignore[arg-type]


def test_the_published_vectors_hold(public_data: Path) -> None:
    cases = json.loads((public_data / "enrollment" / "lottery_cases.json").read_text())["cases"]
    case = next(case for case in cases if case["mechanism"] == "beacon")
    chain = Chain(
        case["chain"]["hash"], case["chain"]["public_key"], case["chain"]["period_s"], case["chain"]["genesis_time"]
    )
    assert chain == QUICKNET
    assert beacon.verify(ROUND, case["round_657413_signature"], chain)
    assert beacon.randomness(case["round_657413_signature"]) == case["expected"]["round_657413_randomness"]
