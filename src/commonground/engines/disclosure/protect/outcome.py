"""What is told of rows, as the tables of a publication and of its makers' own list of decisions."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from commonground.engines.disclosure.protect.places import Ints
from commonground.engines.disclosure.protect.rows import Told
from commonground.engines.disclosure.publication import FIGURES, KEY

DECISIONS = pa.schema([(name, pa.string()) for name in (*KEY, "reason", "protects")])
_PUBLIC = {"small": "small_group", "complement": "few_students", "dominant": "small_group", "secondary": "small_group"}


@dataclass(frozen=True)
class Outcome:
    """What becomes of some rows: the published ones under `FIGURES`, ``decisions`` under `DECISIONS`, and the keys (year,
    metric, level, entity, grade, period, group) of those that an outsider can narrow too far."""

    figures: pa.Table
    decisions: pa.Table
    exposed: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, part: pa.Table, told: Told, stuck: Ints, corrected: str = "") -> "Outcome":
        keys = part.take(stuck).select([name for name in KEY if name != "version"]).to_pylist()
        exposed = tuple(tuple(row.values()) for row in keys)
        return cls(published(part, told, corrected), decisions(part, told), exposed)

    @classmethod
    def standing(cls, figures: pa.Table) -> "Outcome":
        """Rows of an earlier release as they are."""
        return cls(figures.cast(FIGURES), DECISIONS.empty_table(), ())

    @classmethod
    def join(cls, outcomes: "Sequence[Outcome]") -> "Outcome":
        """All of them, in the order of their keys."""
        return cls(
            _sorted([one.figures for one in outcomes]),
            _sorted([one.decisions for one in outcomes]),
            tuple(key for one in outcomes for key in one.exposed),
        )


def _sorted(tables: Sequence[pa.Table]) -> pa.Table:
    joined = pa.concat_tables(tables)
    return joined if len(tables) == 1 else joined.sort_by([(name, "ascending") for name in KEY])


def published(part: pa.Table, told: Told, corrected: str = "") -> pa.Table:
    """The rows that are kept, under `FIGURES`; ``corrected`` is the day from which they are told otherwise than before."""
    columns = {name: part[name] for name in KEY}
    columns |= {"status": pa.array(told.status, pa.string()), "text": pa.array(told.text, pa.string())}
    columns["reason"] = pa.array([_PUBLIC.get(reason, reason) for reason in told.reason], pa.string())
    for name in ("low", "high", "students_low", "students_high"):
        columns[name] = _number(getattr(told, name))
    least, most = _numerators(part, told)
    columns["corrected"] = pa.array([corrected] * part.num_rows, pa.string())
    columns |= {"numerator_low": _number(least), "numerator_high": _number(most)}
    return pa.table({name: columns[name] for name in FIGURES.names}, FIGURES).filter(pa.array(told.kept))


def _numerators(part: pa.Table, told: Told) -> tuple[np.ndarray, np.ndarray]:
    """What follows for the students counted from the two intervals of a rate."""
    rate = np.asarray(pc.is_valid(part["numerator"])) & (told.status != "exact") & (told.status != "missing")
    rate &= ~np.isnan(told.students_low)
    low = np.where(np.isnan(told.low), 0.0, told.low)
    high = np.where(np.isnan(told.high), 1.0, told.high)
    least = np.where(rate, np.ceil(low * told.students_low - 1e-9), np.nan)
    return least, np.where(rate, np.floor(high * told.students_high + 1e-9), np.nan)


def _number(values: np.ndarray) -> pa.Array:
    return pa.array(values, pa.float64(), mask=np.isnan(values))


def decisions(part: pa.Table, told: Told) -> pa.Table:
    """Why each row that is kept is withheld, under `DECISIONS`."""
    texts = {"reason": pa.array(told.reason, pa.string()), "protects": pa.array(told.protects, pa.string())}
    named = pa.table({**{name: part[name] for name in KEY}, **texts}, DECISIONS)
    return named.filter(pa.array(told.kept & (told.status == "withheld")))
