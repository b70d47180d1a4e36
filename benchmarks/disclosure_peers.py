"""The peer beside `disclosure.py`: pytauargus with its optimal method, on the same cells, costs, needs and relations.

It lives in an environment of the benchmark's own (`.var/disclosure-peers`, made at the first call).
"""

import json
import subprocess
import tempfile
from itertools import pairwise
from pathlib import Path

import numpy as np
from benchmarks.disclosure_city import City
from benchmarks.peer_environment import interpreter

PACKAGES = ("pytauargus==0.6.0",)
GRACE = 60  # seconds beyond its own time limit before it is stopped

_RUN = """
import json, sys, time
from pytauargus import HiTaSCtrl
begin = time.perf_counter()
code = HiTaSCtrl().full_jj(in_file_jj=sys.argv[1], out_file=sys.argv[2], max_time=int(sys.argv[3]))
print(json.dumps({"code": code, "seconds": round(time.perf_counter() - begin, 2)}))
"""


def optimal(town: City, minutes: int) -> tuple[dict[str, object], np.ndarray | None]:
    """Its seconds and the cells it hides (None when it did not answer in time)."""
    python = interpreter("disclosure-peers", PACKAGES)
    with tempfile.TemporaryDirectory() as folder:
        table, out = Path(folder) / "table.jj", Path(folder) / "out.txt"
        table.write_text(_as_jj(town))
        command = [python, "-c", _RUN, table, out, minutes]
        try:
            done = subprocess.run(
                [str(part) for part in command],
                capture_output=True,
                text=True,
                timeout=60 * minutes + GRACE,
                check=False,
                cwd=folder,
            )
        except subprocess.TimeoutExpired:
            return {"stopped_after": 60 * minutes + GRACE}, None
        answers = [line for line in done.stdout.splitlines() if line.startswith("{")]
        if done.returncode or not answers:
            return {"error": (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]}, None
        answer = json.loads(answers[-1])
        if answer["code"] > 1 or not out.exists():
            return {"error": f"code {answer['code']}", "seconds": answer["seconds"]}, None
        hidden = np.zeros(len(town.count), bool)
        hidden[town.primary] = True
        hidden[[int(line.split()[0]) for line in out.read_text().splitlines() if line.strip()]] = True
        return {"seconds": answer["seconds"]}, hidden


def _as_jj(town: City) -> str:
    """The table in the peer's format: number, count, cost, status, bounds, needs; then the relations.

    Status u is sensitive, z must be shown (zeros, and the rows of all students), s may be hidden.
    """
    down, up = town.needs()
    needs = {int(cell): (d, u) for cell, d, u in zip(town.primary, down, up, strict=True)}
    shown = town.shown
    lines = ["0", str(len(town.count))]
    for cell, count in enumerate(town.count.astype(int)):
        status = "u" if cell in needs else "z" if shown[cell] else "s"
        most = 0 if count == 0 else town.students
        d, u = needs.get(cell, (0.0, 0.0))
        lines.append(f"{cell} {count} {count} {status} 0 {most} {d:.3f} {u:.3f} 0")
    lines.append(str(town.relations.shape[0]))
    start, cells, data = town.relations.indptr, town.relations.indices, town.relations.data
    for first, last in pairwise(start):
        terms = " ".join(f"{cells[at]} ({int(data[at])})" for at in range(first, last))
        lines.append(f"0 {last - first} : {terms}")
    return "\n".join(lines) + "\n"
