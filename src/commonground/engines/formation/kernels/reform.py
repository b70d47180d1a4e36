"""Large-neighbourhood search: pick a few groups that could trade members, re-form them exactly, keep what is better.

The state of a search is four arrays. A *slot* holds a group, a member alone (size 1) or nothing (size 0):
`slots[s, :size[s]]` are its members, `option[s]` its option (-1 alone), `where[i]` the slot of member i.
"""

import numpy as np
from numba import njit

from commonground.engines.formation.kernels.cover import (
    OPEN,
    exact_cover,
    group_loss,
    shift_losses,
    subset_columns,
)

MOST_COLUMNS = 60_000
MOST_NODES = 20_000
NOBODY = 1 << 62


@njit(cache=True, nogil=True)
def near_members(pair, cost, price, count, size):
    """For every member the `count` others it fits best under these prices, best first; shape (n, count)."""
    n, options = cost.shape
    near, fit = np.empty((n, count), np.int64), np.empty(n)
    for i in range(n):
        for j in range(n):
            least = np.inf
            for o in range(options):
                least = min(least, cost[i, o] + cost[j, o])
            fit[j] = pair[i, j] - (price[j] + least) / (size - 1)
        fit[i] = -np.inf
        best = np.argpartition(-fit, count)[:count]
        near[i] = best[np.argsort(-fit[best])]
    return near


@njit(cache=True, nogil=True)
def _seeds(size, side, mine, losses, where, most_members, picked):
    """Where to begin: members alone, as many as half fit, if this side has any; else the worse of two random groups."""
    count, n = 0, where.size
    start = np.random.randint(n)
    for k in range(n):
        s = where[(start + k) % n]
        if side[s] == mine and size[s] == 1 and 2 * (count + 1) <= min(most_members, picked.size):
            picked[count] = s
            count += 1
    if count > 0 and np.random.random() < 0.5:
        return count
    picked[0], count = where[start], 0
    for _ in range(20):
        s = where[np.random.randint(n)]
        if side[s] == mine:
            if count == 0 or losses[s] > losses[picked[0]]:
                picked[0] = s
            count += 1
            if count == 2:
                break
    return min(count, 1)


@njit(cache=True, nogil=True)
def _pick(slots, size, side, mine, losses, near, where, most_members, picked):
    """Slots that could trade: the seeds, then slots of members near to those already picked. Returns their number."""
    count = _seeds(size, side, mine, losses, where, most_members, picked)
    members = 0
    for q in range(count):
        members += size[picked[q]]
    for _ in range(30 * picked.size):
        if count == 0 or count == picked.size:
            break
        s = picked[np.random.randint(count)]
        i = slots[s, np.random.randint(size[s])]
        t = where[near[i, int(near.shape[1] * np.random.random() ** 1.5)]]
        known = side[t] != mine or members + size[t] > most_members
        for q in range(count):
            known |= picked[q] == t
        if not known:
            picked[count] = t
            count += 1
            members += size[t]
    return count


@njit(cache=True, nogil=True)
def _pin_masks(ids, pin, pin_size):
    """For every member, as bits, whom a group needs with it. A pin that is not whole here asks for nobody's bit, so that no
    group takes a part of it."""
    masks = np.zeros(ids.size, np.int64)
    for a in range(ids.size):
        mates = 0
        for b in range(ids.size):
            if pin[ids[a]] >= 0 and pin[ids[a]] == pin[ids[b]]:
                masks[a] |= np.int64(1) << b
                mates += 1
        if mates > 0 and mates < pin_size[pin[ids[a]]]:
            masks[a] |= NOBODY
    return masks


@njit(cache=True, nogil=True)
def _write(slots, size, option, where, side, mine, losses, picked, count, ids, masks, options, true_losses, chosen):
    """Replace the picked slots by the chosen columns; takes empty slots of this side where it needs more."""
    for q in range(count):
        size[picked[q]] = 0
    used, free = 0, 0
    for c in chosen:
        if used < count:
            s = picked[used]
            used += 1
        else:
            while side[free] != mine or size[free] > 0:
                free += 1
            s = free
        for a in range(ids.size):
            if (masks[c] >> a) & 1:
                slots[s, size[s]] = ids[a]
                where[ids[a]] = s
                size[s] += 1
        option[s], losses[s] = options[c], true_losses[c]
    for q in range(count):
        if size[picked[q]] == 0:
            losses[picked[q]], option[picked[q]] = 0.0, -1


@njit(cache=True, nogil=True)
def slot_losses(slots, size, option, pair, cost, price, leave, size_cost):
    """Loss of every slot under these prices; 0 for an empty one."""
    losses = np.zeros(size.size)
    for s in range(size.size):
        if size[s] == 1:
            losses[s] = price[slots[s, 0]] + leave[slots[s, 0]]
        elif size[s] > 1:
            losses[s], option[s] = group_loss(slots[s], size[s], pair, cost, price, size_cost)
    return losses


@njit(cache=True, nogil=True)
def reform(
    slots,
    size,
    option,
    where,
    side,
    mine,
    losses,
    pair,
    cost,
    price,
    leave,
    kind,
    kind_min,
    kind_max,
    pin,
    pin_size,
    size_min,
    size_cost,
    near,
    keep_count,
    most_slots,
    most_members,
    rounds,
    seed,
):
    """`rounds` neighbourhoods among the slots of side `mine`; changes the state in place. Returns how many improved
    it."""
    np.random.seed(seed)
    picked, better = np.empty(most_slots, np.int64), 0
    masks, options = np.empty(MOST_COLUMNS, np.int64), np.empty(MOST_COLUMNS, np.int64)
    column_losses = np.empty(MOST_COLUMNS)
    for _ in range(rounds):
        count = _pick(slots, size, side, mine, losses, near, where, most_members, picked)
        if count < 2:
            continue
        m, now, inside = 0, 0.0, 0
        ids = np.empty(most_members, np.int64)
        for s in picked[:count]:
            ids[m : m + size[s]] = slots[s, : size[s]]
            m += size[s]
            now += losses[s]
            inside += size[s] > 1
        ids = ids[:m]
        columns = subset_columns(
            ids,
            _pin_masks(ids, pin, pin_size),
            now,
            pair,
            cost,
            price,
            leave,
            kind,
            kind_min,
            kind_max,
            size_min,
            size_cost,
            masks,
            column_losses,
            options,
        )
        if columns < 0:
            continue
        true_losses = column_losses[:columns].copy()
        shift = shift_losses(masks[:columns], column_losses[:columns], m)
        _, chosen = exact_cover(
            masks[:columns],
            column_losses[:columns],
            options[:columns],
            m,
            now - shift - 1e-7,
            inside,
            OPEN if keep_count else 0.0,
            MOST_NODES,
        )
        if chosen.size:
            better += 1
            _write(
                slots, size, option, where, side, mine, losses, picked, count, ids, masks, options, true_losses, chosen
            )
    return better
