"""A school stands beside the same group in the same grades, and noise alone never makes a difference."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonground.engines.measures.comparators import (
    Comparators,
    Known,
    Place,
    School,
    compare,
    difference,
    known_figures,
    known_published,
    newcombe,
    weighted,
    wilson,
)

SCHOOL = School("S1", "district", "KG", "02")
RATES = st.integers(0, 100).map(lambda per_cent: per_cent / 100)


def exact(rate: float, students: float) -> Known:
    return Known(rate, rate, students, students)


def place(level="school", entity="S1", grade="all", group="race:black") -> Place:
    return Place("2025", "chronic_absence", level, entity, grade, group)


def compared(known, kind="rate"):
    return {
        (found.against_level, found.against): found for found in compare(known, [SCHOOL], {"chronic_absence": kind})
    }


def test_newcombe_gives_the_interval_of_his_paper():
    """Newcombe 1998, table II, example (a), method 10: 56/70 against 48/80."""
    assert newcombe(56 / 70, 70, 48 / 80, 80) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_wilson_gives_the_interval_of_the_papers():
    """Newcombe 1998, Statistics in Medicine 17:857-872, table I: 81 of 263, and 0 of 20."""
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)


def test_a_school_is_compared_with_the_grades_that_it_serves():
    known = {
        place(): exact(0.30, 100),
        place("city", "city"): exact(0.50, 10_000),
        place("city", "city", "KG"): exact(0.40, 1_000),
        place("city", "city", "01"): exact(0.20, 1_000),
        place("city", "city", "02"): exact(0.30, 2_000),
        place("city", "city", "09"): exact(0.90, 6_000),
    }
    city = compared(known)["city", "city"]
    assert city.by_grade
    assert city.comparator.low == pytest.approx((0.40 * 1000 + 0.20 * 1000 + 0.30 * 2000) / 4000)
    assert city.sure == "unclear"


def test_a_school_whose_own_grades_are_known_weighs_by_them():
    known = {
        place(): exact(0.30, 100),
        place(grade="KG"): exact(0.30, 75),
        place(grade="01"): exact(0.30, 25),
        place("city", "city", "KG"): exact(0.40, 1_000),
        place("city", "city", "01"): exact(0.20, 1_000),
        place("city", "city", "02"): exact(0.90, 1_000),
    }
    assert compared(known)["city", "city"].comparator.low == pytest.approx(0.75 * 0.40 + 0.25 * 0.20)


def test_schools_of_other_grades_stand_beside_other_figures_of_the_same_city():
    known = {place("city", "city", grade): exact(rate, 500) for grade, rate in (("KG", 0.1), ("01", 0.2), ("09", 0.6))}
    known |= {place(entity=name): exact(0.3, 100) for name in ("S1", "S2", "S3")}
    known[place(entity="S3", grade="KG")] = exact(0.3, 100)
    schools = [School(name, "district", "KG", high) for name, high in (("S1", "01"), ("S2", "09"), ("S3", "09"))]
    found = {one.place.entity: one.comparator.low for one in compare(known, schools, {"chronic_absence": "rate"})}
    assert found == {"S1": pytest.approx(0.15), "S2": pytest.approx(0.3), "S3": pytest.approx(0.1)}


def test_an_lea_named_as_a_school_is_not_weighed_by_that_schools_grades():
    known = {place("city", "city"): exact(0.5, 900), place("city", "city", "KG"): exact(0.1, 100),
             place(grade="KG"): exact(0.2, 50)}  # fmt: skip
    lea = School("S1", "district", "", "")
    assert Comparators(known).of(lea, place("lea", "S1"), "city", "city") == (exact(0.5, 900), False)


def test_the_same_gap_is_sure_for_many_students_and_unclear_for_few():
    def sure(students):
        return compared({place(): exact(0.40, students), place("city", "city"): exact(0.25, 20_000)})[
            "city", "city"
        ].sure

    assert (sure(12), sure(400)) == ("unclear", "higher")


def test_a_band_widens_the_difference():
    city = exact(0.25, 20_000)
    low, high = difference(Known(0.30, 0.39, 90, 90), city)
    assert low == pytest.approx(difference(exact(0.30, 90), city)[0])
    assert high == pytest.approx(difference(exact(0.39, 90), city)[1])


def test_without_a_comparator_there_is_no_difference():
    known = {place(): exact(0.4, 50), place("sector", "charter", group="sex:male"): exact(0.4, 500)}
    found = compared(known)
    assert {entry.sure for entry in found.values()} == {"missing"}
    assert all(entry.low is None and entry.comparator is None for entry in found.values())


def test_a_median_has_a_comparator_but_no_verdict():
    known = {place(): exact(40, 50), place("city", "city"): exact(55, 5000)}
    entry = compared(known, "median")["city", "city"]
    assert (entry.comparator.low, entry.low, entry.sure) == (55, None, "unclear")


def test_counts_are_not_compared():
    assert compared({place(): exact(40, 40), place("city", "city"): exact(5000, 5000)}, "count") == {}


@given(RATES, RATES, RATES, st.integers(1, 500), st.integers(1, 10**6))
def test_a_band_covers_every_rate_within_it(one, two, other, students, others):
    low, high = sorted((one, two))
    wide = difference(Known(low, high, students, students), exact(other, others))
    for at in range(5):
        narrow = difference(exact(low + (high - low) * at / 4, students), exact(other, others))
        assert wide[0] <= narrow[0] + 1e-12 and narrow[1] <= wide[1] + 1e-12


@given(RATES, RATES, st.integers(1, 500), st.integers(0, 500), st.integers(1, 10**6))
def test_fewer_students_are_never_surer(rate, other, students, more, others):
    few = difference(exact(rate, students), exact(other, others))
    many = difference(exact(rate, students + more), exact(other, others))
    assert few[0] <= many[0] + 1e-12 and many[1] <= few[1] + 1e-12


@given(st.data(), st.integers(1, 400), st.integers(1, 2000))
def test_a_school_that_differs_from_a_whole_with_it_differs_from_the_others_too(data, students, others):
    own, rest = data.draw(st.integers(0, students)), data.draw(st.integers(0, others))
    school, whole = exact(own / students, students), exact((own + rest) / (students + others), students + others)
    low, high = difference(school, whole)
    apart = difference(school, exact(rest / others, others))
    assert (low <= 0 or apart[0] > 0) and (high >= 0 or apart[1] < 0)


def test_noise_alone_seldom_makes_a_difference():
    """Schools of 30 that draw their students from the city's own rate: at most about one in twenty is called different."""
    dice, wrong, rounds = random.Random(4), 0, 4000
    for _ in range(rounds):
        absent = sum(dice.random() < 0.25 for _ in range(30))
        low, high = difference(exact(absent / 30, 30), exact(0.25, 50_000))
        wrong += low > 0 or high < 0
    assert wrong / rounds < 0.07


def test_a_weighted_mean_keeps_bands_and_is_as_sure_as_its_parts():
    mean = weighted([(Known(0.1, 0.2, 100, 100), 1), (Known(0.3, 0.3, 100, 100), 1)])
    assert (mean.low, mean.high) == (pytest.approx(0.2), pytest.approx(0.25))
    assert mean.students_low == pytest.approx(200)
    assert weighted([]) is None


def test_missing_figures_are_not_known():
    row = {
        "year": "2025",
        "metric": "m",
        "level": "city",
        "entity": "city",
        "grade": "all",
        "group": "all",
        "period": "year",
    }
    assert known_figures([{**row, "students": None, "value": None}]) == {}
    assert known_figures([{**row, "students": 5, "value": 0.0}]) == {
        Place("2025", "m", "city", "city", "all", "all"): exact(0.0, 5)
    }


def test_a_published_band_is_known_as_an_interval_and_a_withheld_figure_is_not():
    row = {
        "year": "2025",
        "metric": "m",
        "level": "school",
        "entity": "S1",
        "grade": "all",
        "group": "all",
        "period": "year",
    }
    band = {"low": "0.10", "high": "0.19", "students_low": "20", "students_high": "29"}
    assert known_published([{**row, **band}, {**row, "entity": "S2", **dict.fromkeys(band, "")}]) == {
        Place("2025", "m", "school", "S1", "all", "all"): Known(0.10, 0.19, 20, 29)
    }


@pytest.mark.parametrize("numbers", [(0.5, 0.4, 1, 1), (float("nan"), 0.4, 1, 1), (0.1, 0.4, 5, 2), (0.1, 0.4, -1, 2)])
def test_what_cannot_be_known_is_refused(numbers):
    with pytest.raises(ValueError, match="no interval"):
        Known(*numbers)
