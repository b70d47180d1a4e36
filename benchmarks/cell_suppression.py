"""Protect a published cell-suppression instance, verify the answer apart, and say how good it is.

    python benchmarks/cell_suppression.py FILE --seconds 170

FILE is JSON, perhaps gzipped: `equations` (lists of [cell, coefficient]), `cells` (weight, down, up, may_be_hidden) and
`primary` (cell, need_down, need_up). The answer is verified by two linear programs for each primary cell, which share
nothing with the search. The last line is JSON.
"""

import argparse
import gzip
import json
import resource
import sys
import time
from pathlib import Path

import highspy
import numpy as np
from scipy.sparse import csr_matrix

from commonground.engines.disclosure.suppression import Problem, Progress, suppress

REACHED = 1e-6  # of a need, relative


def read(path: Path) -> dict[str, list]:
    raw = path.read_bytes()
    return json.loads(gzip.decompress(raw) if path.suffix == ".gz" else raw)


def problem_of(data: dict[str, list]) -> Problem:
    terms = [(row, cell, value) for row, equation in enumerate(data["equations"]) for cell, value in equation]
    rows, cells, values = zip(*terms, strict=True)
    shape = (len(data["equations"]), len(data["cells"]))
    column = {name: [cell[name] for cell in data["cells"]] for name in data["cells"][0]}
    return Problem.of_deviations(
        weight=column["weight"],
        down=column["down"],
        up=column["up"],
        may_hide=column["may_be_hidden"],
        relations=csr_matrix((values, (rows, cells)), shape=shape),
        sensitive=[cell["cell"] for cell in data["primary"]],
        need_down=[cell["need_down"] for cell in data["primary"]],
        need_up=[cell["need_up"] for cell in data["primary"]],
    )


def narrow(data: dict[str, list], hidden: np.ndarray) -> int:
    """How many primary cells an attacker narrows too far: two linear programs for each."""
    lp, n = highspy.Highs(), len(hidden)
    lp.setOptionValue("output_flag", False)
    down = np.array([cell["down"] for cell in data["cells"]]) * hidden
    up = np.array([cell["up"] for cell in data["cells"]]) * hidden
    none = np.zeros(0, np.int32)
    lp.addCols(n, np.zeros(n), -down, up, 0, np.zeros(n, np.int32), none, np.zeros(0))
    for equation in data["equations"]:
        cells, values = zip(*equation, strict=True)
        lp.addRow(0.0, 0.0, len(cells), np.array(cells, np.int32), np.array(values, float))
    failed = 0
    for primary in data["primary"]:
        enough = bool(hidden[primary["cell"]])
        for sign, need in ((1.0, primary["need_up"]), (-1.0, primary["need_down"])):
            lp.changeColCost(primary["cell"], -sign)
            lp.run()
            solved = lp.getModelStatus() == highspy.HighsModelStatus.kOptimal
            enough &= solved and -lp.getObjectiveValue() >= need * (1 - REACHED)
            lp.changeColCost(primary["cell"], 0.0)
        failed += not enough
    return failed


def tell(progress: Progress) -> None:
    line = (
        f"{progress.stage} {progress.seconds:.1f} s: weight {progress.weight:.10g}, bound {progress.lower_bound:.10g}"
    )
    print(line, file=sys.stderr)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--seconds", type=float, default=170.0)
    args = parser.parse_args()
    data = read(args.file)
    begin = time.perf_counter()
    pattern = suppress(problem_of(data), seconds=args.seconds, progress=tell)
    seconds = time.perf_counter() - begin
    weight = sum(cell["weight"] for cell, out in zip(data["cells"], pattern.hidden, strict=True) if out)
    result = {
        "instance": args.file.name.split(".")[0],
        "cells": len(data["cells"]),
        "primary": len(data["primary"]),
        "hidden": int(pattern.hidden.sum()),
        "weight": round(weight, 6),
        "lower_bound": round(pattern.lower_bound, 6),
        "gap": round(pattern.gap, 6),
        "proven": pattern.proven,
        "narrow": narrow(data, pattern.hidden),
        "seconds": round(seconds, 2),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
