"""The peers beside `lottery_draw.py`: public packages for the same problem, and our own slow twin, on the same instance.

The peers live in an environment of the benchmark's own (`.var/lottery-peers`, made at the first call), since the product
needs none of them. Each runs in a process of its own, on the same lists and lines, and is stopped at a time limit.
"""

import json
import subprocess
import sys
import tempfile
import textwrap
import time
from pathlib import Path

import numpy as np
from benchmarks.lottery_instances import instance
from benchmarks.peer_environment import interpreter

from commonground.engines.lottery.kernel import Seating, seat

PACKAGES = ("matching==1.4.3", "algmatch==1.5.2")

_RUN = {
    "matching": """
from matching.games import HospitalResident
game = HospitalResident.create_from_dictionaries(market["lists"], market["lines"], market["seats"])
start = time.perf_counter()
solution = game.solve(optimal="resident")
result = {child.name: school.name for school, children in solution.items() for child in children}
""",
    "algmatch": """
from algmatch import HospitalResidentsProblem
dictionary = {
    "residents": {int(child[1:]): [int(s[1:]) for s in listed] for child, listed in market["lists"].items()},
    "hospitals": {
        int(s[1:]): {"capacity": market["seats"][s], "preferences": [int(c[1:]) for c in line]}
        for s, line in market["lines"].items()
    },
}
start = time.perf_counter()
problem = HospitalResidentsProblem(dictionary=dictionary, optimised_side="residents")
solution = problem.get_stable_matching()
sided = solution["resident_sided"].items()
result = {f"c{str(child).lstrip('r')}": f"s{str(school).lstrip('h')}" for child, school in sided if school}
""",
}
# One peer copies its game by recursion, deeper than Python's usual limit on a city's market.
_FRAME = """
import json, sys, threading, time
sys.setrecursionlimit(10_000_000)
threading.stack_size(1 << 30)
market = json.load(open(sys.argv[1]))
def run():
{run}
    print(json.dumps({{"seconds": round(time.perf_counter() - start, 3), "match": result}}))
thread = threading.Thread(target=run)
thread.start()
thread.join()
"""


def _strict_market(name: str, seed: str) -> tuple[dict[str, dict[str, object]], list[int]]:
    """The instance as lists, lines and seats by name, every line strict under the seed's numbers; and our own match."""
    arrays, tickets = instance(name)
    turn = tickets.turns(seed)
    k = int(arrays.choice_start[1])
    chosen = arrays.choice_program.reshape(-1, k)
    key = (arrays.rank.astype(np.uint64) << np.uint64(32)) | turn[arrays.owner]
    order = np.lexsort((key, arrays.choice_program))
    ends = np.searchsorted(arrays.choice_program[order], np.arange(len(arrays.pool_start)))
    children = arrays.owner[order].tolist()
    lines = {f"s{at}": [f"c{c}" for c in children[ends[at] : ends[at + 1]]] for at in range(len(ends) - 1)}
    wanted = {school for school, line in lines.items() if line}
    market: dict[str, dict[str, object]] = {
        "lists": {f"c{child}": [f"s{s}" for s in own] for child, own in enumerate(chosen.tolist())},
        "lines": {school: lines[school] for school in wanted},
        "seats": {f"s{at}": int(seats) for at, seats in enumerate(np.diff(arrays.seat_start)) if f"s{at}" in wanted},
    }
    matched = seat(arrays, turn, Seating.empty(arrays)).matched(arrays)[0]
    return market, np.where(matched >= 0, arrays.choice_program[matched], -1).tolist()


def peers(name: str, seed: str, limit: int) -> dict[str, object]:
    """Seconds of each peer on the instance, whether it gives our match, or that it was stopped at the limit."""
    market, ours = _strict_market(name, seed)
    expected = {f"c{child}": f"s{school}" for child, school in enumerate(ours) if school >= 0}
    python, found = interpreter("lottery-peers", PACKAGES), {}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "market.json"
        file.write_text(json.dumps(market))
        for peer, run in _RUN.items():
            found[peer] = _timed([python, "-c", _FRAME.format(run=textwrap.indent(run, "    ")), file], expected, limit)
    return found


def _timed(command: list[object], expected: dict[str, str], limit: int) -> dict[str, object]:
    try:
        done = subprocess.run(
            [str(part) for part in command], capture_output=True, text=True, timeout=limit, check=False
        )
    except subprocess.TimeoutExpired:
        return {"stopped_after": limit}
    if done.returncode:
        return {"error": (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]}
    if not done.stdout:
        return {"error": done.stderr.strip().splitlines()[-1]}
    answer = json.loads(done.stdout)
    return {"seconds": answer["seconds"], "agrees": answer["match"] == expected}


def twin_agrees(name: str, seed: str) -> dict[str, object]:
    """Deferred acceptance in plain Python on the same instance: its seconds and whether it gives the same match."""
    market, ours = _strict_market(name, seed)
    place = {school: {child: at for at, child in enumerate(line)} for school, line in market["lines"].items()}  # type: ignore[arg-type]
    begin = time.perf_counter()
    held: dict[str, list[str]] = {school: [] for school in place}
    asked = dict.fromkeys(market["lists"], 0)
    free = list(market["lists"])
    while free:
        turned_away = []
        for child in free:
            listed = market["lists"][child]
            if asked[child] < len(listed):  # type: ignore[arg-type]
                held[listed[asked[child]]].append(child)  # type: ignore[index]
        for school, children in held.items():
            seats = market["seats"][school]
            if len(children) > seats:  # type: ignore[operator]
                children.sort(key=place[school].__getitem__)
                turned_away += children[seats:]  # type: ignore[misc]
                del children[seats:]  # type: ignore[misc]
        for child in turned_away:
            asked[child] += 1
        free = turned_away
    seconds = time.perf_counter() - begin
    match = {child: school for school, children in held.items() for child in children}
    agrees = match == {f"c{child}": f"s{school}" for child, school in enumerate(ours) if school >= 0}
    return {"seconds": round(seconds, 3), "agrees": agrees}


if __name__ == "__main__":
    sys.exit("Run lottery_draw.py --peers.")
