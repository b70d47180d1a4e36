"""How the time to a first whole set of quads grows with the market.

    python benchmarks/formation_growth.py --schools 1000 2500 5000 10000 --seed 7

For every size: the seconds until every school has a group, weights and prices included, and that time over n log2 n in
microseconds: the constant. The last line is JSON: {seconds, constants, largest_constant, limit}.
"""

import argparse
import json
import math
import time

from commonground.engines.formation.prepare import prepare
from commonground.engines.formation.search import Watch, search
from formation_quads import MARKET, instance_of, load

LIMIT = 500.0  # microseconds per n log2 n: ten thousand schools then all have a group within 67 seconds


def first_whole(schools: int, seed: int) -> float:
    """Seconds until all schools have a group."""
    quads = load(MARKET)
    market = quads.make(schools, seed)
    start = time.monotonic()
    instance = instance_of(quads, market)
    watch = Watch(600.0, time.monotonic, lambda now: now.state is None or len(now.state.alone()) > 0)
    found = search(instance, seed=0, watch=watch)
    if len(found.alone):
        raise SystemExit(f"{len(found.alone)} of {schools} schools have no group after 600 seconds.")
    return time.monotonic() - start


def main() -> None:
    arguments = argparse.ArgumentParser(description="Measure how the time grows with the market.")
    arguments.add_argument("--schools", type=int, nargs="+", default=[1000, 2500, 5000, 10000])
    arguments.add_argument("--seed", type=int, default=7, help="of the markets")
    options = arguments.parse_args()
    prepare()
    seconds = {}
    for schools in options.schools:
        seconds[schools] = round(first_whole(schools, options.seed), 2)
        print(f"{schools:6} schools {seconds[schools]:8.2f} s", flush=True)
    constants = {n: round(1e6 * each / (n * math.log2(n)), 1) for n, each in seconds.items()}
    print(
        json.dumps(
            {"seconds": seconds, "constants": constants, "largest_constant": max(constants.values()), "limit": LIMIT}
        )
    )


if __name__ == "__main__":
    main()
