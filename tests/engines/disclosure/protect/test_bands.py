"""In which band a rate is told: it depends on the number of students that is told, and reveals no small number."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonground.engines.disclosure.protect.bands import Bands, coarse_bands, inside, rate_bands
from commonground.engines.disclosure.protect.settings import Settings, Step

SETTINGS = Settings()


def texts(bands: Bands | None) -> list[str]:
    assert bands is not None
    return [bands.band(at).text for at in range(len(bands.starts))]


@pytest.mark.parametrize(
    ("students", "first", "last"),
    [
        (39, "≤ 10 %", "≥ 90 %"),  # bands of 10 per cents from 31
        (40, "≤ 10 %", "≥ 90 %"),
        (61, "≤ 5 %", "≥ 95 %"),
        (300, "≤ 5 %", "≥ 95 %"),
        (301, "≤ 1 %", "≥ 99 %"),
        (2999, "≤ 1 %", "≥ 99 %"),
        (3000, "≤ 1.0 %", "≥ 99.0 %"),
    ],
)
def test_codes_scale_with_the_number_of_students(students: int, first: str, last: str) -> None:
    told = texts(rate_bands(SETTINGS, students, counted=False))
    assert (told[0], told[-1]) == (first, last)


@pytest.mark.parametrize(("students", "code"), [(39, 10.0), (40, 5.0), (99, 5.0), (100, 2.0), (299, 2.0), (300, 1.0)])
def test_a_code_holds_from_its_number_of_students_on(students: int, code: float) -> None:
    # With whole per cents from 10 students on, the codes alone say where the bands begin and end.
    fine = Settings(bands=(Step(10, 1),), choices=2)
    told = rate_bands(fine, students, counted=False)
    assert told is not None
    assert told.starts[1] - 1 >= code
    assert 100 - told.starts[-1] >= code


def test_whole_per_cents_are_told_of_many() -> None:
    told = texts(rate_bands(SETTINGS, 400))
    assert told[:3] == ["≤ 3 %", "4 %", "5 %"]  # 3.5 % of 400 is 14: numbers under 10 keep 3 on either side
    assert told[-1] == "≥ 97 %"


def test_a_rate_of_few_is_not_told() -> None:
    assert rate_bands(SETTINGS, 9) is None
    assert rate_bands(SETTINGS, 20) is None  # of 20, the counted or the others are at most 10
    assert rate_bands(SETTINGS, 30) is not None


def test_per_cents_are_rounded_half_up_before_the_band_is_chosen() -> None:
    bands = rate_bands(SETTINGS, 1000)
    assert bands is not None
    assert bands.of(125, 1000).text == "13 %"
    assert bands.of(124, 1000).text == "12 %"
    assert (bands.of(124, 1000).low, bands.of(124, 1000).high) == (0.115, 0.125)


@given(st.integers(10, 5000), st.data())
def test_every_small_number_keeps_its_interval_in_its_band(students: int, data: st.DataObject) -> None:
    bands = rate_bands(SETTINGS, students)
    if bands is None:
        assert students < 31
        return
    counted = data.draw(st.integers(0, students))
    low, high = inside(bands.of(counted, students), students)
    assert low <= counted <= high
    smaller = min(counted, students - counted)
    if smaller < SETTINGS.minimum:
        distance = SETTINGS.distance(smaller)
        assert low <= max(0, counted - distance)
        assert high >= min(students, counted + distance)
    assert high - low + 1 >= SETTINGS.choices


@given(st.integers(31, 5000), st.data())
def test_a_coarse_band_holds_the_fine_one(students: int, data: st.DataObject) -> None:
    fine, coarse = rate_bands(SETTINGS, students), coarse_bands(SETTINGS, students)
    assert fine is not None
    if coarse is None:
        return
    counted = data.draw(st.integers(0, students))
    assert coarse.of(counted, students).low <= fine.of(counted, students).low
    assert coarse.of(counted, students).high >= fine.of(counted, students).high


@given(st.integers(10, 5000))
def test_bands_cover_everything_once(students: int) -> None:
    bands = rate_bands(SETTINGS, students, counted=False)
    assert bands is not None
    ends = [bands.band(at) for at in range(len(bands.starts))]
    assert (ends[0].low, ends[-1].high) == (0.0, 1.0)
    assert all(before.high == after.low for before, after in itertools.pairwise(ends))
