"""How long a whole equity report takes, from the LEAs' files to its pages: `equity_site.py --schools 250 --years 5 --seed 1`.

An invented city is written; then the command `commonground equity report` reads, measures, protects, audits and writes the site in
a process of its own. The last line is JSON: schools, years, seconds, cpu_seconds, peak_mb (of the largest process), said.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

COMMAND = [sys.executable, "-m", "commonground.cli", "equity"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--schools", type=int, default=250)
    parser.add_argument("--years", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        city, out = Path(made) / "city", Path(made) / "report"
        wanted = {name: getattr(arguments, name) for name in ("schools", "years", "seed")}
        options = [text for name, value in wanted.items() for text in (f"--{name}", str(value))]
        subprocess.run([*COMMAND, "example", *options, "--out", str(city)], check=True, stdout=subprocess.DEVNULL)
        before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        report = [*COMMAND, "report", "--data", str(city), "--out", str(out), "--workers", str(arguments.workers)]
        done = subprocess.run(report, stdout=subprocess.PIPE, text=True)
        seconds, after = time.perf_counter() - begin, resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    figures = {"seconds": round(seconds, 1), "cpu_seconds": round(used, 1), "peak_mb": round(after.ru_maxrss / 1024)}
    print(json.dumps({**wanted, **figures, "said": done.stdout.splitlines()[:1]}))
    sys.exit(done.returncode)


if __name__ == "__main__":
    main()
