"""The map shows every school once, by shape and by the number of its group, and fits a strict page."""

import math
import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonground.engines.formation.map import MAP_CSS, MapPoint, MapTexts, draw_map

SVG = "{http://www.w3.org/2000/svg}"
POINTS = (
    MapPoint("Alder", "district", 36.75, -119.78, 1),
    MapPoint("Birch", "charter", 36.85, -119.70, 1),
    MapPoint("Cedar", "private", 36.60, -119.90, 2),
    MapPoint("Dogwood", "district", 36.65, -119.60, 2),
    MapPoint("Elm & <Oak>", "tribal", 36.55, -119.65, None),
)


def drawn(points=POINTS, **options) -> ElementTree.Element:
    return ElementTree.fromstring(draw_map(points, **options))


def texts(svg: ElementTree.Element, tag: str = "text") -> list[str]:
    return [element.text or "" for element in svg.iter(SVG + tag)]


def test_every_school_is_named_and_every_group_is_numbered():
    svg = drawn()
    assert {"Alder", "Birch", "Cedar", "Dogwood", "Elm & <Oak> (no group)"} <= set(texts(svg, "title"))
    assert [text.text for text in svg.iter(SVG + "text") if text.get("class") == "cg-map-number"] == ["1", "2"]


def test_each_sector_has_a_shape_of_its_own():
    (alone,) = (g for g in drawn().iter(SVG + "g") if g.get("class") == "cg-map-alone")
    assert len(list(alone.iter(SVG + "polygon"))) == 1
    first, second = (g for g in drawn().iter(SVG + "g") if g.get("class") == "cg-map-group")
    shapes = [
        [child.tag.removeprefix(SVG) for g in group.findall(SVG + "g") for child in g][1::2]
        for group in (first, second)
    ]
    assert shapes == [["circle", "rect"], ["polygon", "circle"]]


def test_readers_who_do_not_see_it_hear_what_it_shows():
    svg = drawn(prefix="p3")
    assert (svg.get("role"), svg.get("aria-labelledby")) == ("img", "p3-title p3-desc")
    title, desc = svg[0], svg[1]
    assert (title.get("id"), desc.get("id")) == ("p3-title", "p3-desc")
    assert desc.text == ("4 schools in 2 groups; lines join the schools of a group to its number. Without a group: 1.")


def test_there_is_nothing_that_a_strict_page_refuses():
    text = draw_map(POINTS)
    assert "style" not in text
    assert not re.search(r"\bon\w+=|<script|href", text)
    for css in set(re.findall(r'class="([^"]+)"', text)):
        assert all(name == "cg-map-group" or f".{name}" in MAP_CSS for name in css.split())


def test_a_file_of_its_own_brings_its_styles():
    svg = drawn(standalone=True)
    assert texts(svg, "style") == ["\n" + MAP_CSS]


def test_the_words_can_be_in_any_language():
    words = MapTexts(title="Mapa", alone="sin grupo", sectors={"district": "distrito"}, groups={1: "Grupo 1"})
    svg = drawn(texts=words)
    assert {"Mapa", "Grupo 1", "Elm & <Oak> (sin grupo)"} <= set(texts(svg, "title"))
    assert {"distrito", "charter", "sin grupo"} <= set(texts(svg))


def test_a_map_without_places_says_so():
    assert texts(drawn(())) == ["No school has a place on the map."]


def test_the_scale_bar_is_as_long_as_it_says():
    """Alder and a school ten minutes of latitude farther north are 18.53 km apart on the ground."""
    svg = drawn([MapPoint("A", "district", 36.0, -119.0, 1), MapPoint("B", "district", 36.0 + 1 / 6, -119.0, 1)])
    a, b = (float(c.get("cy", "")) for c in list(svg.iter(SVG + "circle"))[:2])
    bar = next(path for path in svg.iter(SVG + "path") if path.get("class") == "cg-map-bar")
    start, end = re.match(r"M([\d.]+),.*H([\d.]+)V", bar.get("d", "")).groups()
    km = float(next(text for text in texts(svg) if text.endswith(" km")).removesuffix(" km"))
    assert (float(end) - float(start)) / km == pytest.approx(abs(a - b) / 18.533, rel=0.01)


places = st.tuples(st.floats(-55, 75), st.floats(-179, 179))


@given(st.lists(places, min_size=1, max_size=12))
def test_every_school_lies_within_the_picture(found):
    svg = drawn([MapPoint(str(k), "district", lat, lon, k % 3 or None) for k, (lat, lon) in enumerate(found)])
    _, _, width, height = map(float, svg.get("viewBox", "").split())
    for circle in svg.iter(SVG + "circle"):
        x, y = float(circle.get("cx", "")), float(circle.get("cy", ""))
        assert math.isfinite(x)
        assert 0 <= x <= width
        assert 0 <= y <= height
