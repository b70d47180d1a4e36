"""Maximally diverse grouping: the engine on a published instance.

    python benchmarks/formation_grouping.py ../shared/data/formation/RanInt_n120_ds_01.txt --seconds 60

The last line is JSON: {objective, seconds}. Best published: Geo_n010_ss_01 3660.67, Geo_n012_ss_01 716.46 (both optimal),
RanInt_n120_ds_01 51146.
"""

import argparse
import json
import time
from pathlib import Path

from commonground.engines.formation.grouping import read_grouping, solve_instance
from commonground.engines.formation.prepare import prepare


def main() -> None:
    arguments = argparse.ArgumentParser(description="Solve a maximally diverse grouping instance.")
    arguments.add_argument("file", type=Path)
    arguments.add_argument("--seconds", type=float, default=60.0)
    arguments.add_argument("--seed", type=int, default=0)
    options = arguments.parse_args()
    instance = read_grouping(options.file.read_text())
    prepare()  # compiled on the first run; not part of the seconds
    start = time.monotonic()
    answer = solve_instance(instance, seconds=options.seconds, seed=options.seed)
    seconds = time.monotonic() - start
    sizes = sorted(len(group) for group in answer.groups)
    placed = sorted(member for group in answer.groups for member in group)
    assert placed == list(range(len(instance))), "every member must be in exactly one group"
    print(f"{len(answer.groups)} groups of {sizes}, bound {answer.bound:.2f}, {answer.status}")
    print(json.dumps({"objective": round(answer.objective, 6), "seconds": round(seconds, 2)}))


if __name__ == "__main__":
    main()
