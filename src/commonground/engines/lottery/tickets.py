"""Lottery numbers: HMAC-SHA256 of the seed and the application's public number (RFC 2104, FIPS 198-1).

A number depends on the seed and on that one application only, so a new, withdrawn or restarted application changes
nobody's number, and anyone can recompute one in any language. The number is written as 64 hexadecimal digits; the smaller
number comes first, read from the left like words in a dictionary.

The message is the application's number; with one number per school, the number, “|” and the school's code. The members of
a linked group share their first 48 digits, those of the message “|” and the group's code (no application's number holds
“|”); the last 16 are each child's own. So twins stand side by side in every line and still no two numbers are equal.
"""

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from commonground.engines.lottery.model import SEPARATOR, Application, Market, Numbers
from commonground.engines.lottery.sha256 import BLOCK, LONGEST, Words, hmac_words, packed

SHARED_BYTES = 24


def key_of(seed: str) -> bytes:
    """The HMAC key of a published seed: its characters as UTF-8, hashed first when longer than a block, as HMAC says."""
    key = seed.encode()
    return hashlib.sha256(key).digest() if len(key) > BLOCK else key


def message_of(name: str, school: str | None = None) -> str:
    """What is hashed for an application's number or a group's code, at one school when numbers differ by school."""
    return name if school is None else f"{name}{SEPARATOR}{school}"


def number_of(seed: str, application: Application, school: str | None = None) -> str:
    """One child's lottery number with nothing but the standard library: 64 hexadecimal digits."""
    key = key_of(seed)
    own = hmac.digest(key, message_of(application.number, school).encode(), "sha256")
    if application.linked is None:
        return own.hex()
    shared = hmac.digest(key, message_of(SEPARATOR + application.linked, school).encode(), "sha256")
    return (shared[:SHARED_BYTES] + own[SHARED_BYTES:]).hex()


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Messages that are hashed together, packed once for many draws."""

    texts: tuple[bytes, ...]
    blocks: Words | None

    @classmethod
    def of(cls, texts: Iterable[str]) -> "Batch":
        encoded = tuple(text.encode() for text in texts)
        return cls(encoded, packed(encoded) if all(len(text) <= LONGEST for text in encoded) else None)

    def digests(self, key: bytes) -> Words:
        """One row of eight 32-bit words a message, most significant first."""
        if self.blocks is not None:
            return hmac_words(key, self.blocks, len(self.texts))
        joined = b"".join(hmac.digest(key, text, "sha256") for text in self.texts)
        return np.frombuffer(joined, dtype=">u4").astype(np.uint32).reshape(-1, 8)


@dataclass(frozen=True, slots=True, eq=False)
class Tickets:
    """Everything needed to draw the numbers of a market: one an application, or one a choice.

    `names` say whose number it is; `linked` are the rows that share their beginning with a group, `groups` its messages.
    """

    names: tuple[str, ...]
    own: Batch
    linked: NDArray[np.int64]
    groups: Batch

    @classmethod
    def of(cls, market: Market) -> "Tickets":
        rows = list(_rows(market))
        linked = [(at, row) for at, row in enumerate(rows) if row[0].linked is not None]
        return cls(
            names=tuple(application.number for application, _ in rows),
            own=Batch.of(message_of(application.number, school) for application, school in rows),
            linked=np.array([at for at, _ in linked], dtype=np.int64),
            groups=Batch.of(
                message_of(f"{SEPARATOR}{application.linked}", school) for _, (application, school) in linked
            ),
        )

    def numbers(self, seed: str) -> Words:
        """The lottery numbers under one seed, one row of eight words each."""
        key = key_of(seed)
        words = self.own.digests(key)
        if len(self.linked):
            words[self.linked, : SHARED_BYTES // 4] = self.groups.digests(key)[:, : SHARED_BYTES // 4]
        return words

    def turns(self, seed: str) -> NDArray[np.uint32]:
        """Each ticket's place in the lottery, 0 first."""
        return turns(self.numbers(seed), self.names)


def _rows(market: Market) -> Iterable[tuple[Application, str | None]]:
    if market.rules.numbers is Numbers.SINGLE:
        return ((application, None) for application in market.applications)
    schools = {program.name: program.school for program in market.programs}
    return (
        (application, schools[choice.program]) for application in market.applications for choice in application.choices
    )


def turns(numbers: Words, names: Sequence[str]) -> NDArray[np.uint32]:
    """Each number's place in the lottery, 0 first; should two ever be equal, their names decide."""
    heads = (numbers[:, 0].astype(np.uint64) << np.uint64(32)) | numbers[:, 1]
    order = np.argsort(heads)
    ordered = heads[order]
    for begin, end in _runs(ordered[1:] == ordered[:-1]):
        run = order[begin : end + 1]
        order[begin : end + 1] = sorted(run, key=lambda i: (hexadecimal(numbers[i]), names[i]))
    places: NDArray[np.uint32] = np.empty(len(order), np.uint32)
    places[order] = np.arange(len(order), dtype=np.uint32)
    return places


def _runs(same: NDArray[np.bool_]) -> Iterable[tuple[int, int]]:
    """First and last place of each run of equal neighbors."""
    marked = np.flatnonzero(same)
    if not len(marked):
        return
    for run in np.split(marked, np.flatnonzero(np.diff(marked) > 1) + 1):
        yield int(run[0]), int(run[-1]) + 1


def hexadecimal(number: Words) -> str:
    """A number as families and files write it: 64 hexadecimal digits."""
    return number.astype(">u4").tobytes().hex()
