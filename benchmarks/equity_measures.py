"""Student-day rows to figures in 16 grouping sets: `equity_measures.py --rows 100000000 [--folder DIR]`.

The last line is JSON: rows, seconds, cpu and peak_mb, the peer's beside them, ratio, cpu_ratio, same. The rows are attendance
by day, 180 a student, in Parquet; they are drawn by DuckDB and kept in the folder (removed at the end unless --keep). Measured
is the product's own chronic absence rule on them, for all students, five families and their ten crossings, at city, sector,
LEA and school. Its peer, in the same run, is what one would write by hand: DuckDB SQL that aggregates by student first and
then counts over GROUPING SETS. Both read the same files, run in a process of their own, alternate, and may use the same
memory; the figures must agree. Medians of --repeat runs. With `--one-step` a third way counts distinct students straight from
the rows. Seconds leave out loading Python's modules; cpu is all of the process,
and both ways load the same ones.
"""

import argparse
import json
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

DAYS = 180
FAMILIES = ("race", "sex", "english_learner", "disability", "at_risk")
SCHOOL_SIZE = 400


def generate(folder: Path, rows: int, memory: str) -> None:
    """Draw the tables of a city with so many student-days: days of a student stand together, as LEAs export them."""
    students, connection = rows // DAYS, duckdb.connect()
    connection.execute(f"SET memory_limit='{memory}'; SET preserve_insertion_order=false")
    connection.execute(f"SET temp_directory='{folder}'")
    schools = max(4, students // SCHOOL_SIZE)
    race = "['american_indian','asian','black','hispanic','multiracial','pacific_islander','white']"
    yes = "CASE WHEN hash(i, {0}) % 100 < {1} THEN 'yes' ELSE 'no' END AS {2}"
    tables = {
        "schools": f"SELECT 'S' || i AS school, 'L' || (i // 4) AS lea, 'S' || i AS name, "
        f"CASE WHEN (i // 4) % 2 = 0 THEN 'district' ELSE 'charter' END AS sector, 'KG' AS low_grade, '12' AS high_grade "
        f"FROM range({schools}) t(i)",
        "students": f"SELECT '2025' AS year, 'T' || i AS student, {race}[1 + (hash(i, 1) % 7)::INT] AS race, "
        f"['female','male'][1 + (hash(i, 2) % 2)::INT] AS sex, {yes.format(3, 15, 'english_learner')}, "
        f"{yes.format(4, 18, 'disability')}, {yes.format(5, 45, 'at_risk')} FROM range({students}) t(i)",
        "enrollments": f"SELECT '2025' AS year, 'T' || i AS student, 'S' || (i % {schools}) AS school, "
        f"printf('%02d', 1 + hash(i, 6) % 12) AS grade, DATE '2024-08-20' AS entry, NULL::DATE AS exit "
        f"FROM range({students}) t(i)",
        "attendance_days": f"SELECT '2025' AS year, 'T' || (i // {DAYS}) AS student, "
        f"'S' || ((i // {DAYS}) % {schools}) AS school, DATE '2024-08-20' + (i % {DAYS})::INT AS date, "
        f"CASE WHEN hash(i, 7) % 100 < 2 + 2 * (hash(i // {DAYS}, 8) % 9) THEN 'absent' ELSE 'present' END AS status "
        f"FROM range({students * DAYS}) t(i)",
    }
    for name, query in tables.items():
        connection.execute(f"COPY ({query}) TO '{folder / name}.parquet' (FORMAT parquet, COMPRESSION zstd)")


def ours(folder: Path, memory: str) -> dict[str, int]:
    """The product's way; its figures by level and group as "level|entity|group" to students and numerator."""
    from dataclasses import replace
    from itertools import combinations

    from commonground.engines.measures.compute import compute, connect
    from commonground.engines.measures.rules import shipped_rules
    from commonground.engines.measures.tables import open_tables

    rules = shipped_rules()
    rule = next(rule for rule in rules.metrics if rule.id == "chronic_absence")
    groups = replace(rules.groups, crossings=tuple(combinations(sorted(FAMILIES), 2)))
    rules = replace(rules, metrics=(rule,), groups=groups)
    connection = connect(memory, threads=2, spill=str(folder / "spill"))
    rows = compute(rules, open_tables(folder, connection)).figures
    own = duckdb.connect()
    own.register("figures", rows)
    return _digest(own.sql("SELECT level, students, numerator FROM figures WHERE grade = 'all'"))


def peer(folder: Path, memory: str) -> dict[str, int]:
    """Plain two-step SQL: by student, then grouping sets."""
    return _digest(_peer_connection(folder, memory).sql(_PEER))


def one_step(folder: Path, memory: str) -> dict[str, int]:
    """Distinct students counted inside the grouping sets, straight from the rows (no numerator)."""
    query = "SELECT level, students, 0 AS numerator FROM (" + _ONE_STEP + ")"
    return _digest(_peer_connection(folder, memory).sql(query))


def _peer_connection(folder: Path, memory: str) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(f"SET memory_limit='{memory}'; SET threads=2; SET preserve_insertion_order=false")
    connection.execute(f"SET temp_directory='{folder / 'spill'}'")
    for name in ("schools", "students", "enrollments", "attendance_days"):
        connection.execute(f"CREATE VIEW {name} AS SELECT * FROM '{folder / name}.parquet'")
    return connection


def _sets() -> str:
    families = [[], *[[name] for name in FAMILIES]]
    families += [[one, two] for at, one in enumerate(FAMILIES) for two in FAMILIES[at + 1 :]]
    return ", ".join(
        "(" + ", ".join([*entity, *names]) + ")"
        for entity in (["school"], ["lea"], ["sector"], [])
        for names in families
    )


_LEVEL = (
    "CASE WHEN grouping(school) = 0 THEN 'school' WHEN grouping(lea) = 0 THEN 'lea' "
    "WHEN grouping(sector) = 0 THEN 'sector' ELSE 'city' END AS level"
)
_PEER = f"""
WITH by_student AS (
    SELECT year, student, school, count(*) AS roll, count(*) FILTER (status IN ('present', 'late')) AS present
    FROM attendance_days GROUP BY year, student, school
), counted AS (
    SELECT e.school, lea, sector, race, sex, english_learner, disability, at_risk,
        (roll - present >= 0.1 * roll)::INT AS absent
    FROM by_student JOIN enrollments e USING (year, student, school) JOIN students USING (year, student)
    JOIN schools ON schools.school = e.school WHERE roll >= 10
)
SELECT {_LEVEL}, count(*) AS students, sum(absent) AS numerator FROM counted GROUP BY GROUPING SETS ({_sets()})
"""
_ONE_STEP = f"""
SELECT {_LEVEL}, count(DISTINCT student) AS students
FROM (SELECT a.student, e.school, lea, sector, race, sex, english_learner, disability, at_risk
    FROM attendance_days a JOIN enrollments e USING (year, student, school) JOIN students USING (year, student)
    JOIN schools ON schools.school = e.school)
GROUP BY GROUPING SETS ({_sets()})
"""


def _digest(rows: duckdb.DuckDBPyRelation) -> dict[str, int]:
    """Numbers that two ways can only share if they count alike: rows, sums and sums of squares by level."""
    found = rows.aggregate(
        "level, count(*), sum(students)::BIGINT, sum(students * students)::HUGEINT, sum(numerator)::BIGINT, "
        "sum(numerator * numerator)::HUGEINT",
        "level",
    ).fetchall()
    return {f"{level}:{at}": int(number) for level, *numbers in found for at, number in enumerate(numbers)}


WAYS = {"ours": ours, "peer": peer, "one_step": one_step}


def _child(way: str, folder: Path, memory: str) -> None:
    import commonground.engines.measures.changes  # noqa: F401 (loads what the product's way needs, outside the clock)

    start = time.perf_counter()
    digest = WAYS[way](folder, memory)
    seconds = time.perf_counter() - start
    used = resource.getrusage(resource.RUSAGE_SELF)
    result = {"seconds": seconds, "cpu": used.ru_utime + used.ru_stime, "peak_mb": used.ru_maxrss / 1024}
    print(json.dumps(result | {"digest": digest}))


def _run(way: str, folder: Path, memory: str) -> dict[str, object]:
    command = [sys.executable, __file__, "--child", way, "--folder", str(folder), "--memory", memory]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout.splitlines()[-1])
    print(f"{way}: {found['seconds']:.1f} s, {found['cpu']:.1f} s of processors, {found['peak_mb']:.0f} MB", flush=True)
    return found


def measure(folder: Path, rows: int, memory: str, repeat: int, ways: list[str]) -> dict[str, object]:
    """The ways in turn, so that a busy machine meets all alike."""
    runs: dict[str, list[dict[str, object]]] = {way: [] for way in ways}
    for _ in range(repeat):
        for way, found in runs.items():
            found.append(_run(way, folder, memory))
    result: dict[str, object] = {"rows": rows // DAYS * DAYS}
    for way, found in runs.items():
        before = "" if way == "ours" else f"{way}_"
        for name, digits in (("seconds", 2), ("cpu", 2), ("peak_mb", 0)):
            result[f"{before}{name}"] = round(statistics.median(run[name] for run in found), digits)
    if "peer" in ways:
        result["ratio"] = round(result["seconds"] / result["peer_seconds"], 3)
        result["cpu_ratio"] = round(result["cpu"] / result["peer_cpu"], 3)
        result["same"] = runs["ours"][0]["digest"] == runs["peer"][0]["digest"]
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000, help="student-days (default 10 million)")
    parser.add_argument("--folder", type=Path, help="where the rows are kept (default: a temporary folder)")
    parser.add_argument("--memory", default="600MB", help="what DuckDB may take, either way (default 600MB)")
    parser.add_argument("--repeat", type=int, default=3, help="runs of each way (default 3)")
    parser.add_argument("--one-step", action="store_true", help="also count distinct students straight from the rows")
    parser.add_argument("--alone", action="store_true", help="without the peer")
    parser.add_argument("--keep", action="store_true", help="keep the rows, and use those that are there")
    parser.add_argument("--child", choices=sorted(WAYS), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        _child(arguments.child, arguments.folder, arguments.memory)
        return
    folder = arguments.folder or Path(tempfile.mkdtemp(prefix="equity-measures-"))
    rows = folder / f"rows-{arguments.rows}"
    try:
        if not (rows / "attendance_days.parquet").exists():
            rows.mkdir(parents=True, exist_ok=True)
            generate(rows, arguments.rows, arguments.memory)
        ways = ["ours", *([] if arguments.alone else ["peer"]), *(["one_step"] if arguments.one_step else [])]
        result = measure(rows, arguments.rows, arguments.memory, arguments.repeat, ways)
    finally:
        if not arguments.keep:
            shutil.rmtree(rows if arguments.folder else folder, ignore_errors=True)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
