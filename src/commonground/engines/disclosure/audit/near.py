"""Programs for tables near one that fits: some columns are pushed, and whatever else has to move moves as little as it can.

Moving costs, so that nothing is better than the table itself until something is pushed. The solver begins there and meets only
what stands in the way, a few hundred of many thousand columns; without that cost each push would solve the whole system.
"""

from dataclasses import replace

import highspy
import numpy as np
from numpy.typing import NDArray

from commonground.engines.disclosure.audit.programs import Part, holds, model_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
REWARD = 1000.0  # for a step of a pushed column; a step of any other costs 1


class Near:
    """Changes of a ``table`` that fits: for each column that has room, how far it goes up, then how far it goes down."""

    def __init__(self, part: Part, table: Floats) -> None:
        self.part, self.table = part, table
        up, down = np.flatnonzero(table < part.high), np.flatnonzero(table > part.low)
        self.columns = np.concatenate([up, down])
        self.signs = np.repeat([1.0, -1.0], [len(up), len(down)])
        self.room = np.concatenate([(part.high - table)[up], (table - part.low)[down]])
        self.model = self._model()

    def _model(self) -> highspy.Highs:
        part, lines = self.part, self.part.rows @ self.table
        rows = part.rows[:, self.columns]
        rows.data *= self.signs[rows.indices]
        row_low, row_high = np.minimum(part.row_low - lines, 0.0), np.maximum(part.row_high - lines, 0.0)
        changes = replace(part, low=np.zeros(len(self.room)), high=self.room)
        model = model_of(replace(changes, rows=rows, row_low=row_low, row_high=row_high))
        model.setOptionValue("solver", "simplex")
        model.setOptionValue("presolve", "off")
        return model

    def push(self, wish: Floats) -> Floats | None:
        """A table with the columns as near as can be to where they are wished, so far from here; 0 where nothing is wished."""
        towards = wish[self.columns] * self.signs
        most = np.where(towards < 0, 0.0, np.where(towards > 0, np.minimum(self.room, towards), self.room))
        n = len(towards)
        every = np.arange(n, dtype=np.int32)
        self.model.changeColsCost(n, every, np.where(towards > 0, -REWARD, 1.0))
        self.model.changeColsBounds(n, every, np.zeros(n), most)
        self.model.clearSolver()
        self.model.run()
        if self.model.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        return self._checked(np.asarray(self.model.getSolution().col_value))

    def _checked(self, steps: Floats) -> Floats | None:
        moved = np.bincount(self.columns, self.signs * steps, minlength=len(self.table))
        table = np.clip(self.table + moved, self.part.low, self.part.high)
        return table if holds(self.part, table) else None
