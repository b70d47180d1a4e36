"""HMAC-SHA256 of many short messages at once (FIPS 180-4, FIPS 198-1), sixteen side by side.

A city draws 80,000 numbers, and estimating chances draws them a thousand times. The standard library's HMAC costs about
1.4 µs a message, nearly all of it overhead around the hash; sixteen lanes of plain integer arithmetic, which the compiler
turns into vector instructions, cost about a tenth. The result is the same to the last bit (the tests compare the two), so anyone
can check a number with any HMAC-SHA256.
"""

from collections.abc import Sequence

import numpy as np
from numba import njit
from numpy.typing import NDArray

Words = NDArray[np.uint32]

LANES = 16
BLOCK = 64
# One block holds the message, the stop bit and the length; longer messages take the standard library's way.
LONGEST = BLOCK - 9

# The first 32 bits of the fractional parts of the cube roots of the first 64 primes, and of the square roots of the
# first 8 (FIPS 180-4, 4.2.2 and 5.3.3), computed in whole numbers rather than copied.


def _primes(count: int) -> list[int]:
    found: list[int] = []
    candidate = 2
    while len(found) < count:
        if all(candidate % prime for prime in found):
            found.append(candidate)
        candidate += 1
    return found


def _root(value: int, power: int) -> int:
    low, high = 0, 1 << (value.bit_length() // power + 1)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if middle**power <= value else (low, middle - 1)
    return low


_K = np.array([_root(prime << 96, 3) & 0xFFFFFFFF for prime in _primes(64)], dtype=np.uint32)
_START = np.array([_root(prime << 64, 2) & 0xFFFFFFFF for prime in _primes(8)], dtype=np.uint32)


# The compiler's rules widen every sum and bit operation to 64 bits, which halves the lanes of a vector: each result is
# therefore cut back to 32 bits at once.


@njit(inline="always")
def _turn(x, bits):  # type: ignore[no-untyped-def]
    return np.uint32(np.uint32(x >> np.uint32(bits)) | np.uint32(x << np.uint32(32 - bits)))


@njit(inline="always")
def _unlike(x, y, z):  # type: ignore[no-untyped-def]
    return np.uint32(np.uint32(x ^ y) ^ z)


@njit(inline="always")
def _sum(x, y):  # type: ignore[no-untyped-def]
    return np.uint32(x + y)


@njit(inline="always")
def _step(v, a, b, c, d, e, f, g, h, w, t):  # type: ignore[no-untyped-def]
    k = _K[t]
    at = t * LANES
    for lane in range(LANES):
        x = v[a * LANES + lane]
        y = v[b * LANES + lane]
        z = v[c * LANES + lane]
        u = v[e * LANES + lane]
        p = v[f * LANES + lane]
        q = v[g * LANES + lane]
        chosen = np.uint32(q ^ np.uint32(u & np.uint32(p ^ q)))
        turned = _unlike(_turn(u, 6), _turn(u, 11), _turn(u, 25))
        first = _sum(_sum(_sum(v[h * LANES + lane], turned), _sum(chosen, k)), w[at + lane])
        most = np.uint32(np.uint32(x & y) | np.uint32(z & np.uint32(x | y)))
        turned = _unlike(_turn(x, 2), _turn(x, 13), _turn(x, 22))
        v[d * LANES + lane] = _sum(v[d * LANES + lane], first)
        v[h * LANES + lane] = _sum(first, _sum(turned, most))


@njit(cache=True, nogil=True)
def _compress(state, w, v):  # type: ignore[no-untyped-def]
    """One block of sixteen messages. `state` 8 x LANES, `w` 64 x LANES with 16 filled, `v` 8 x LANES of room.

    The places in `v` are written out rather than computed: constant distances let the compiler see that no two rows
    overlap, and only then does it use vectors.
    """
    for t in range(16, 64):
        at = t * LANES
        for lane in range(LANES):
            p = w[at - 15 * LANES + lane]
            q = w[at - 2 * LANES + lane]
            low = _unlike(_turn(p, 7), _turn(p, 18), np.uint32(p >> np.uint32(3)))
            high = _unlike(_turn(q, 17), _turn(q, 19), np.uint32(q >> np.uint32(10)))
            w[at + lane] = _sum(_sum(w[at - 16 * LANES + lane], low), _sum(w[at - 7 * LANES + lane], high))
    v[:] = state
    for t in range(0, 64, 8):
        _step(v, 0, 1, 2, 3, 4, 5, 6, 7, w, t)
        _step(v, 7, 0, 1, 2, 3, 4, 5, 6, w, t + 1)
        _step(v, 6, 7, 0, 1, 2, 3, 4, 5, w, t + 2)
        _step(v, 5, 6, 7, 0, 1, 2, 3, 4, w, t + 3)
        _step(v, 4, 5, 6, 7, 0, 1, 2, 3, w, t + 4)
        _step(v, 3, 4, 5, 6, 7, 0, 1, 2, w, t + 5)
        _step(v, 2, 3, 4, 5, 6, 7, 0, 1, w, t + 6)
        _step(v, 1, 2, 3, 4, 5, 6, 7, 0, w, t + 7)
    for place in range(8 * LANES):
        state[place] += v[place]


@njit(cache=True, nogil=True)
def _midstate(block):  # type: ignore[no-untyped-def]
    state = np.repeat(_START, LANES)
    w = np.empty(64 * LANES, np.uint32)
    w[: 16 * LANES] = np.repeat(block, LANES)
    _compress(state, w, np.empty(8 * LANES, np.uint32))
    return state


@njit(cache=True, nogil=True)
def _hmacs(inner, outer, blocks, out):  # type: ignore[no-untyped-def]
    state = np.empty(8 * LANES, np.uint32)
    v = np.empty(8 * LANES, np.uint32)
    w = np.empty(64 * LANES, np.uint32)
    for row in range(blocks.shape[0]):
        state[:] = inner
        w[: 16 * LANES] = blocks[row]
        _compress(state, w, v)
        w[: 8 * LANES] = state
        w[8 * LANES : 9 * LANES] = np.uint32(0x80000000)
        w[9 * LANES : 15 * LANES] = np.uint32(0)
        w[15 * LANES : 16 * LANES] = np.uint32((BLOCK + 32) * 8)
        state[:] = outer
        _compress(state, w, v)
        for word in range(8):
            for lane in range(LANES):
                out[row * LANES + lane, word] = state[word * LANES + lane]


def packed(messages: Sequence[bytes]) -> Words:
    """Messages of at most `LONGEST` bytes as padded blocks, one row for sixteen messages.

    Raises:
        ValueError: a message is too long for one block.
    """
    rows = -(-len(messages) // LANES)
    room = bytearray(rows * LANES * BLOCK)
    for place, message in enumerate(messages):
        if len(message) > LONGEST:
            raise ValueError(f"A message of {len(message)} bytes does not fit one block of {LONGEST}.")
        at = place * BLOCK
        room[at : at + len(message)] = message
        room[at + len(message)] = 0x80
        room[at + BLOCK - 2 : at + BLOCK] = ((BLOCK + len(message)) * 8).to_bytes(2, "big")
    words = np.frombuffer(room, dtype=">u4").astype(np.uint32).reshape(rows, LANES, 16)
    return np.ascontiguousarray(words.transpose(0, 2, 1)).reshape(rows, 16 * LANES)


def hmac_words(key: bytes, blocks: Words, count: int) -> Words:
    """HMAC-SHA256 under `key` (at most 64 bytes) of the first `count` packed messages.

    Shape: `count` x 8 words, most significant first.
    """
    if len(key) > BLOCK:
        raise ValueError(f"A key of {len(key)} bytes is longer than {BLOCK}: hash it first, as HMAC says.")
    padded = np.frombuffer(key.ljust(BLOCK, b"\0"), dtype=np.uint8)
    inner, outer = (_midstate(_words(padded ^ np.uint8(mask))) for mask in (0x36, 0x5C))
    out: Words = np.empty((blocks.shape[0] * LANES, 8), np.uint32)
    _hmacs(inner, outer, blocks, out)
    return out[:count]


def _words(block: NDArray[np.uint8]) -> Words:
    return block.view(">u4").astype(np.uint32)
