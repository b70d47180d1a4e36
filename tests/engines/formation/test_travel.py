"""Travel between members."""

import numpy as np
import pytest

from commonground.engines.formation import GreatCircle, Market, Member, RoadEstimate, TravelTable


def place(name: str, latitude: float, longitude: float, locale: str = "") -> Member:
    return Member(id=name, name=name, sector="district", latitude=latitude, longitude=longitude, locale=locale)


FRESNO, CLOVIS = place("fresno", 36.7378, -119.7871, "city"), place("clovis", 36.8252, -119.7029, "rural")


def test_a_degree_of_latitude_is_111_kilometres() -> None:
    km = GreatCircle().matrix([place("south", 36.0, -120.0)], [place("north", 37.0, -120.0)])
    assert km[0, 0] == pytest.approx(111.195, abs=0.001)


def test_opposite_ends_of_the_earth_are_half_its_girth_apart() -> None:
    km = GreatCircle().matrix([place("a", 0.0, 10.0)], [place("b", 0.0, -170.0)])
    assert km[0, 0] == pytest.approx(np.pi * 6371.0088)


def test_the_road_is_longer_by_the_mean_factor_of_both_locales() -> None:
    straight = GreatCircle().matrix([FRESNO], [CLOVIS])
    road = RoadEstimate({"city": 1.2, "rural": 1.4}).matrix([FRESNO], [CLOVIS])
    assert road == pytest.approx(1.3 * straight)
    assert RoadEstimate().is_estimate
    assert not GreatCircle().is_estimate


def test_an_unknown_locale_gets_the_general_factor() -> None:
    unknown = place("x", 36.8, -119.7)
    assert RoadEstimate({"city": 1.3}).matrix([FRESNO], [unknown]) == pytest.approx(
        1.3 * GreatCircle().matrix([FRESNO], [unknown])
    )


def test_a_table_counts_the_longer_direction_and_no_way_as_infinite() -> None:
    table = TravelTable(("fresno", "clovis", "island"), np.array([[0, 20, np.nan], [25, 0, 9], [5, 5, 0]]))
    island = Member(id="island", name="Island", sector="charter")
    market = Market((CLOVIS, FRESNO, island), table)
    ways = market.travel.matrix(market.members, market.members)
    assert ways.tolist() == [[0, 25, 9], [25, 0, np.inf], [9, np.inf, 0]]
    assert market.travel.unit == "min"
