"""The map of the invented county: its outline, its towns, and which surroundings they have."""

from dataclasses import dataclass

STATE = "LR"
COUNTY = "Juniper County"

OUTLINE = (
    (-99.35, 38.62), (-99.31, 38.98), (-99.36, 39.31), (-99.12, 39.36), (-98.87, 39.33), (-98.62, 39.41), (-98.29, 39.38),
    (-97.98, 39.40), (-97.93, 39.12), (-98.01, 38.93), (-97.90, 38.71), (-98.08, 38.56), (-98.41, 38.51), (-98.66, 38.60),
    (-98.92, 38.55), (-99.14, 38.60), (-99.35, 38.62),
)  # fmt: skip
"""Longitude and latitude of the county's corners; the river makes the uneven eastern side."""


@dataclass(frozen=True)
class Town:
    """A place with schools. `locale` is its NCES code, `schools` how many district schools it has, `need` the share of students
    whose meals are free or reduced."""

    name: str
    latitude: float
    longitude: float
    locale: int
    schools: int
    charters: int
    need: float
    zip_code: str


TOWNS = (
    Town("Juniper Falls", 38.96, -98.42, 13, 34, 22, 0.68, "00410"),
    Town("Larkspur", 39.03, -98.34, 23, 17, 7, 0.41, "00411"),
    Town("Millrace", 38.89, -98.50, 23, 15, 6, 0.52, "00412"),
    Town("East Bridge", 38.93, -98.30, 22, 13, 6, 0.58, "00413"),
    Town("Cedar Landing", 39.18, -98.05, 31, 10, 4, 0.47, "00414"),
    Town("Willow Crossing", 38.68, -98.24, 32, 9, 4, 0.63, "00415"),
    Town("Sandhill", 39.22, -98.78, 32, 7, 3, 0.66, "00416"),
    Town("Copper Ridge", 38.72, -98.94, 33, 6, 3, 0.71, "00417"),
    Town("Harlan Ferry", 38.79, -98.05, 31, 6, 3, 0.55, "00418"),
    Town("Three Pines", 39.27, -99.18, 33, 5, 2, 0.74, "00419"),
    Town("Quail Hollow", 39.08, -98.56, 41, 6, 3, 0.36, "00420"),
    Town("Marlow", 38.84, -98.71, 41, 5, 1, 0.49, "00421"),
    Town("Bell Prairie", 39.31, -98.47, 42, 5, 1, 0.57, "00422"),
    Town("Stony Ford", 38.60, -98.60, 42, 4, 1, 0.62, "00423"),
    Town("Antelope Flat", 38.98, -99.05, 43, 4, 1, 0.70, "00424"),
    Town("Dry Creek", 39.12, -98.98, 43, 4, 1, 0.77, "00425"),
    Town("Heron Lake", 39.30, -98.20, 42, 4, 1, 0.44, "00426"),
    Town("Coyote Wells", 38.75, -99.22, 43, 4, 0, 0.81, "00427"),
    Town("Orchard Bend", 38.99, -98.17, 41, 5, 1, 0.53, "00428"),
    Town("Ember Valley", 38.66, -98.77, 43, 4, 0, 0.73, "00429"),
)
