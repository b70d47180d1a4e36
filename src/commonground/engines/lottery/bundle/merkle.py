"""A Merkle tree over the results (RFC 6962, section 2.1): one root stands for all, and a short proof shows one leaf.

A family gets its own leaf, the hashes beside its way up, and the published root. Each leaf carries a salt that only the
family and the auditors know, so a neighbor's leaf on that way cannot be guessed.
"""

import hashlib
from collections.abc import Sequence


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf: the first byte keeps a leaf from passing for a node."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def levels(leaves: Sequence[bytes]) -> list[list[bytes]]:
    """All hashes, from the leaves up to the root; a hash without a partner moves up as it is."""
    if not leaves:
        return [[hashlib.sha256(b"").digest()]]
    found = [list(map(leaf_hash, leaves))]
    while len(found[-1]) > 1:
        below = found[-1]
        pairs = [node_hash(below[at], below[at + 1]) for at in range(0, len(below) - 1, 2)]
        found.append([*pairs, *below[len(pairs) * 2 :]])
    return found


def proof(tree: Sequence[Sequence[bytes]], index: int) -> list[tuple[str, str]]:
    """The way from a leaf to the root: at each step on which side the other hash stands, and the hash."""
    steps = []
    for level in tree[:-1]:
        other = index ^ 1
        if other < len(level):
            steps.append(("left" if other < index else "right", level[other].hex()))
        index //= 2
    return steps


def root_of(data: bytes, steps: Sequence[tuple[str, str]]) -> str:
    """The root that a leaf and its way lead to; equal to the published one exactly if the leaf is in the tree."""
    found = leaf_hash(data)
    for side, other in steps:
        found = node_hash(bytes.fromhex(other), found) if side == "left" else node_hash(found, bytes.fromhex(other))
    return found.hex()
