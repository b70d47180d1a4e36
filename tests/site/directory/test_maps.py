"""Maps: shapes of the atlas are whole, places fall where they belong, and many schools become one circle for each county."""

import hashlib
import json
import math
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonground.site.directory import geography
from commonground.site.directory.maps import MOST_DOTS, Spot, draw

SHAPES = files("commonground.site.directory.geography")


def spot(longitude: float, latitude: float, county: str = "Fresno County", name: str = "Alder") -> Spot:
    return Spot(name, longitude, latitude, "district", "CA", county)


def test_the_vendored_shapes_are_those_that_were_made():
    data = SHAPES.joinpath("us-counties.json").read_bytes()
    assert len(data) < 600_000
    assert hashlib.sha256(data).hexdigest() == "3b87399667611bdd7043f02e0d943b8ce22946bb6762598d891dcd54f1397e9b"
    assert json.loads(data)["package_sha256"] == "e6daba1800885868303ad3549da62f85a557b8142bb72629ec15651de62f9c5d"
    assert "Permission to use" in SHAPES.joinpath("LICENSE.us-atlas").read_text(encoding="utf-8")


@pytest.mark.parametrize(("state", "number"), [("CA", 58), ("MI", 83), ("DC", 1), ("RI", 5), ("TX", 254)])
def test_a_state_has_all_its_counties_as_closed_rings(state, number):
    counties = geography.counties(state)
    assert len(counties) == number
    assert all(ring[0] == ring[-1] for county in counties for ring in county.rings)


@pytest.mark.parametrize(
    ("state", "longitude", "latitude"),
    [("CA", -119.78, 36.75), ("MI", -83.05, 42.33), ("HI", -157.86, 21.31), ("AK", -149.9, 61.2), ("PR", -66.1, 18.45)],
)
def test_a_city_lies_in_the_box_of_its_state_and_in_no_other(state, longitude, latitude):
    around = geography.box(state)
    assert around is not None and around.holds(longitude, latitude)
    ohio = geography.box("OH")
    assert ohio is not None and not ohio.holds(longitude, latitude)


def test_a_state_line_is_made_of_county_lines_used_once():
    assert (
        0
        < sum(map(len, geography.borders("CA")))
        < sum(len(ring) for one in geography.counties("CA") for ring in one.rings)
    )


def test_nothing_to_draw_is_no_map():
    assert draw([]) is None


def test_one_school_lies_in_the_middle_with_its_county_around():
    picture = draw([spot(-119.78, 36.75)], least_span=1.2)
    assert picture is not None and picture.counties
    (dot,) = picture.dots
    assert abs(dot.x - picture.width / 2) < 1 and abs(dot.y - picture.height / 2) < 1


@given(st.lists(st.tuples(st.floats(-124, -115), st.floats(33, 41)), min_size=1, max_size=30))
def test_every_place_is_inside_the_picture_and_north_is_up(places):
    picture = draw([spot(longitude, latitude) for longitude, latitude in places])
    assert picture is not None
    assert all(0 <= dot.x <= picture.width and 0 <= dot.y <= picture.height for dot in picture.dots)
    by_latitude = sorted(zip(places, picture.dots, strict=True), key=lambda pair: pair[0][1])
    heights = [dot.y for _place, dot in by_latitude]
    assert heights == sorted(heights, reverse=True)


def test_many_schools_become_circles_whose_surface_is_their_number():
    many = [spot(-119.8 + number / 1e4, 36.7) for number in range(MOST_DOTS)]
    few = [spot(-121.9, 37.3 + number / 1e4, "Santa Clara County") for number in range(100)]
    picture = draw(many + few)
    assert picture is not None and picture.is_by_county
    large, small = picture.dots
    assert (large.count, small.count) == (MOST_DOTS, 100)
    assert math.isclose(large.radius / small.radius, 2, rel_tol=0.02)
    assert large.title == "Fresno County, CA: 400"
