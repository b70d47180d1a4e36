"""Compiled loops for small models: an attacker's linear program on a dense tableau, and the choice under few cuts.

The tableau T expresses the basic cells of A x = 0 by the others: x[basis[i]] + sum of T[i, j] x[j] = 0. All deviations
zero is feasible, so the primal simplex method with bounds starts there and needs no first phase.
"""

import numpy as np
from numba import njit

EPS = 1e-9
PATIENT = 60  # pivots in a row that move nothing; after these, Bland's rule, which cannot cycle
PIVOTS = 20_000


@njit(cache=True)
def echelon(dense):
    """(tableau, basis) of the relations: independent rows, each with one cell of its own."""
    T = dense.copy()
    m, n = T.shape
    basis = np.empty(min(m, n), np.int64)
    rank = 0
    for row in range(m):
        best = -1
        for j in range(n):
            if abs(T[row, j]) > EPS and (best < 0 or abs(abs(T[row, j]) - 1.0) < abs(abs(T[row, best]) - 1.0)):
                best = j
        if best < 0:
            continue
        if row != rank:
            T[rank] = T[row]
        _eliminate(T, rank, best, m)
        basis[rank] = best
        rank += 1
    return T[:rank].copy(), basis[:rank].copy()


@njit(cache=True)
def _eliminate(T, row, column, rows):
    """Make the column a unit column with its one in this row."""
    n = T.shape[1]
    pivot = T[row, column]
    for j in range(n):
        T[row, j] /= pivot
    for i in range(rows):
        f = T[i, column]
        if i != row and f != 0.0:
            for j in range(n):
                if T[row, j] != 0.0:
                    v = T[i, j] - f * T[row, j]
                    T[i, j] = v if abs(v) > EPS else 0.0


@njit(cache=True)
def attack(start, start_basis, below, above, cell, sign, need):
    """(reached, x, z): how far sign * x[cell] gets, at most `need`; where; and the prices that prove it.

    z = sign * e[cell] - g A for some row multipliers g: a cell with z > 0 holds the target back by its upper bound, one
    with z < 0 by its lower bound.
    """
    low, high, aim = -below, above.copy(), np.zeros(len(below))
    aim[cell] = sign
    if sign > 0:
        high[cell] = min(high[cell], need)
    else:
        low[cell] = max(low[cell], -need)
    x, z = push(start, start_basis, low, high, aim)
    return sign * x[cell], x, z


@njit(cache=True)
def push(start, start_basis, low, high, aim):
    """(x, z): deviations with the greatest aim * x, and the prices z = aim - g A that prove it."""
    T, basis = start.copy(), start_basis.copy()
    x, z, row_of = np.zeros(T.shape[1]), aim.copy(), np.full(T.shape[1], -1)
    for i in range(len(basis)):
        row_of[basis[i]] = i
        price = z[basis[i]]
        if price != 0.0:
            for j in range(len(z)):
                z[j] -= price * T[i, j]
    still = 0
    for _ in range(PIVOTS):
        enter = _entering(x, z, low, high, row_of, still > PATIENT)
        if enter < 0:
            break
        way = 1.0 if z[enter] > 0 else -1.0
        leave, length = _leaving(T, basis, x, low, high, enter, way, still > PATIENT)
        still = still + 1 if length <= EPS else 0
        x[enter] += way * length
        for i in range(len(basis)):
            x[basis[i]] -= T[i, enter] * way * length
        if leave >= 0:
            x[basis[leave]] = high[basis[leave]] if T[leave, enter] * way < 0 else low[basis[leave]]
            _exchange(T, basis, row_of, z, leave, enter)
    return x, z


@njit(cache=True)
def _entering(x, z, low, high, row_of, bland):
    """The cell outside the basis that gains most by moving (the first one that gains, by Bland's rule); -1: none."""
    enter, most = -1, EPS
    for j in range(len(x)):
        if row_of[j] >= 0 or abs(z[j]) <= most:
            continue
        if (x[j] < high[j] - EPS) if z[j] > 0 else (x[j] > low[j] + EPS):
            enter = j
            if bland:
                break
            most = abs(z[j])
    return enter


@njit(cache=True)
def _leaving(T, basis, x, low, high, enter, way, bland):
    """(row of the basic cell that stops the move first, length of the move); row -1: the cell's own other bound."""
    length = high[enter] - x[enter] if way > 0 else x[enter] - low[enter]
    leave, size = -1, 0.0
    for i in range(len(basis)):
        slope = -T[i, enter] * way
        if abs(slope) <= EPS:
            continue
        b = basis[i]
        room = max(0.0, ((high[b] if slope > 0 else low[b]) - x[b]) / slope)
        tie = leave >= 0 and room <= length + EPS
        better = b < basis[leave] if bland else abs(slope) > size
        if room < length - EPS or (tie and better):
            length, leave, size = min(length, room), i, abs(slope)
    return leave, length


@njit(cache=True)
def _exchange(T, basis, row_of, z, leave, enter):
    price, b = z[enter], basis[leave]
    _eliminate(T, leave, enter, len(basis))
    for j in range(len(z)):
        v = z[j] - price * T[leave, j]
        z[j] = v if abs(v) > EPS else 0.0
    z[enter] = 0.0
    row_of[b], row_of[enter], basis[leave] = -1, leave, enter


@njit(cache=True)
def _ascend(G, rest, weight, state, right, order):
    """A lower bound of the open cells' weight: prices of unmet cuts, raised one after the other."""
    bound = 0.0
    for k in range(len(right)):
        c = order[k]
        if right[c] <= EPS:
            continue
        least = np.inf
        for j in range(len(weight)):
            g = min(G[c, j], right[c])
            if state[j] < 0 and g > 0:
                least = min(least, rest[j] / g)
        if least == np.inf:
            return np.inf
        if least > 0:
            bound += least * right[c]
            for j in range(len(weight)):
                g = min(G[c, j], right[c])
                if state[j] < 0 and g > 0:
                    rest[j] -= least * g
    return bound


@njit(cache=True)
def _pick(G, weight, rest, state, right):
    """The open cell that does most for the cut with fewest open cells; -1 when every cut is met."""
    fewest, pick = G.shape[1] + 1, -1
    for c in range(len(right)):
        if right[c] <= EPS:
            continue
        count, best, top = 0, -1, -np.inf
        for j in range(len(weight)):
            if state[j] < 0 and G[c, j] > 0:
                count += 1
                score = min(G[c, j], right[c]) / right[c] - 1e-3 * rest[j] / max(1.0, weight[j])
                if score > top:
                    top, best = score, j
        if 0 < count < fewest:
            fewest, pick = count, best
    return pick


@njit(cache=True)
def _give(G, right, cell, sign):
    for c in range(len(right)):
        right[c] -= sign * G[c, cell]


@njit(cache=True)
def choose(G, weight, nodes):
    """(weight, y, finished): the cheapest y in {0,1} with G y >= 1 in every row; stops after so many nodes.

    Depth first: a cell of the cut that has fewest open cells is hidden, then shown. Residual coefficients are cut down
    to what a cut still lacks, which makes the bounds strong.
    """
    n = G.shape[1]
    best, best_y, spent = weight.sum() + 1.0, np.ones(n, np.int64), 0.0
    state = np.full(n, -1)  # -1 open, 0 shown, 1 hidden
    trail, depth = np.empty(n + 1, np.int64), 0
    right = np.ones(G.shape[0])
    order = np.argsort((G > 0).sum(axis=1))
    for _ in range(nodes):
        rest = weight.copy()
        bound = spent + _ascend(G, rest, weight, state, right, order)
        if bound < best - 1e-9 * best:
            pick = _pick(G, weight, rest, state, right)
            if pick >= 0:
                state[pick], trail[depth] = 1, pick
                depth += 1
                spent += weight[pick]
                _give(G, right, pick, 1.0)
                continue
            best = spent
            best_y = (state == 1).astype(np.int64)
        while depth > 0 and state[trail[depth - 1]] == 0:
            depth -= 1
            state[trail[depth]] = -1
        if depth == 0:
            return best, best_y, True
        last = trail[depth - 1]
        state[last] = 0
        spent -= weight[last]
        _give(G, right, last, -1.0)
    return best, best_y, False
