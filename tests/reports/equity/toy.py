"""A small invented publication: two schools of two sectors, every kind of status, two years."""

from itertools import product
from pathlib import Path
from typing import Any

import pyarrow as pa

from commonground.engines.disclosure.publication import FIGURES, Manifest, Publication

YEARS = ("2024", "2025")
METRICS = (
    ("enrollment", "count", "Enrollment on the count date", "Matrícula en la fecha de conteo"),
    ("chronic_absence", "rate", "Chronic absence", "Ausentismo crónico"),
    ("entry", "rate", "Entered during the year", "Ingresaron durante el año"),
    ("growth", "median", "Median growth", "Crecimiento mediano"),
)
GROUPS = (
    ("all", "", "All students", "Todos los estudiantes"),
    ("race:asian", "race", "Asian", "Asiáticos"),
    ("race:black", "race", "Black", "Negros"),
    ("race:unknown", "race", "Race not stated", "Raza no indicada"),
    ("disability:yes*race:black", "disability*race", "Black, with disabilities", "Negros, con discapacidad"),
)
PLACES = (
    ("city", "city", "Juniper City", "", "", "", ""),
    ("district", "sector", "District", "", "district", "", ""),
    ("charter", "sector", "Charter", "", "charter", "", ""),
    ("L1", "lea", "Harbor Public Schools", "L1", "district", "", ""),
    ("L2", "lea", "Ñandú Academies", "L2", "charter", "", ""),
    ("0101", "school", "Cedar <Elementary> School", "L1", "district", "KG", "05"),
    ("C/7", "school", "Ñandú Academy", "L2", "charter", "06", "08"),
)
TOLD: dict[tuple[str, str], dict[str, Any]] = {
    ("rate", "all"): {"status": "range", "low": 0.115, "high": 0.125, "text": "12 %"},
    ("rate", "race:asian"): {"status": "bottom", "low": 0.0, "high": 0.05, "text": "≤ 5 %", "reason": "coded"},
    ("rate", "race:black"): {"status": "range", "low": 0.095, "high": 0.195, "text": "10–19 %"},
    ("median", "all"): {"status": "range", "low": 54.5, "high": 55.5, "text": "55"},
}
NUMBERS = ("low", "high", "students_low", "students_high", "numerator_low", "numerator_high")
WITHHELD = dict.fromkeys(NUMBERS) | {"status": "withheld", "text": "–", "reason": "small_group"}


def figure(
    year: str, place: tuple[str, ...], metric: tuple[str, ...], group: str, period: str = "year"
) -> dict[str, Any]:
    key = {
        "year": year, "metric": metric[0], "version": "1", "level": place[1], "entity": place[0], "grade": "all",
        "period": period, "group": group,
    }  # fmt: skip
    if group == "race:unknown":
        return key | dict.fromkeys(NUMBERS) | {"status": "missing", "text": "", "reason": ""}
    if "*" in group or (metric[1] == "median" and group != "all"):
        return key | WITHHELD
    students = 120 + 7 * (year == "2025")
    exact = {
        "students_low": students,
        "students_high": students,
        "numerator_low": None,
        "numerator_high": None,
        "reason": "",
    }
    if metric[1] == "count":
        return key | exact | {"status": "exact", "low": students, "high": students, "text": f"{students}"}
    return key | exact | TOLD[metric[1], group]


def toy() -> Publication:
    rows = [
        figure(year, place, metric, group[0]) for year, place, metric, group in product(YEARS, PLACES, METRICS, GROUPS)
    ]
    rows += [figure("2025", PLACES[5], METRICS[2], "all", month) for month in ("10", "01")]
    names = ("entity", "level", "name", "lea", "sector", "low_grade", "high_grade")
    return Publication(
        Manifest(title="Equity report of Juniper City", made="2025-11-03", years=YEARS, minimum=10, share=0.3, least=3),
        pa.Table.from_pylist(rows, schema=FIGURES),
        pa.table({name: [place[at] for place in PLACES] for at, name in enumerate(names)}),
        pa.table(
            {name: [row[at] for row in GROUPS] for at, name in enumerate(("group", "family", "name_en", "name_es"))}
        ),
        pa.Table.from_pylist([described(metric) for metric in METRICS]),
    )


def described(metric: tuple[str, ...]) -> dict[str, Any]:
    flags = dict.fromkeys(("adds_over_entities", "adds_over_groups", "adds_over_grades"), True)
    return flags | {
        "metric": metric[0], "version": "1", "kind": metric[1], "population": "enrolled", "within": "", "name_en": metric[2],
        "name_es": metric[3], "sentence_en": f"{metric[2]}, in a sentence.", "sentence_es": f"{metric[3]}, en una frase.",
        "source": "Common Ground starter rules", "source_es": "Reglas iniciales", "effective": "2013",
    }  # fmt: skip


def write_toy(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    toy().write(folder / "data")
    return folder
