"""Names of invented schools and LEAs: trees, places and invented people, none of them a real school."""

import numpy as np

_FIRST = (
    "Alder", "Amber", "Ash", "Aspen", "Bayberry", "Beacon", "Birch", "Bluebell", "Bramble", "Bridge", "Briar", "Canal",
    "Cedar", "Cherry", "Clover", "Copper", "Cotton", "Cypress", "Dogwood", "Eagle", "Elder", "Elm", "Fern", "Fieldstone",
    "Garnet", "Ginkgo", "Granite", "Harbor", "Hawthorn", "Hazel", "Heron", "Holly", "Indigo", "Ivy", "Juniper", "Kestrel",
    "Lantern", "Larch", "Laurel", "Linden", "Lock", "Maple", "Marigold", "Meadow", "Mill", "Mulberry", "Oak", "Orchard",
    "Osprey", "Pearl", "Persimmon", "Pine", "Poplar", "Quarry", "Redbud", "River", "Rowan", "Sage", "Sparrow", "Spruce",
    "Summit", "Sycamore", "Thistle", "Tulip", "Walnut", "Willow", "Wren", "Yarrow",
)  # fmt: skip
_SECOND = (
    "Bend", "Bluff", "Brook", "Commons", "Court", "Creek", "Crossing", "Dale", "Field", "Ford", "Gardens", "Gate", "Glen",
    "Green", "Grove", "Heights", "Hill", "Hollow", "Knoll", "Landing", "Lane", "Park", "Place", "Point", "Pond", "Ridge",
    "Run", "Square", "Station", "Street", "Terrace", "Valley", "View", "Wharf", "Woods", "Yard",
)  # fmt: skip
_GIVEN = (
    "Abena", "Adela", "Amara", "Benita", "Calvin", "Celia", "Darnell", "Delia", "Efua", "Elias", "Esther", "Farah",
    "Gloria", "Hector", "Ida", "Imani", "Josefa", "Kofi", "Lena", "Lucinda", "Malik", "Marisol", "Nadia", "Omar", "Paloma",
    "Ramona", "Ruth", "Samuel", "Thuy", "Valeria", "Wendell", "Yesenia",
)  # fmt: skip
_FAMILY = (
    "Abernathy", "Acheampong", "Barksdale", "Benavides", "Caldwell", "Castellano", "Devereaux", "Escobedo", "Fairweather",
    "Granger", "Holloway", "Ibarra", "Kincaid", "Lockhart", "Mensah", "Montrose", "Nakamura", "Okafor", "Pemberton",
    "Quintero", "Ravenel", "Salazar", "Thornton", "Underhill", "Vasquez", "Whitlock", "Yarborough", "Zamora",
)  # fmt: skip
_CHARTER = (
    "Prep",
    "Academy",
    "Collegiate",
    "Learning Collaborative",
    "Schools",
    "Institute",
    "Bilingual",
    "Montessori",
)


def school_names(count: int, rng: np.random.Generator) -> list[str]:
    """That many different names without the kind of school: one in four honours an invented person."""
    places = [f"{first} {second}" for first in _FIRST for second in _SECOND]
    people = [f"{given} {family}" for given in _GIVEN for family in _FAMILY]
    order_of_places, order_of_people = rng.permutation(len(places)), rng.permutation(len(people))
    chosen = []
    for at in range(count):
        pool, order = (people, order_of_people) if at % 4 == 3 else (places, order_of_places)
        index = at // 4 if at % 4 == 3 else at - (at + 1) // 4
        again = index // len(pool)
        chosen.append(pool[order[index % len(pool)]] + (f" {again + 1}" if again else ""))
    return chosen


def charter_names(count: int, rng: np.random.Generator) -> list[str]:
    """That many different names of charter operators."""
    names = [f"{first} {last}" for first in _FIRST for last in _CHARTER]
    order = rng.permutation(len(names))
    return [
        names[order[at % len(names)]] + (f" {at // len(names) + 1}" if at >= len(names) else "") for at in range(count)
    ]
