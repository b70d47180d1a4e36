"""Published counts never tell a small group, neither by themselves nor together."""

from hypothesis import given, settings
from hypothesis import strategies as st

from commonground.engines.lottery.bundle.counts import shown_groups, withhold


def children(**groups: tuple[int, int]) -> tuple[list[frozenset[str]], list[int]]:
    """For each group (joined by “_”; “nobody” for none) how many got their first choice, and how many no seat."""
    labels, ranks = [], []
    for name, (first, none) in groups.items():
        own = frozenset(name.split("_")) - {"nobody"}
        labels += [own] * (first + none)
        ranks += [1] * first + [0] * none
    return labels, ranks


def test_a_large_group_is_shown() -> None:
    shown = shown_groups(*children(access=(20, 15), nobody=(30, 40)))
    assert shown == {"access": {"children": 35, "matched": 20, "first_choice": 20}}


def test_the_last_of_groups_that_make_up_everyone_cannot_be_found_by_subtraction() -> None:
    shown = shown_groups(*children(east=(20, 20), west=(20, 20), north=(2, 3)))
    assert shown["north"]["children"] is None
    assert None in (shown["east"]["children"], shown["west"]["children"])


def test_the_few_of_a_group_who_are_not_in_another_inside_it_cannot_be_found() -> None:
    shown = shown_groups(*children(risk_homeless=(30, 30), risk=(2, 2), nobody=(50, 50)))
    assert sorted(shown[name]["children"] is None for name in ("risk", "homeless")) == [False, True]


def test_a_groups_matched_children_do_not_tell_how_few_of_the_others_were() -> None:
    """All but four of those outside the group were matched: the total and the group's number would show it."""
    shown = shown_groups(*children(access=(20, 20), nobody=(46, 4)))
    assert shown["access"]["children"] == 40
    assert shown["access"]["matched"] is None


@given(st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 40), min_size=1))
def test_parts_that_are_withheld_are_at_least_two_and_ten_in_sum_where_the_others_allow(cells: dict[str, int]) -> None:
    shown = withhold(cells)
    hidden = [cells[name] for name, count in shown.items() if count is None]
    assert not [count for count in shown.values() if count is not None and 0 < count < 10]
    assert {name: count for name, count in shown.items() if count is not None}.items() <= cells.items()
    left = [count for count in shown.values() if count]
    assert not hidden or (len(hidden) >= 2 and sum(hidden) >= 10) or not left


@given(
    st.lists(st.tuples(st.frozensets(st.sampled_from("abc")), st.integers(0, 2)), min_size=1, max_size=60),
    st.integers(1, 4),
)
@settings(max_examples=50)
def test_no_two_shown_numbers_differ_by_a_few_children_of_a_group(
    kinds: list[tuple[frozenset[str], int]], times: int
) -> None:
    labels, ranks = (list(part) for part in zip(*(kinds * times), strict=True))
    shown = shown_groups(labels, ranks)
    members = {group: {at for at, own in enumerate(labels) if group in own} for group in shown}
    everyone = set(range(len(labels)))
    sets = [everyone, *(members[group] for group, counts in shown.items() if counts["children"] is not None)]
    for large in sets:
        for small in sets:
            assert not small < large or len(large - small) >= 10
