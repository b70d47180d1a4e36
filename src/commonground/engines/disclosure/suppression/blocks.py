"""A large model in blocks: small sets of cells with relations of their own, and the few relations that link them.

Without the linking relations an attacker knows less, so the blocks' cheapest patterns together bound every pattern's
weight from below; and where the links give nothing more away, they are a cheapest pattern.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from commonground.engines.disclosure.suppression.model import Model
from commonground.engines.disclosure.suppression.problem import Bools, Ints


@dataclass(frozen=True)
class Blocks:
    """`label`: the block of each cell (-1 for cells that can never deviate); `linking`: relations across blocks."""

    label: Ints
    count: int
    linking: Bools
    cells: list[Ints]
    rows: list[Ints]


def movable(model: Model) -> Bools:
    """Cells that can deviate under some pattern."""
    wide = np.maximum(model.down, model.up) > 0
    shown = np.maximum(model.shown_down, model.shown_up) > 0
    return (wide & ~model.never) | shown


def blocks_of(model: Model, limit: int) -> Blocks:
    """Relations join cells, shortest first, as long as no block grows above `limit` cells; the others link.

    Shortest by all their cells: of a rare group few schools' cells can move, and yet it is the city that relates them.
    """
    can = movable(model)
    A = (model.A @ _diagonal(can)).tocsr()
    A.eliminate_zeros()
    length, all_cells = np.diff(A.indptr), np.diff(model.A.indptr)
    parent, size = np.arange(model.n), np.ones(model.n, np.int64)
    for row in np.lexsort((np.arange(len(length)), length, all_cells)):
        roots = {_root(parent, int(cell)) for cell in A.indices[A.indptr[row] : A.indptr[row + 1]]}
        if sum(size[root] for root in roots) <= limit:
            _join(parent, size, sorted(roots))
    return _numbered(A, can, np.array([_root(parent, cell) for cell in range(model.n)], np.int64))


def whole(model: Model) -> Blocks:
    """The connected parts of the model: nothing links them."""
    can = movable(model)
    A = (model.A @ _diagonal(can)).tocsr()
    A.eliminate_zeros()
    pattern = csr_matrix((np.ones(A.nnz), A.indices, A.indptr), shape=A.shape)
    _, label = connected_components(pattern.T @ pattern, directed=False)
    return _numbered(A, can, label)


def _diagonal(keep: Bools) -> csr_matrix:
    at = np.flatnonzero(keep)
    return csr_matrix((np.ones(len(at)), (at, at)), shape=(len(keep), len(keep)))


def _root(parent: Ints, cell: int) -> int:
    while parent[cell] != cell:
        parent[cell] = parent[parent[cell]]
        cell = int(parent[cell])
    return cell


def _join(parent: Ints, size: Ints, roots: list[int]) -> None:
    for root in roots[1:]:
        parent[root] = roots[0]
        size[roots[0]] += size[root]


def _numbered(A: csr_matrix, can: Bools, root: Ints) -> Blocks:
    label = np.full(len(root), -1)
    _, label[can] = np.unique(root[can], return_inverse=True)
    count = int(label.max(initial=-1)) + 1
    length = np.diff(A.indptr)
    row_of = np.repeat(np.arange(len(length)), length)
    least, most = np.full(len(length), count), np.full(len(length), -1)
    np.minimum.at(least, row_of, label[A.indices])
    np.maximum.at(most, row_of, label[A.indices])
    linking = (length > 0) & (least < most)
    local = np.where((length > 0) & ~linking, least, -1)
    return Blocks(label, count, linking, _sorted_into(label, count), _sorted_into(local, count))


def _sorted_into(label: Ints, count: int) -> list[Ints]:
    order = np.argsort(label, kind="stable")
    ends = np.searchsorted(label[order], np.arange(count + 1))
    return [order[ends[k] : ends[k + 1]] for k in range(count)]
