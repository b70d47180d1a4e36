"""The invented city's LEAs and schools: sectors, grades, neighborhoods, sizes, and how each school's students differ."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from commonground.engines.measures.inputs.codes import GRADES, RACES
from commonground.engines.measures.inputs.invented.names import charter_names, school_names

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

STUDENTS_PER_SCHOOL = 362.5
AREAS = 8
# Kind of school: share of all schools, lowest and highest grade, students relative to the mean, last word of the name.
KINDS = (
    (0.42, "PK3", "05", 0.95, "Elementary School"),
    (0.14, "PK3", "08", 1.20, "School"),
    (0.16, "06", "08", 0.85, "Middle School"),
    (0.05, "KG", "02", 0.60, "Primary School"),
    (0.16, "09", "12", 1.30, "High School"),
    (0.04, "06", "12", 1.20, "Secondary School"),
    (0.03, "AD", "AD", 0.90, "Adult Learning Center"),
)
# Groups in the order of RACES, for the city as a whole.
RACE_SHARES = np.array([0.002, 0.020, 0.640, 0.200, 0.022, 0.001, 0.115])


@dataclass(frozen=True, slots=True)
class Plan:
    """One entry per LEA (`leas`, `lea_names`, `lea_sectors`) and per school (all others).

    `low` and `high` are positions in GRADES; `seats` the students that fit; `mix` (schools x 7) the shares of RACES;
    `hardship` shifts the share at risk, `climate` absences and discipline, `teaching` results (all standard normal).
    """

    leas: tuple[str, ...]
    lea_names: tuple[str, ...]
    lea_sectors: tuple[str, ...]
    schools: tuple[str, ...]
    names: tuple[str, ...]
    lea: Ints
    area: Ints
    low: Ints
    high: Ints
    seats: Floats
    mix: Floats
    hardship: Floats
    climate: Floats
    teaching: Floats

    def serves(self, grade: int) -> NDArray[np.bool_]:
        """Which schools serve the grade at this position in GRADES."""
        return (self.low <= grade) & (grade <= self.high)


def invent_plan(schools: int, rng: np.random.Generator) -> Plan:
    """A city of that many schools (at least 2): about half in one district, half in charter LEAs of one to ten schools."""
    lea = _leas(schools, rng)
    count = int(lea.max()) + 1
    kind = _kinds(schools, lea, rng)
    area = rng.integers(0, AREAS, schools)
    grades = {grade: at for at, grade in enumerate(GRADES)}
    seats = np.array([KINDS[k][3] for k in kind]) * np.exp(rng.normal(0, 0.45, schools))
    mix = _mixes(area, lea, rng)
    poverty = 2.2 * (mix[:, RACES.index("black")] + mix[:, RACES.index("hispanic")] - 0.84)
    return Plan(
        leas=tuple(f"{at + 1:03d}" for at in range(count)),
        lea_names=("Confluence Public Schools", *charter_names(count - 1, rng)),
        lea_sectors=("district", *["charter"] * (count - 1)),
        schools=tuple(f"{lea[at] + 1:03d}-{at + 1:04d}" for at in range(schools)),
        names=tuple(f"{name} {KINDS[k][4]}" for name, k in zip(school_names(schools, rng), kind, strict=True)),
        lea=lea,
        area=area,
        low=np.array([grades[KINDS[k][1]] for k in kind]),
        high=np.array([grades[KINDS[k][2]] for k in kind]),
        seats=seats / seats.sum() * STUDENTS_PER_SCHOOL * schools,
        mix=mix,
        hardship=poverty + rng.normal(0, 0.4, schools),
        climate=0.5 * poverty + rng.normal(0, 0.5, schools),
        teaching=-0.3 * poverty + rng.normal(0, 0.3, schools),
    )


def _leas(schools: int, rng: np.random.Generator) -> Ints:
    """LEA of each school, the district (0) first; charter LEAs are mostly small."""
    district = (schools + 1) // 2
    sizes: list[int] = []
    while sum(sizes) < schools - district:
        sizes.append(int(min(rng.geometric(0.5), 10, schools - district - sum(sizes))))
    return np.repeat(np.arange(len(sizes) + 1), [district, *sizes])


def _kinds(schools: int, lea: Ints, rng: np.random.Generator) -> Ints:
    """Kinds near their shares in both sectors; every grade is served, however few the schools."""
    shares = np.array([kind[0] for kind in KINDS])
    kinds = rng.choice(len(KINDS), schools, p=shares / shares.sum())
    kinds[0] = 1  # PK3 to 08
    kinds[np.flatnonzero(lea > 0)[0] if schools > 2 else 1] = 5  # 06 to 12
    return kinds


def _mixes(area: Ints, lea: Ints, rng: np.random.Generator) -> Floats:
    """Shares of the groups in each school: areas differ much, schools within one less, charters mix areas a little."""
    areas = rng.dirichlet(RACE_SHARES * 2.5 + 0.01, AREAS)
    blended = 0.85 * areas[area] + 0.15 * RACE_SHARES
    charter = (lea > 0)[:, None]
    blended = np.where(charter, 0.6 * blended + 0.4 * RACE_SHARES, blended)
    drawn = np.array([rng.dirichlet(mix * 18 + 0.02) for mix in blended])
    return _towards_city(drawn)


def _towards_city(mix: Floats) -> Floats:
    """Rescale the groups so that the mean over schools is the city's, and every school's shares add up to one."""
    for _ in range(20):
        mix = mix * (RACE_SHARES / mix.mean(axis=0))
        mix = mix / mix.sum(axis=1, keepdims=True)
    return mix
