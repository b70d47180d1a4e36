"""Rows of all students are withheld only where telling one more would give a small group away."""

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from commonground.engines.disclosure.audit import audit
from commonground.engines.disclosure.protect import Protected, Settings, protect
from commonground.engines.disclosure.publication import KEY, Publication
from commonground.engines.measures.figures import Figures
from tests.engines.disclosure.cities import city, figures

SIZES = (9, 14, 30, 22, 6, 41, 17, 12, 8, 25, 11, 33)


@pytest.mark.parametrize("seed", range(12))
def test_no_withheld_count_of_all_students_could_be_told_by_itself(seed: int, tmp_path: Path) -> None:
    made = figures(city(seed, SIZES, leas=7, grades=("01", "02", "03")), metrics=("enrollment",), crossed=True)
    protected = protect(made, Settings(), title="t", made="2025-10-01", seconds=2)
    for number, row in enumerate(_withheld(protected)):
        folder = tmp_path / str(number)
        _telling(protected.publication, made, row).write(folder)
        assert not audit([folder], truth=made.figures).ok, row


def _withheld(protected: Protected) -> list[dict[str, str]]:
    rows = protected.decisions.to_pylist()
    return [row for row in rows if row["group"] == "all" and row["reason"] == "secondary"]


def _telling(told: Publication, made: Figures, row: dict[str, str]) -> Publication:
    """The publication with this count as well."""
    [value] = [one["value"] for one in made.figures.to_pylist() if all(one[name] == row[name] for name in KEY)]
    chosen = pc.equal(
        pa.array(range(told.figures.num_rows)),
        [all(one[name] == row[name] for name in KEY) for one in told.figures.to_pylist()].index(True),
    )
    more = {"status": "exact", "text": f"{value:.0f}", "reason": ""}
    more |= dict.fromkeys(("low", "high", "students_low", "students_high"), value)
    columns = {
        name: pc.if_else(chosen, pa.scalar(more[name], told.figures[name].type), told.figures[name])
        if name in more
        else told.figures[name]
        for name in told.figures.column_names
    }
    return Publication(told.manifest, pa.table(columns, told.figures.schema), told.entities, told.groups, told.metrics)
