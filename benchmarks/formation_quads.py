"""Forming quads: the engine on the reference market, with that market's own score.

    python benchmarks/formation_quads.py --schools 1000 --seed 7 --seconds 30

The market comes from `../shared/data/formation/quads.py` (or `--market FILE`). The last line is JSON: {objective, upper_bound,
gap, violations, seconds, cpu_seconds, peak_mb}; objective and violations are recomputed from the groups by that file's own `score`.
Reference: best found before 1,313.76 in 27 minutes, simulated annealing 1,138 in 2 minutes, valid upper bound 1,405.98.
"""

import argparse
import importlib.util
import json
import resource
import sys
import time
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from commonground.engines.formation.grouping import Grouping, solve_instance
from commonground.engines.formation.instance import Instance
from commonground.engines.formation.prepare import prepare

MARKET = Path(__file__).resolve().parents[2] / "shared" / "data" / "formation" / "quads.py"
CHUNK = 250  # groups scored at a time: the reference score needs several matrices of all members' pairs


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("quads", path)
    if spec is None or spec.loader is None or not path.exists():
        sys.exit(f"{path} is not there. Name the reference market with --market FILE.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def instance_of(quads: ModuleType, market: dict[str, Any]) -> Instance:
    """The market in the general form; pairs are weighed a few rows at a time."""
    n = len(market["lat"])
    need, strength = market["need"].astype(float), market["strength"].astype(float)
    pair = need @ strength.T
    pair += strength @ need.T
    for start in range(0, n, 500):
        rows = slice(start, start + 500)
        lat, lon = np.radians(market["lat"]), np.radians(market["lon"])
        half = np.sin((lat[rows, None] - lat) / 2) ** 2
        half += np.cos(lat[rows, None]) * np.cos(lat) * np.sin((lon[rows, None] - lon) / 2) ** 2
        pair[rows] -= 2 * quads.EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.clip(half, 0, 1))) / 10.0
    cost = np.full((n, quads.FOCUS_AREAS), np.inf)
    for rank, penalty in enumerate(quads.CHOICE_PENALTY):
        cost[np.arange(n), market["focus"][:, rank]] = penalty
    return Instance(
        pair=pair, cost=cost, size_min=4, size_max=4, kind=market["sector"], kind_min=np.array([1, 1], np.int64)
    )


def score(quads: ModuleType, market: dict[str, Any], answer: Grouping) -> tuple[float, int]:
    """(objective, violations) by the reference score, some groups at a time."""
    members = [member for group in answer.groups for member in group]
    total, violations = 0.0, len(market["lat"]) - len(set(members)) + len(members) - len(set(members))
    for start in range(0, len(answer.groups), CHUNK):
        groups = answer.groups[start : start + CHUNK]
        inside = sorted({member for group in groups for member in group})
        place = {member: i for i, member in enumerate(inside)}
        part = {key: values[inside] for key, values in market.items()}
        local = [[place[member] for member in group] for group in groups]
        points, broken = quads.score(part, local, answer.options[start : start + CHUNK])
        total, violations = total + points, violations + broken
    return total, violations


def main() -> None:
    arguments = argparse.ArgumentParser(description="Form quads in the reference market.")
    arguments.add_argument("--schools", type=int, default=1000)
    arguments.add_argument("--seed", type=int, default=7, help="of the market")
    arguments.add_argument("--seconds", type=float, default=30.0)
    arguments.add_argument("--search-seed", type=int, default=0)
    arguments.add_argument("--market", type=Path, default=MARKET)
    options = arguments.parse_args()
    quads = load(options.market)
    market = quads.make(options.schools, options.seed)
    instance = instance_of(quads, market)
    last = [0.0]

    def show(seconds: float, objective: float, bound: float) -> None:
        if seconds - last[0] >= 5:
            last[0] = seconds
            print(f"{seconds:7.1f} s  {objective:12.2f}  bound {bound:12.2f}", flush=True)

    print("Preparing (compiled on the first run; not part of the seconds) ...", flush=True)
    prepare()
    start, began = time.monotonic(), time.process_time()
    answer = solve_instance(instance, seconds=options.seconds, seed=options.search_seed, on_progress=show)
    seconds, used = time.monotonic() - start, time.process_time() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    del instance
    objective, violations = score(quads, market, answer)
    print(f"{len(answer.groups)} groups, {answer.status}")
    result = {
        "objective": round(objective, 4),
        "upper_bound": round(answer.bound, 4),
        "gap": round(max(0.0, answer.bound - objective) / abs(objective), 6),
        "violations": violations,
        "seconds": round(seconds, 2),
        "cpu_seconds": round(used, 2),
        "peak_mb": round(peak),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
