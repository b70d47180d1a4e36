"""Small invented markets for the tests of forming groups."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from commonground.engines.formation import Market, Member

KM_PER_DEGREE = 111.195
# Searches in tests end by their work. On a new machine the first one also compiles the loops, so the clock is no limit here.
PLENTY = 900.0
TOPICS = ("attendance", "writing", "mathematics", "science", "families", "reading", "discipline", "music")
AREAS = ("literacy", "restorative", "steam")


def school(
    name: str,
    sector: str,
    north_km: float,
    *,
    needs: Iterable[str] = (),
    strengths: Iterable[str] = (),
    areas: tuple[str, ...] = ("steam",),
) -> Member:
    """A school so many kilometers north of a fixed place."""
    return Member(
        id=name,
        name=name.title(),
        sector=sector,
        latitude=36.0 + north_km / KM_PER_DEGREE,
        longitude=-120.0,
        areas=areas,
        needs=dict.fromkeys(needs, 1.0),
        strengths=dict.fromkeys(strengths, 1.0),
    )


def market_of(n: int, *, seed: int, spread_km: float = 40.0) -> Market:
    """A market of n schools in a square, every third a charter."""
    rng = np.random.default_rng(seed)
    members = []
    for i in range(n):
        topics = rng.permutation(TOPICS)
        needs, offers = int(rng.integers(1, 4)), int(rng.integers(1, 4))
        members.append(
            Member(
                id=f"s{i:03d}",
                name=f"School {i}",
                sector="charter" if i % 3 == 0 else "district",
                latitude=36.0 + float(rng.random()) * spread_km / KM_PER_DEGREE,
                longitude=-120.0 + float(rng.random()) * spread_km / KM_PER_DEGREE,
                areas=tuple(rng.permutation(AREAS)[: int(rng.integers(1, 4))].tolist()),
                needs={str(t): float(rng.integers(1, 4)) for t in topics[:needs]},
                strengths={str(t): float(rng.integers(1, 4)) for t in topics[needs : needs + offers]},
                grade_bands=frozenset(["k-5"] if rng.random() < 0.5 else ["6-8"]),
                enrollment=int(rng.integers(100, 900)),
                readiness=float(rng.random()),
            )
        )
    return Market(tuple(members))


def leaves(proof: dict[str, Any], change: Callable[[dict[str, Any]], dict[str, Any]]) -> dict[str, Any]:
    """A proof whose leaves are changed, wherever they stand."""
    parts = [name for name in ("first", "then", "together", "apart") if name in proof]
    return {**proof, **{name: leaves(proof[name], change) for name in parts}} if parts else change(proof)
