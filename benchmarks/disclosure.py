"""Protect an invented city's enrollment counts, attack what is published, and compare with the peer.

    python benchmarks/disclosure.py --schools 240 --seed 1 --peers

Counts by school, race (7) and disability (2) with all margins; `--lea` adds the level of LEAs, `--grades` 13 grades.
Counts of 1 to 9 are sensitive: they must seem possible 30 % and at least 3 students lower (not below 0) and higher.
Cells of zero students and the rows of all students are shown (those of one grade only where each has at least 10). The
pattern protects in whole numbers. The attack is in `disclosure_audit.py`, which shares no code with the protector. The last
line is JSON; `lower_bound`: no safe pattern hides fewer students.
"""

import argparse
import json
import resource
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.disclosure_audit import audit
from benchmarks.disclosure_city import City, city
from benchmarks.disclosure_peers import optimal

from commonground.engines.disclosure.suppression import Problem, Progress, suppress


def problem_of(town: City) -> Problem:
    """Every student counts the same; an attacker knows how many there are in the city."""
    need_down, need_up = town.needs()
    return Problem(
        value=town.count,
        weight=town.count,
        low=np.zeros(len(town.count)),
        high=np.full(len(town.count), float(town.students)),
        relations=town.relations,
        sensitive=town.primary,
        need_down=need_down,
        need_up=need_up,
        may_hide=~town.shown,
        keys=town.names,
        whole=True,
    )


def measured(town: City, hidden: np.ndarray) -> dict[str, object]:
    """What a pattern hides, and what an attacker learns in spite of it."""
    down, up = town.needs()
    needs = {int(cell): (float(d), float(u)) for cell, d, u in zip(town.primary, down, up, strict=True)}
    begin, cpu = time.perf_counter(), processors()
    found = audit(town.count, town.relations, hidden, needs, town.axes[:, 0])
    return {
        "primary": len(town.primary),
        "secondary": int(hidden.sum()) - len(town.primary),
        "hidden_students": int(town.count[hidden].sum()),
        "recovered": found.recovered,
        "under_protected": found.under,
        "undecided": found.undecided,
        "audit_seconds": round(time.perf_counter() - begin, 2),
        "audit_cpu_seconds": round(processors() - cpu, 2),
        "audit_programs": found.programs,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--schools", type=int, default=240)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--lea", action="store_true", help="add the level of LEAs")
    parser.add_argument("--grades", action="store_true", help="counts by grade as well")
    parser.add_argument("--seconds", type=float, default=120.0, help="time for the protector")
    parser.add_argument("--cpu", action="store_true", help="count the processor's seconds: for a busy machine")
    parser.add_argument("--peers", action="store_true", help="run the peer on the same table")
    parser.add_argument("--peer-minutes", type=int, default=3)
    args = parser.parse_args()
    town = city(args.schools, args.seed, lea=args.lea, grades=args.grades)
    suppress(problem_of(city(8, 1)), seconds=20)  # compiles the loops, once for all runs
    begin, cpu = time.perf_counter(), processors()
    clock = time.process_time if args.cpu else time.monotonic
    pattern = suppress(problem_of(town), seconds=args.seconds, progress=tell, clock=clock)
    seconds, cpu = time.perf_counter() - begin, processors() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    result: dict[str, object] = {"cells": len(town.count), "students": town.students, **measured(town, pattern.hidden)}
    result |= {"seconds": round(seconds, 2), "cpu_seconds": round(cpu, 2), "peak_mb": peak}
    result |= {"lower_bound": round(pattern.lower_bound, 3), "gap": round(pattern.gap, 6), "proven": pattern.proven}
    if args.peers:
        result["pytauargus"] = peer(town, args.peer_minutes)
    print(json.dumps(result))


def processors() -> float:
    """Seconds of this process and of those that it started and that ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def tell(progress: Progress) -> None:
    line = f"{progress.stage} {progress.seconds:.1f} s: hidden {progress.weight:.0f}, bound {progress.lower_bound:.1f}"
    print(line, file=sys.stderr)


def peer(town: City, minutes: int) -> dict[str, object]:
    answer, hidden = optimal(town, minutes)
    return answer if hidden is None else answer | measured(town, hidden)


if __name__ == "__main__":
    main()
