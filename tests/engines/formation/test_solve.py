"""Forming groups: the result obeys the rules, is the best there is, and does not depend on the order of the input."""

from commonground.engines.formation import (
    Group,
    Market,
    Progress,
    Rules,
    Scorer,
    alternatives,
    check,
    solve,
    violations,
)

from .markets import PLENTY, market_of, school


def two_by_two() -> Market:
    """Alder and Birch need what the other offers, and so do Cedar and Dogwood; the two pairs are 20 km apart."""
    return Market(
        (
            school("alder", "district", 0, needs=["writing"], strengths=["mathematics"]),
            school("cedar", "district", 20, needs=["science"], strengths=["families"]),
            school("birch", "charter", 0, needs=["mathematics"], strengths=["writing"]),
            school("dogwood", "charter", 20, needs=["families"], strengths=["science"]),
        )
    )


PAIRS = Rules(size_min=2, size_max=2, sector_min={"district": 1, "charter": 1})


def test_the_worked_example_by_hand() -> None:
    solution = solve(two_by_two(), PAIRS, seconds=PLENTY)
    assert solution.groups == (Group(("alder", "birch"), "steam"), Group(("cedar", "dogwood"), "steam"))
    assert abs(solution.score - 4.0) < 1e-6
    assert solution.status == "optimal"
    assert solution.gap < 1e-6


def test_a_listener_hears_of_scores_and_bounds_and_can_stop_the_search() -> None:
    heard: list[Progress] = []

    def listen(progress: Progress) -> bool:
        heard.append(progress)
        return len(heard) < 3

    market = market_of(40, seed=2)
    solution = solve(market, Rules(sector_min={"district": 1, "charter": 1}), seconds=PLENTY, on_progress=listen)
    assert solution.status == "stopped"
    assert violations(market, Rules(sector_min={"district": 1, "charter": 1}), solution.groups) == ()
    assert all(progress.groups for progress in heard)


def test_fixed_groups_stay_and_the_others_form_around_them() -> None:
    market = two_by_two()
    kept = Group(("alder", "dogwood"), "steam")
    rules = Rules(size_min=2, size_max=2, sector_min={"district": 1, "charter": 1}, fixed=(kept,))
    solution = solve(market, rules, seconds=PLENTY)
    assert solution.groups == (kept, Group(("cedar", "birch"), "steam"))
    assert abs(solution.score - Scorer(market, rules).total(solution.groups)) < 1e-9


def test_a_school_without_a_group_is_told_why() -> None:
    far = school("elm", "district", 500, needs=["writing"])
    market = Market((*two_by_two().members, far))
    rules = Rules(
        size_min=2, size_max=2, sector_min={"district": 1, "charter": 1}, travel_limit=60.0, unplaced_penalty=1.0
    )
    solution = solve(market, rules, seconds=PLENTY)
    assert [(left.member, left.reasons[0].code) for left in solution.unplaced] == [("elm", "nobody_near")]


def test_the_same_seed_gives_the_same_groups() -> None:
    market = market_of(30, seed=8)
    rules = Rules(size_min=3, size_max=4, unplaced_penalty=4.0)
    first, second = solve(market, rules, seconds=PLENTY, seed=3), solve(market, rules, seconds=120, seed=3)
    assert first.status in ("optimal", "finished")
    assert (first.groups, first.score, first.bound) == (second.groups, second.score, second.bound)


def test_the_place_of_a_member_in_the_list_does_not_matter() -> None:
    market = market_of(12, seed=5)
    turned = Market(tuple(reversed(market.members)))
    rules = Rules(size_min=3, size_max=4, unplaced_penalty=2.0)
    first, second = solve(market, rules, seconds=PLENTY), solve(turned, rules, seconds=30)
    assert first.status == second.status == "optimal"
    assert abs(first.score - second.score) < 1e-6


def test_alternatives_differ_obey_the_rules_and_share_the_bound() -> None:
    market = market_of(18, seed=3)
    rules = Rules(size_min=3, size_max=4, unplaced_penalty=2.0)
    found = alternatives(market, rules, 3, seconds=PLENTY)
    assert len(found) > 1
    assert len({frozenset(solution.groups) for solution in found}) == len(found)
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    for solution in found:
        assert solution.score <= found[0].bound + 1e-6
        assert violations(market, rules, solution.groups) == ()
        assert check(market, rules, solution).problems == ()
