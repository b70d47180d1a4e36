"""Inequalities that single relations give, before any linear program is asked."""

import numpy as np

from commonground.engines.disclosure.suppression.cuts import Cut, proved
from commonground.engines.disclosure.suppression.model import Model


def relation_cuts(model: Model) -> list[Cut]:
    """For each target and each relation it stands in: the others must be able to make up for its need."""
    A, found = model.A, []
    columns = A.tocsc()
    for t, cell in enumerate(model.target):
        for row in columns.indices[columns.indptr[cell] : columns.indptr[cell + 1]]:
            z = np.zeros(model.n)
            cells, data = A.indices[A.indptr[row] : A.indptr[row + 1]], A.data[A.indptr[row] : A.indptr[row + 1]]
            z[cells] = data / data[cells == cell][0]
            z *= -model.sign[t]
            z[cell] = 0.0
            cut = proved(model, float(model.need[t]), np.maximum(z, 0.0), np.maximum(-z, 0.0))
            if cut is not None:
                found.append(cut)
    return found
