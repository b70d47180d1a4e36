"""Small publications, written by hand: schools of one or two LEAs, groups, and what is withheld."""

import csv
import hashlib
import json
from collections.abc import Iterable, Mapping
from itertools import product
from pathlib import Path
from typing import Any

import pyarrow as pa

KEYS = ("year", "metric", "version", "level", "entity", "grade", "period", "group")
FIGURES = (
    *KEYS, "status", "low", "high", "students_low", "students_high", "numerator_low", "numerator_high", "text", "reason",
    "corrected",
)  # fmt: skip
COUNT = {
    "metric": "enrollment", "version": "1", "kind": "count", "population": "enrolled", "within": "",
    "adds_over_entities": "true", "adds_over_groups": "true", "adds_over_grades": "true",
}  # fmt: skip
RATE = COUNT | {"metric": "suspended", "kind": "rate"}
RACES = ("race:asian", "race:black", "race:white")
Cells = dict[tuple[str, str, str], int]


def schools(leas: Mapping[str, Iterable[str]]) -> list[dict[str, str]]:
    """The entities of a city. An LEA whose name begins with d is a district, another a charter operator."""
    rows = [{"entity": "city", "level": "city", "name": "City", "lea": "", "sector": ""}]
    sectors = {lea: "district" if lea.startswith("d") else "charter" for lea in leas}
    rows += [{"entity": s, "level": "sector", "name": s, "lea": "", "sector": s} for s in sorted(set(sectors.values()))]
    for lea, members in leas.items():
        rows.append({"entity": lea, "level": "lea", "name": lea, "lea": lea, "sector": sectors[lea]})
        rows += [{"entity": s, "level": "school", "name": s, "lea": lea, "sector": sectors[lea]} for s in members]
    return rows


def counts(entities: list[dict[str, str]], cells: Mapping[tuple[str, str], int]) -> Cells:
    """(level, entity, group) to students, with all margins, from (school, race) to students."""
    totals: Cells = {}
    of = {row["entity"]: row for row in entities if row["level"] == "school"}
    for (school, race), students in cells.items():
        places = [("school", school), ("lea", of[school]["lea"]), ("sector", of[school]["sector"]), ("city", "city")]
        for (level, entity), group in product(places, (race, "all")):
            totals[level, entity, group] = totals.get((level, entity, group), 0) + students
    return totals


def row(level: str, entity: str, group: str, metric: str = "enrollment", **more: Any) -> dict[str, Any]:
    key = {"year": "2025", "metric": metric, "version": "1", "level": level, "entity": entity, "grade": "all"}
    return dict.fromkeys(FIGURES, "") | key | {"period": "year", "group": group} | more


def shown(count: int) -> dict[str, Any]:
    return {"status": "exact", "low": count, "high": count, "students_low": count, "students_high": count}


HIDDEN = {"status": "withheld", "reason": "protected"}


def publish(folder: Path, entities: list[dict[str, str]], figures: list[dict[str, Any]], **manifest: Any) -> Path:
    """Write a publication folder as an LEA's host would."""
    folder.mkdir(parents=True, exist_ok=True)
    names = ("all", *RACES)
    groups = [
        {"group": g, "family": g.partition(":")[0] if g != "all" else "", "name_en": g, "name_es": g} for g in names
    ]
    tables = {"entities": entities, "groups": groups, "metrics": [COUNT, RATE], "figures": figures}
    for name, rows in tables.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    digests = {f"{name}.csv": hashlib.sha256((folder / f"{name}.csv").read_bytes()).hexdigest() for name in tables}
    content = {"format": "commonground-equity-publication/1", "minimum": 10, "required": {"share": 0.3, "least": 3}}
    (folder / "manifest.json").write_text(json.dumps(content | {"files": digests} | manifest), encoding="utf-8")
    return folder


def truth(totals: Cells) -> pa.Table:
    """The true table that `audit` takes, of counts."""
    columns = ("year", "metric", "level", "entity", "grade", "period", "group", "students", "numerator", "value")
    rows = [("2025", "enrollment", *key[:2], "all", "year", key[2], n, None, float(n)) for key, n in totals.items()]
    return pa.table(dict(zip(columns, map(list, zip(*rows, strict=True)), strict=True)))
