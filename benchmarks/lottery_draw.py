"""How long one draw of a city's lottery takes, and a thousand: `lottery_draw.py --instance a|b|c|d --draws N --seed S`.

The last line is JSON: seconds, cpu_seconds, peak_mb, matched, digest. A draw is everything from the seed to the match: the
HMAC-SHA256 number of every application, their order, and deferred acceptance. With `--peers` the public packages that
solve the same problem run on the same instance in an environment of their own.
"""

import argparse
import hashlib
import json
import resource
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.lottery_instances import INSTANCES, instance

from commonground.engines.lottery.arrays import Arrays
from commonground.engines.lottery.repeated import repeated_draws
from commonground.engines.lottery.tickets import Tickets


def measure(name: str, draws: int, seed: str, workers: int) -> dict[str, object]:
    """Draw an instance `draws` times after one draw to warm up: the very same steps, so that all of them are compiled.

    A machine on which nothing is compiled yet does that on a small market, before the large one takes its memory.
    """
    _drawn(*instance("a"), ["warm-up"])
    arrays, tickets = instance(name)
    _drawn(arrays, tickets, ["warm-up"])
    seeds = [seed] if draws == 1 else [f"{seed}#{number}" for number in range(draws)]
    cpu, wall = time.process_time(), time.perf_counter()
    matches = _drawn(arrays, tickets, seeds, workers)
    seconds, cpu_seconds = time.perf_counter() - wall, time.process_time() - cpu
    digest = hashlib.sha256(b"".join(digest for _, digest in matches)).hexdigest()
    return {
        "instance": name,
        "draws": draws,
        "seconds": round(seconds, 4),
        "cpu_seconds": round(cpu_seconds, 4),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        "matched": matches[0][0],
        "digest": digest,
    }


def _drawn(arrays: Arrays, tickets: Tickets, seeds: list[str], workers: int = 1) -> list[tuple[int, bytes]]:
    """Draw once a seed; of each draw a summary."""
    return repeated_draws(
        arrays, tickets, seeds, workers=workers, keep=lambda seating: _summary(seating.matched(arrays)[0])
    )


def _summary(matched) -> tuple[int, bytes]:
    """How many are matched, and a fingerprint of who sits where."""
    return int((matched >= 0).sum()), hashlib.sha256(matched.tobytes()).digest()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--instance", choices=sorted(INSTANCES), default="a")
    parser.add_argument("--draws", type=int, default=1)
    parser.add_argument("--seed", default="2025")
    parser.add_argument("--workers", type=int, default=2, help="threads for several draws (default 2)")
    parser.add_argument("--twin", action="store_true", help="also draw with the pure-Python twin and compare")
    parser.add_argument("--peers", action="store_true", help="also time the public packages on the same instance")
    parser.add_argument("--peer-limit", type=int, default=60, help="seconds after which a peer is stopped (default 60)")
    arguments = parser.parse_args()
    result = measure(arguments.instance, arguments.draws, arguments.seed, arguments.workers)
    if arguments.twin:
        from benchmarks.lottery_peers import twin_agrees

        result["twin"] = twin_agrees(arguments.instance, arguments.seed)
    if arguments.peers:
        from benchmarks.lottery_peers import peers

        result["peers"] = peers(arguments.instance, arguments.seed, arguments.peer_limit)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
