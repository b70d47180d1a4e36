"""How long a lottery takes whose applications are a very large table, and how much memory: `lottery_rows.py --rows 2000000`.

Ten choices a child are invented and written as CSV; then the command `commonground lottery run` reads, draws, checks and writes the
result folder in a process of its own. The last line is JSON: rows, children, megabytes, seconds, cpu_seconds, peak_mb.
"""

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from itertools import accumulate
from pathlib import Path

CHOICES, PROGRAMS = 10, 700


def write_market(folder: Path, children: int, seed: int) -> None:
    """Three files: popular and less popular programs, siblings, zones and a group."""
    chance = random.Random(seed)
    names = [f"P{at:03}" for at in range(PROGRAMS)]
    wanted = list(accumulate(chance.lognormvariate(0, 1) for _ in names))
    seats = -(-children // PROGRAMS)
    (folder / "rules.toml").write_text('groups = ["access"]\n')
    with (folder / "programs.csv").open("w") as file:
        file.write("program,school,grade,seats,priorities\n")
        file.writelines(f"{name},S{at // 2:03},9,{seats},sibling > zone\n" for at, name in enumerate(names))
    with (folder / "applications.csv").open("w") as file:
        file.write("application,grade,rank,program,priorities,groups\n")
        for child in range(children):
            own = dict.fromkeys(chance.choices(names, cum_weights=wanted, k=2 * CHOICES))
            own |= dict.fromkeys(chance.sample(names, CHOICES))
            group = "access" if child % 7 == 0 else ""
            for rank, name in enumerate(list(own)[:CHOICES], 1):
                priority = chance.choices(("sibling", "zone", ""), (6, 10, 84))[0]
                file.write(f"A{child:07},9,{rank},{name},{priority},{group}\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        write_market(folder, arguments.rows // CHOICES, arguments.seed)
        files = [
            f"--{path.stem}={path}"
            for path in (folder / f"{n}" for n in ("programs.csv", "applications.csv", "rules.toml"))
        ]
        begin = time.perf_counter()
        command = [
            sys.executable,
            "-m",
            "commonground.cli",
            "lottery",
            "run",
            *files,
            "--seed=big",
            f"--out={folder / 'out'}",
        ]
        subprocess.run(command, check=True, stdout=sys.stderr)
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        result = {
            "rows": arguments.rows // CHOICES * CHOICES,
            "children": arguments.rows // CHOICES,
            "megabytes": round((folder / "applications.csv").stat().st_size / 2**20, 1),
            "seconds": round(time.perf_counter() - begin, 1),
            "cpu_seconds": round(used.ru_utime + used.ru_stime, 1),
            "peak_mb": round(used.ru_maxrss / 1024, 1),
        }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
