"""What each person would cost each case, in whole thousandths of a point, and which pairs are ruled out and why.

Whole numbers make the proof exact: sums of floating-point costs would leave "optimal" to a tolerance.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from commonground.engines.formation.facilitators.model import Case, Facilitator, FacilitatorRules
from commonground.engines.formation.travel import great_circle_km

UNIT = 1000  # thousandths of a point
MOST_PAST = 3  # a member more that one worked with says little beyond three
ALLOWED, CONFLICT, FORBIDDEN, FAR, LANGUAGE, NO_CASELOAD, PINNED_ELSEWHERE = range(7)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Costs:
    """Rows are cases, columns are people.

    `points`: cost in thousandths, before load. `ruled_out`: ALLOWED or the first rule in the way. `mean_km` and
    `farthest_km`: from the person to the members (NaN where a place is unknown). `load`: cost of one group more.
    """

    points: Ints
    ruled_out: NDArray[np.int8]
    mean_km: Floats
    farthest_km: Floats
    load: int

    @property
    def allowed(self) -> NDArray[np.bool_]:
        allowed: NDArray[np.bool_] = self.ruled_out == ALLOWED
        return allowed


def costs(cases: Sequence[Case], people: Sequence[Facilitator], rules: FacilitatorRules) -> Costs:
    """Costs of all pairs: arrays of shape (cases, people)."""
    w = rules.weights
    mean_km, farthest_km = _kilometers(cases, people)
    known = [[case.area is None or case.area in p.expertise for p in people] for case in cases]
    knows_area = np.array(known, dtype=bool).reshape(len(cases), len(people))
    spoken = _covered([case.languages for case in cases], [p.languages for p in people])
    points = (
        w.travel * np.nan_to_num(mean_km)
        + w.area * ~knows_area
        + w.needs * (1 - _covered([case.needs for case in cases], [p.expertise for p in people]))
        + w.language * (1 - spoken)
        - w.past * np.minimum(_common(cases, [p.worked_with for p in people]), MOST_PAST)
    )
    whole = np.rint(points * UNIT).astype(np.int64)
    ruled_out = _ruled_out(cases, people, rules, farthest_km, spoken)
    return Costs(whole, ruled_out, mean_km, farthest_km, round(w.load * UNIT))


def unserved_cost(table: Costs) -> int:
    """More than any rearrangement of the others can save: the dearest case, and the widest spread for every case."""
    if not table.allowed.any():
        return 1
    dear = int(table.points[table.allowed].max()) + table.load * len(table.points)
    cheap = int(table.points[table.allowed].min())
    return dear + len(table.points) * (dear - cheap) + 1


def _kilometers(cases: Sequence[Case], people: Sequence[Facilitator]) -> tuple[Floats, Floats]:
    """Mean and farthest distance from each person to the members of each case."""
    mean = np.full((len(cases), len(people)), np.nan)
    farthest = mean.copy()
    home = np.array([[_or_nan(p.latitude), _or_nan(p.longitude)] for p in people]).reshape(-1, 2)
    for row, case in enumerate(cases):
        if case.places:
            place = np.array(case.places)[:, :, None]
            way = great_circle_km(place[:, 0], place[:, 1], home[:, 0], home[:, 1])
            mean[row], farthest[row] = way.mean(axis=0), way.max(axis=0)
    return mean, farthest


def _or_nan(value: float | None) -> float:
    return np.nan if value is None else value


def _covered(wanted: Sequence[Mapping[str, float]], offered: Sequence[Collection[str]]) -> Floats:
    """Share of each row's wants, by weight, that each column offers; 1 where a row wants nothing."""
    names = {name: k for k, name in enumerate(sorted({name for row in wanted for name in row}))}
    want, offer = np.zeros((len(wanted), len(names))), np.zeros((len(names), len(offered)))
    for i, row in enumerate(wanted):
        for name, weight in row.items():
            want[i, names[name]] = weight
    for j, column in enumerate(offered):
        for name in column:
            if name in names:
                offer[names[name], j] = 1.0
    total = want.sum(axis=1, keepdims=True)
    return np.where(total > 0, want @ offer / np.where(total > 0, total, 1.0), 1.0)


def _common(cases: Sequence[Case], known: Sequence[Collection[str]]) -> Floats:
    """How many organizations of each case are among those that each person names."""
    columns: dict[str, list[int]] = {}
    for j, ids in enumerate(known):
        for one in ids:
            columns.setdefault(one, []).append(j)
    count = np.zeros((len(cases), len(known)))
    for i, case in enumerate(cases):
        for one in case.organizations:
            count[i, columns.get(one, [])] += 1
    return count


def _ruled_out(
    cases: Sequence[Case], people: Sequence[Facilitator], rules: FacilitatorRules, farthest: Floats, spoken: Floats
) -> NDArray[np.int8]:
    """The rule in the way of each pair. Later lines win: employment stands above all, and a pin above distance."""
    why = np.full((len(cases), len(people)), ALLOWED, dtype=np.int8)
    radius = np.array([np.inf if p.radius_km is None else p.radius_km for p in people])
    if rules.language_required:
        wanted = np.array([bool(case.languages) for case in cases])
        why[wanted[:, None] & (spoken == 0)] = LANGUAGE
    why[farthest > radius] = FAR  # unknown distances compare as false: whoever states no place travels anywhere
    why[:, [p.caseload == 0 for p in people]] = NO_CASELOAD
    column = {p.id: j for j, p in enumerate(people)}
    for i, case in enumerate(cases):
        if case.id in rules.pins:
            why[i] = PINNED_ELSEWHERE
            why[i, column[rules.pins[case.id]]] = ALLOWED
    row = {case.id: i for i, case in enumerate(cases)}
    for case_id, person_id in rules.forbidden:
        why[row[case_id], column[person_id]] = FORBIDDEN
    why[_common(cases, [p.employers for p in people]) > 0] = CONFLICT
    return why
