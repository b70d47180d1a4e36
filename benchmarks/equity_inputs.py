"""How much memory and time it takes to read and check a large CSV file: `equity_inputs.py --megabytes 2000`.

Writes an invented LEA whose attendance by day fills a CSV file of that size, reads and checks it in a process of its own, and
writes the canonical tables. The last line is JSON: megabytes, rows, seconds, cpu_seconds,
peak_mb (of the whole process), errors and warnings. With
`--limit` the process may not take more memory than that, so that a reader that holds the file in memory fails.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

_CHILD = """
import json, resource, sys, time
from pathlib import Path
limit = int(sys.argv[3])
if limit:
    resource.setrlimit(resource.RLIMIT_DATA, (limit * 2**20, limit * 2**20))
from commonground.engines.measures.inputs import open_city
begun = time.perf_counter()
with open_city([Path(sys.argv[1])], memory_mb=int(sys.argv[4]), beside=Path(sys.argv[2])) as city:
    read = time.perf_counter() - begun
    rows, errors, warnings = city.rows("attendance_days"), city.problems.errors, city.problems.warnings
    if not errors:
        city.write(Path(sys.argv[2]) / "canonical")
print(json.dumps({
    "rows": rows, "cpu_seconds": round(time.process_time(), 1),
    "read_seconds": round(read, 1), "seconds": round(time.perf_counter() - begun, 1),
    "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024), "errors": errors, "warnings": warnings,
}))
"""
_SCHOOLS = 40


def write_lea(folder: Path, megabytes: int, faults: int) -> float:
    """An LEA with about as many attendance rows as fill the megabytes; `faults` rows have an impossible code."""
    rows = megabytes * 2**20 // 36
    students = max(rows // 180, 1)
    folder.mkdir()
    (folder / "leas.csv").write_text("lea,name,sector\n1,Invented,district\n", encoding="utf-8")
    schools = "".join(f"S{at:03d},1,School {at},district,KG,12\n" for at in range(_SCHOOLS))
    (folder / "schools.csv").write_text("school,lea,name,sector,low_grade,high_grade\n" + schools, encoding="utf-8")
    who = f"printf('%09d', i) AS student, printf('S%03d', i % {_SCHOOLS}) AS school"
    with duckdb.connect(config={"memory_limit": "500MB"}) as connection:
        for name, query in {
            "students": f"SELECT 2025 AS year, printf('%09d', i) AS student, 'black' AS race, 'female' AS sex, "
            f"'no' AS english_learner, 'no' AS disability, 'yes' AS at_risk FROM range({students}) t(i)",
            "enrollments": f"SELECT 2025 AS year, {who}, '05' AS grade, DATE '2024-08-26' AS entry, "
            f"CAST(NULL AS DATE) AS exit FROM range({students}) t(i)",
            "attendance_days": f"SELECT 2025 AS year, {who}, DATE '2024-08-26' + CAST(d AS INTEGER) AS date, "
            f"CASE WHEN i * 180 + d < {faults} THEN 'xx' WHEN (i * 7 + d * 13) % 11 = 0 THEN 'absent' ELSE 'present' END "
            f"AS status FROM range({students}) t(i), range(180) u(d)",
        }.items():
            connection.execute(f"COPY ({query}) TO '{folder / name}.csv' (HEADER)")
    return (folder / "attendance_days.csv").stat().st_size / 2**20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=2000, help="size of the attendance file (default 2000)")
    parser.add_argument("--memory", type=int, default=700, help="MB that the database may take (default 700)")
    parser.add_argument(
        "--limit", type=int, default=0, help="MB of data that the process may hold at all (default: none)"
    )
    parser.add_argument("--faults", type=int, default=0, help="rows with a fault (default 0)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        begun = time.perf_counter()
        size = write_lea(Path(place) / "lea", arguments.megabytes, arguments.faults)
        print(f"{size:,.0f} MB written in {time.perf_counter() - begun:.0f} s", flush=True)
        command = [sys.executable, "-c", _CHILD, f"{place}/lea", place, str(arguments.limit), str(arguments.memory)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"The reader failed: {done.stderr.splitlines()[-1] if done.stderr else done.returncode}")
    result = {"megabytes": round(size), **json.loads(done.stdout)}
    result["writer_peak_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
