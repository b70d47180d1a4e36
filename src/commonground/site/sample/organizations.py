"""The agency, LEAs and schools of the invented county, before they are saved."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count, cycle
from random import Random

from commonground.site.directory.models import Organization
from commonground.site.directory.models.organization import Kind, Sector, Status
from commonground.site.sample.names import CHARTER_NAMES, SCHOOL_NAMES, STREETS
from commonground.site.sample.places import COUNTY, STATE, TOWNS, Town

# What a district of so many schools has: (low, high, word) in turn.
LEVELS = (
    ("KG", "05", "Elementary"),
    ("KG", "05", "Elementary"),
    ("06", "08", "Middle"),
    ("PK", "05", "Elementary"),
    ("09", "12", "High"),
    ("KG", "05", "Elementary"),
    ("KG", "08", "K-8"),
)
CHARTER_LEVELS = (("KG", "05", "Primary"), ("06", "08", "Middle"), ("09", "12", "High"), ("KG", "08", "Academy"))
STUDENTS = {"Elementary": 430, "Primary": 340, "Middle": 560, "High": 980, "K-8": 510, "Academy": 390}
BY_LOCALE = {1: 1.0, 2: 1.1, 3: 0.72, 4: 0.45}  # first digit of the locale: schools are smaller out there
DISTRICT_SCHOOLS = 9
"""The most schools of one district, but for the city's, which has all of its town's."""


@dataclass
class Cast:
    """The county's organizations: an LEA's schools are in `schools` with `parent` set to it."""

    agency: Organization
    leas: list[Organization] = field(default_factory=list)
    schools: list[Organization] = field(default_factory=list)


class Builder:
    """Makes organizations from one source of chance; numbers go up as they are given out."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.lea_numbers = count(1)
        self.phone_numbers = count(1)
        self.names = cycle(chance.sample(SCHOOL_NAMES, len(SCHOOL_NAMES)))
        self.charter_names = iter(chance.sample(CHARTER_NAMES, len(CHARTER_NAMES)))
        self.used: set[str] = set()
        self.cast = Cast(self.agency())

    def agency(self) -> Organization:
        seat = TOWNS[0]
        return Organization(
            kind=Kind.AGENCY, name=f"{COUNTY} Office of Education", area=[COUNTY], **self.place(seat, spread=0.004)
        )

    def place(self, town: Town, *, spread: float | None = None) -> dict[str, object]:
        """An address near the middle of a town, farther out where the town is wide."""
        reach = spread or (0.028 if town.locale < 30 else 0.016 if town.locale < 40 else 0.06)
        number = next(self.phone_numbers)
        return {
            "street": f"{self.chance.randrange(1, 98) * 10 + self.chance.randrange(1, 10)} {self.chance.choice(STREETS)}",
            "city": town.name,
            "county": COUNTY,
            "state": STATE,
            "zip_code": town.zip_code,
            "phone": f"({550 + number // 100}) 555-01{number % 100:02d}",
            "latitude": round(town.latitude + self.chance.gauss(0, reach / 2), 6),
            "longitude": round(town.longitude + self.chance.gauss(0, reach / 1.6), 6),
            "locale": town.locale,
        }

    def lea(self, name: str, kind: Kind, town: Town, category: str) -> Organization:
        number = next(self.lea_numbers)
        made = Organization(
            kind=kind,
            sector=Sector.CHARTER if kind == Kind.CHARTER_OPERATOR else Sector.DISTRICT,
            name=name,
            category=category,
            nces_id=f"99{number:05d}",
            state_id=f"{STATE}-{number:03d}",
            **self.place(town, spread=0.01),
        )
        self.cast.leas.append(made)
        return made

    def school(self, lea: Organization, town: Town, name: str, level: tuple[str, str, str]) -> Organization:
        number = sum(school.parent is lea for school in self.cast.schools) + 1
        low, high, word = level
        students = max(28, round(STUDENTS[word] * BY_LOCALE[town.locale // 10] * self.chance.uniform(0.6, 1.4)))
        need = min(0.97, max(0.08, town.need + self.chance.uniform(-0.15, 0.15)))
        free = round(students * need * 0.83)
        made = Organization(
            kind=Kind.SCHOOL,
            sector=lea.sector,
            parent=lea,
            name=name,
            category="Regular",
            nces_id=f"{lea.nces_id}{number:05d}",
            state_id=f"{lea.state_id}-{number:02d}",
            low_grade=low,
            high_grade=high,
            enrollment=students,
            teachers=round(students / self.chance.uniform(14.5, 21.0), 2),
            free_lunch=free,
            reduced_lunch=round(students * need) - free,
            directly_certified=round(free * self.chance.uniform(0.6, 0.85)),
            **self.place(town),
        )
        self.cast.schools.append(made)
        return made

    def school_name(self, word: str) -> str:
        """A name that nobody has yet: "Fox Run Elementary", "Kestrel Middle School"."""
        ending = {"Elementary": "Elementary", "K-8": "School", "Middle": "Middle School", "High": "High School"}[word]
        once_round = (next(self.names) for _ in SCHOOL_NAMES)
        full = next(name for stem in once_round if (name := f"{stem} {ending}") not in self.used)
        self.used.add(full)
        return full


def build(seed: int) -> Cast:
    """The whole county."""
    builder = Builder(Random(seed))  # noqa: S311 - invented data, no secret
    for town in TOWNS:
        _districts(builder, town)
    _charters(builder)
    _special(builder)
    _sum_up(builder.cast)
    return builder.cast


def _districts(builder: Builder, town: Town) -> None:
    """One district in a small town; a larger one is shared by several, as grown places are."""
    is_city = town is TOWNS[0]
    left = town.schools
    names = (f"{town.name} Unified School District", f"North {town.name} Unified", f"{town.name} Valley Unified")
    for name in names:
        if left <= 0:
            break
        size = left if is_city or name == names[-1] else min(left, builder.chance.randint(3, DISTRICT_SCHOOLS))
        left -= size
        lea = builder.lea(name, Kind.DISTRICT, town, "Regular Local")
        for level in _levels(size):
            builder.school(lea, town, builder.school_name(level[2]), level)


def _levels(size: int) -> Iterator[tuple[str, str, str]]:
    """Levels for a district: every district of three or more has an elementary, a middle and a high school."""
    if size <= 2:
        yield from [("KG", "08", "K-8"), ("09", "12", "High")][:size]
        return
    yield from [LEVELS[0], LEVELS[2], LEVELS[4]]
    for number in range(size - 3):
        yield LEVELS[number % len(LEVELS)]


def _charters(builder: Builder) -> None:
    """Operators of one to six schools; most have one or two. They open where charters are, town after town."""
    seats = [town for town in TOWNS for _ in range(town.charters)]
    builder.chance.shuffle(seats)
    sizes = [8, 7, 6, 6, 5, 4, 4, 3, 3, 3, 2, 2, 2] + [1] * len(CHARTER_NAMES)
    for size, name in zip(sizes, builder.charter_names, strict=False):
        mine, seats = seats[:size], seats[size:]
        if not mine:
            break
        suffix = "Charter Schools" if len(mine) > 1 else "Charter School"
        lea = builder.lea(f"{name} {suffix}", Kind.CHARTER_OPERATOR, mine[0], "Charter")
        for number, town in enumerate(mine):
            level = CHARTER_LEVELS[number % 4] if len(mine) > 1 else builder.chance.choice(CHARTER_LEVELS[1:])
            title = f"{name} {town.name.split()[0]} {level[2]}" if len(mine) > 1 else f"{name} Charter {level[2]}"
            title = title if title not in builder.used else f"{title} {number + 1}"
            builder.used.add(title)
            builder.school(lea, town, title, level)


def _special(builder: Builder) -> None:
    """The county's own programs, two schools that closed or are still to open, and private schools without an LEA."""
    seat = TOWNS[0]
    county = builder.lea(f"{COUNTY} Special Education Programs", Kind.OTHER_LEA, seat, "Specialized")
    bridge = builder.lea(f"{COUNTY} Community Schools", Kind.OTHER_LEA, seat, "Specialized")
    builder.school(county, seat, "Harriet Solis Center", ("PK", "12", "Academy"))
    builder.school(county, TOWNS[6], "Sandhill Learning Center", ("PK", "12", "Academy"))
    builder.school(bridge, seat, "Second Street Community School", ("07", "12", "Academy"))
    closed = builder.school(builder.cast.leas[0], seat, "Granary Street Elementary", LEVELS[0])
    closed.status, closed.enrollment, closed.free_lunch, closed.reduced_lunch = Status.CLOSED, None, None, None
    closed.directly_certified = closed.teachers = None
    coming = builder.school(builder.cast.leas[0], seat, "Riverfront Middle School", LEVELS[2])
    coming.status, coming.enrollment, coming.free_lunch, coming.reduced_lunch = Status.FUTURE, None, None, None
    coming.directly_certified = coming.teachers = None
    for name, town, students in (("Saint Brigid School", seat, 212), ("Prairie Friends School", TOWNS[1], 94)):
        builder.cast.schools.append(
            Organization(
                kind=Kind.SCHOOL, sector=Sector.PRIVATE, name=name, low_grade="KG", high_grade="08",
                enrollment=students, category="Private", **builder.place(town),
            )
        )  # fmt: skip


def _sum_up(cast: Cast) -> None:
    """An LEA's students and teachers are those of its schools."""
    for lea in cast.leas:
        schools = [school for school in cast.schools if school.parent is lea]
        lea.enrollment = sum(school.enrollment or 0 for school in schools)
        lea.teachers = round(sum(school.teachers or 0 for school in schools), 2)
        lea.low_grade = "PK" if any(school.low_grade == "PK" for school in schools) else "KG"
        lea.high_grade = "12" if any(school.high_grade == "12" for school in schools) else "08"
