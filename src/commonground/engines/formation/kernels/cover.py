"""Re-forming a few groups exactly: all groups that their members can form, and the best exact cover of the members.

The search works with *losses*: the loss of a group is the sum of its members' prices minus its value, so maximising
value is minimising loss. With good prices (duals of the linear program) losses are small and never negative, which is
what makes the exact cover fast: a group that loses more than the whole current choice need not be looked at.
"""

import numpy as np
from numba import njit

OPEN = 1.0e9  # a cost at or above this means "not allowed"


@njit(cache=True, nogil=True)
def group_loss(members, size, pair, cost, price, size_cost):
    """Loss of one group and its best option: (loss, option), option -1 where no option is open to all members."""
    loss = size_cost[size]
    for a in range(size):
        loss += price[members[a]]
        for b in range(a):
            loss -= pair[members[a], members[b]]
    best, option = OPEN, -1
    for o in range(cost.shape[1]):
        total = 0.0
        for a in range(size):
            total += cost[members[a], o]
        if total < best:
            best, option = total, o
    return loss + best, option


@njit(cache=True, nogil=True)
def mix_is_right(members, size, kind, kind_min, kind_max):
    """Whether every kind (sector) appears within its limits."""
    for k in range(kind_min.size):
        count = 0
        for a in range(size):
            count += kind[members[a]] == k
        if count < kind_min[k] or count > kind_max[k]:
            return False
    return True


@njit(cache=True, nogil=True)
def _pins_are_whole(mask, pin_mask, size, bits):
    broken = np.int64(0)
    for d in range(size):
        broken |= pin_mask[bits[d]] & ~mask
    return broken == 0


@njit(cache=True, nogil=True)
def _extend(d, a, ids, bits, loss, open_cost, pair, cost, price):
    """Add member `a` at depth d of the enumeration; False where no option stays open."""
    i = ids[a]
    bits[d] = a
    total = loss[d] + price[i]
    for b in range(d):
        total -= pair[i, ids[bits[b]]]
    loss[d + 1] = total
    some = False
    for o in range(cost.shape[1]):
        open_cost[d + 1, o] = open_cost[d, o] + cost[i, o]
        some |= open_cost[d + 1, o] < OPEN
    return some


@njit(cache=True, nogil=True)
def _mask(bits, size, ids, members):
    """Write the members of the first `size` bits, and return the bits as one number."""
    mask = np.int64(0)
    for d in range(size):
        members[d] = ids[bits[d]]
        mask |= np.int64(1) << bits[d]
    return mask


@njit(cache=True, nogil=True)
def subset_columns(
    ids,
    pin_mask,
    limit,
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
    losses,
    options,
):
    """All groups that `ids` (at most 63 members) can form with a loss of at most `limit`, and each member alone.

    Fills masks (bits of ids), losses and options (-1 for a member alone); returns their number, or -1 where they do
    not fit.
    """
    m, size_max = ids.size, size_cost.size - 1
    bits, members = np.zeros(size_max + 1, np.int64), np.zeros(size_max, np.int64)
    loss, open_cost = np.zeros(size_max + 2), np.zeros((size_max + 2, cost.shape[1]))
    count = 0
    for a in range(m):
        masks[count], losses[count], options[count] = np.int64(1) << a, price[ids[a]] + leave[ids[a]], -1
        count += 1
    depth, bits[0] = 0, -1
    while depth >= 0:
        a = bits[depth] + 1
        if a >= m:
            depth -= 1
            continue
        if not _extend(depth, a, ids, bits, loss, open_cost, pair, cost, price):
            continue
        size = depth + 1
        total = loss[size] + size_cost[size] + open_cost[size].min()
        if size >= size_min and total <= limit:
            mask = _mask(bits, size, ids, members)
            right = mix_is_right(members, size, kind, kind_min, kind_max)
            if right and _pins_are_whole(mask, pin_mask, size, bits):
                if count == masks.size:
                    return -1
                masks[count], losses[count], options[count] = mask, total, open_cost[size].argmin()
                count += 1
        if size < size_max:
            depth += 1
            bits[depth] = a
    return count


@njit(cache=True, nogil=True)
def shift_losses(masks, losses, m):
    """Take each member's least share of a loss out of all losses, so that none is negative. Returns the sum taken
    out."""
    share = np.full(m, np.inf)
    for c in range(masks.size):
        size = 0
        for a in range(m):
            size += (masks[c] >> a) & 1
        for a in range(m):
            if (masks[c] >> a) & 1:
                share[a] = min(share[a], losses[c] / size)
    for c in range(masks.size):
        for a in range(m):
            if (masks[c] >> a) & 1:
                losses[c] -= share[a]
    return share.sum()


@njit(cache=True, nogil=True)
def _by_lowest_member(masks, losses, m):
    """Columns listed by their lowest bit, least loss first: (start of each list, lists)."""
    start, low = np.zeros(m + 1, np.int64), np.empty(masks.size, np.int64)
    for c in range(masks.size):
        b = 0
        while (masks[c] >> b) & 1 == 0:
            b += 1
        low[c] = b
        start[b + 1] += 1
    for b in range(m):
        start[b + 1] += start[b]
    place, lists = start[:m].copy(), np.empty(masks.size, np.int64)
    for c in np.argsort(losses):
        lists[place[low[c]]] = c
        place[low[c]] += 1
    return start, lists


@njit(cache=True, nogil=True)
def exact_cover(masks, losses, options, m, best, wanted, off_count, node_limit):
    """Least total loss of columns that cover every bit once, below `best`: (loss, columns), empty where there is none.

    `wanted` groups (members alone do not count) are aimed at; each too many or too few costs `off_count`.
    Branches on the lowest open bit; stops after `node_limit` nodes with what it has. Losses must not be negative.
    """
    start, lists = _by_lowest_member(masks, losses, m)
    chosen, best_chosen, best_size = np.empty(m + 1, np.int64), np.empty(m + 1, np.int64), 0
    pointer, bit = np.zeros(m + 1, np.int64), np.zeros(m + 1, np.int64)
    total, cover, many = np.zeros(m + 2), np.zeros(m + 2, np.int64), np.zeros(m + 2, np.int64)
    full, d = (np.int64(1) << m) - 1, 0
    while d >= 0 and node_limit > 0:
        p, end, found = pointer[d], start[bit[d] + 1], False
        while p < end and not found:
            c = lists[p]
            p = p + 1 if total[d] + losses[c] < best else end
            found = p <= end and total[d] + losses[c] < best and masks[c] & cover[d] == 0
        pointer[d] = p
        if not found:
            d -= 1
            continue
        node_limit -= 1
        chosen[d] = c
        total[d + 1], cover[d + 1], many[d + 1] = total[d] + losses[c], cover[d] | masks[c], many[d] + (options[c] >= 0)
        if cover[d + 1] == full:
            final = total[d + 1] + off_count * abs(many[d + 1] - wanted)
            if final < best:
                best, best_size = final, d + 1
                best_chosen[:best_size] = chosen[:best_size]
            continue
        d += 1
        b = bit[d - 1] + 1
        while (cover[d] >> b) & 1:
            b += 1
        bit[d], pointer[d] = b, start[b]
    return best, best_chosen[:best_size]
