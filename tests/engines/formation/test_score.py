"""The score: where the points come from, and what a move does to them."""

from dataclasses import replace

import pytest

from commonground.engines.formation import (
    PARTS,
    Group,
    Market,
    Member,
    Rules,
    Scorer,
    TravelTable,
    Weights,
    explain,
    pairs,
    violations,
)

ALDER = Member(
    id="alder",
    name="Alder Elementary",
    sector="district",
    latitude=36.0,
    longitude=-120.0,
    locale="city",
    lea="sierra",
    areas=("literacy", "steam"),
    needs={"attendance": 1.0, "writing": 4.0},
    strengths={"mathematics": 1.0},
    grade_bands=frozenset({"k-2", "3-5"}),
    enrollment=400,
    readiness=0.9,
    good_with=frozenset({"birch"}),
)
BIRCH = Member(
    id="birch",
    name="Birch Charter",
    sector="charter",
    latitude=36.0899322,  # 10 km north
    longitude=-120.0,
    locale="city",
    lea="birch",
    areas=("steam", "literacy"),
    needs={"attendance": 1.0, "mathematics": 1.0},
    strengths={"writing": 1.0},
    grade_bands=frozenset({"3-5", "6-8"}),
    enrollment=200,
    readiness=0.4,
)
CEDAR = Member(
    id="cedar",
    name="Cedar Middle",
    sector="district",
    latitude=36.0,
    longitude=-120.0,
    lea="sierra",
    areas=("steam",),
    bad_with=frozenset({"birch"}),
)
MARKET = Market((ALDER, BIRCH, CEDAR))
RULES = Rules(size_min=2, size_max=2, unplaced_penalty=5.0)
PAIR = Group(("alder", "birch"), "literacy")


def test_the_worked_example_by_hand() -> None:
    score = Scorer(MARKET, RULES).group(PAIR)
    assert score.parts == pytest.approx(
        {
            "shared_need": 1.0,  # attendance
            "met_need": 3.0,  # writing of importance 4 met by 1: sqrt(4) = 2; mathematics: 1
            "travel": -1.0,  # 10 km at 0.1 a kilometre
            "context": (1 / 3 + 1 + 1 / 2) / 3,  # one of three grade bands, same locale, half the size; no languages
            "past": 2.0,  # Alder speaks well of Birch
            "readiness": -1.0,  # 0.9 and 0.4, at 2 a unit
            "choice": -1.5,  # Birch's second choice
            "size": 0.0,
        },
        rel=1e-5,
    )
    assert score.total == pytest.approx(sum(score.parts.values()))
    assert [(m.member, m.rank, m.choice) for m in score.members] == [("alder", 0, 0.0), ("birch", 1, -1.5)]


def test_every_part_of_the_whole_is_the_sum_over_groups_and_the_members_left_out() -> None:
    scorer = Scorer(MARKET, RULES)
    parts = scorer.parts([PAIR])
    assert set(parts) == set(PARTS)
    assert parts["unplaced"] == -5.0
    assert scorer.total([PAIR]) == pytest.approx(scorer.group(PAIR).total - 5.0)
    assert scorer.unplaced([PAIR]) == ("cedar",)


def test_a_weight_of_zero_switches_its_part_off() -> None:
    zero = Weights(0, 0, 0, 0, 0, 0, 0, 0, 0)
    assert Scorer(MARKET, replace(RULES, weights=zero)).group(PAIR).total == 0.0


def test_unknown_traits_give_no_points() -> None:
    parts = Scorer(MARKET, RULES).pair("birch", "cedar").parts
    assert parts["context"] == 0.0
    assert parts["readiness"] == 0.0
    assert parts["past"] == -2.0


def test_both_speaking_well_counts_twice() -> None:
    market = Market((ALDER, replace(BIRCH, good_with=frozenset({"alder"}))))
    assert Scorer(market, RULES).pair("birch", "alder").parts["past"] == 4.0


def test_sizes_off_the_target_lose_points() -> None:
    rules = Rules(size_min=2, size_max=4, size_target=3)
    assert [Scorer(MARKET, rules).size_points(size) for size in (2, 3, 4)] == [-1.0, 0.0, -1.0]


def test_an_area_nobody_must_share_costs_those_who_did_not_rank_it() -> None:
    scorer = Scorer(MARKET, replace(RULES, share_area=False))
    assert scorer.choice_points(CEDAR, "literacy") == -6.0
    assert scorer.choice_points(ALDER, "literacy") == 0.0
    assert scorer.choice_points(ALDER, None) == -6.0
    assert scorer.choice_points(replace(CEDAR, areas=()), None) == 0.0
    assert Scorer(MARKET, RULES).choice_points(CEDAR, "literacy") == float("-inf")


def test_a_move_by_hand_changes_the_score_by_what_compare_says() -> None:
    scorer = Scorer(MARKET, RULES)
    before, after = [PAIR], [Group(("alder", "cedar"), "steam")]
    change = scorer.compare(before, after)
    assert change.total == pytest.approx(scorer.total(after) - scorer.total(before))
    assert [score.group for score in change.lost] == before
    assert [score.group for score in change.gained] == after
    assert scorer.compare(before, []).parts["unplaced"] == -10.0


def test_the_order_of_members_does_not_make_a_change() -> None:
    scorer = Scorer(MARKET, RULES)
    change = scorer.compare([PAIR], [Group(("birch", "alder"), "literacy")])
    assert (change.total, change.lost, change.gained) == (0.0, (), ())


def test_broken_rules_are_named() -> None:
    rules = Rules(
        size_min=3,
        size_max=3,
        sector_min={"charter": 1},
        sector_max={"district": 1},
        travel_limit=5.0,
        different_leas=True,
        blackouts=pairs(("alder", "birch")),
        forbidden=pairs(("birch", "alder")),
        together=(frozenset({"birch", "cedar"}),),
        group_count=2,
    )
    codes = [why.code for why in violations(MARKET, rules, [Group(("alder", "birch"), "literacy")])]
    assert codes == ["too_small", "too_far", "blackout", "forbidden", "not_placed", "pin_broken", "count_wrong"]
    codes = [why.code for why in violations(MARKET, rules, [Group(("alder", "cedar"), "literacy"), PAIR])]
    assert {"same_lea", "sector_low", "sector_high", "area_not_ranked", "member_twice"} <= set(codes)
    assert "area_missing" in [why.code for why in violations(MARKET, rules, [Group(("alder", "cedar"))])]


def test_a_members_own_travel_limit_counts() -> None:
    market = Market((replace(ALDER, travel_limit=9.0), BIRCH))
    assert [why.code for why in violations(market, RULES, [PAIR])] == ["too_far"]


def test_a_fixed_group_must_stay_as_it_is() -> None:
    rules = replace(RULES, fixed=(PAIR,))
    assert violations(MARKET, rules, [PAIR]) == ()
    assert [why.code for why in violations(MARKET, rules, [Group(("alder", "birch"), "steam")])] == ["fixed_changed"]


def test_the_explanation_says_what_is_shared_who_can_bring_what_and_what_is_weak() -> None:
    story = explain(Scorer(MARKET, RULES), PAIR)
    assert [(need.topic, need.members) for need in story.shared] == [("attendance", ("alder", "birch"))]
    assert [(e.topic, e.needed_by, e.offered_by) for e in story.exchanges] == [
        ("mathematics", ("birch",), ("alder",)),
        ("writing", ("alder",), ("birch",)),
    ]
    assert [why.code for why in story.weak] == ["need_unmet", "need_unmet", "readiness_gap"]


def test_the_explanation_of_a_poor_group_names_every_weakness() -> None:
    far = replace(CEDAR, latitude=37.0, areas=("a", "b", "steam"))
    story = explain(Scorer(Market((ALDER, BIRCH, far)), RULES), Group(("birch", "cedar"), "steam"))
    assert [why.code for why in story.weak] == ["need_unmet"] * 2 + [
        "late_choice",
        "long_way",
        "bad_past",
        "no_shared_need",
    ]
    story = explain(Scorer(MARKET, RULES), Group(("alder", "cedar"), "literacy"))
    assert "unranked_choice" in [why.code for why in story.weak]


def test_a_travel_table_is_scored_by_the_minute() -> None:
    table = TravelTable(("alder", "birch"), [[0, 30], [20, 0]])
    market = Market((ALDER, BIRCH), table)
    assert Scorer(market, RULES).group(PAIR).parts["travel"] == -3.0
