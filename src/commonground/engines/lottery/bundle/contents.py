"""The files of a bundle, made from the market, the seed and the result; the same inputs give the same bytes.

`published/` may be shown to anyone: rules, seed, programs, cutoffs, counts with small groups withheld, checks, the Merkle
root. `auditors/` holds the frozen applications under their public numbers, the lottery numbers, every choice's result and
the waiting lists: full ranked lists can identify a child, so these go to auditors only.
"""

import csv
import hashlib
import hmac
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Any

from commonground import __version__
from commonground.engines.lottery.bundle.counts import WITHHELD, group_counts, rank_counts, shown_filled, withhold
from commonground.engines.lottery.bundle.merkle import levels, proof
from commonground.engines.lottery.checks import Check, checks
from commonground.engines.lottery.files import (
    APPLICATION_COLUMNS,
    PROGRAM_COLUMNS,
    application_rows,
    program_rows,
    rules_text,
)
from commonground.engines.lottery.model import Market
from commonground.engines.lottery.results import Result
from commonground.engines.lottery.seeds import Seed
from commonground.engines.lottery.standing import Standing, ranked_name

FORMAT = 2
RULES, PROGRAMS, SEED = "published/rules.toml", "published/programs.csv", "published/seed.json"
CUTOFFS, COUNTS, CHECKS, ROOT = (
    "published/cutoffs.csv",
    "published/counts.json",
    "published/checks.csv",
    "published/merkle.json",
)
REPORT, PLACE = "published/report.json", "published/place.csv"
APPLICATIONS, NUMBERS = "auditors/applications.csv", "auditors/numbers.csv"
RESULTS, WAITING = "auditors/results.csv", "auditors/waiting.csv"
MANIFEST, MANIFEST_DIGEST = "manifest.json", "manifest.sha256"
CUTOFF_COLUMNS = (
    "program",
    "pool",
    "seats",
    "filled",
    "priority",
    "admits",
    "last_school_rank",
    "last_number",
    "asked",
)
RESULT_COLUMNS = ("application", "rank", "program", "result", "pool")


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A CSV in UTF-8 with line feeds: one way to write it, so that two runs give the same bytes."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(["" if cell is None else cell for cell in row] for row in rows)
    return text.getvalue().encode()


def as_json(value: Any) -> bytes:
    """JSON with sorted keys and a final line feed: one way to write it."""
    return (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def seed_record(seed: Seed) -> dict[str, Any]:
    """What is published of the seed: the words that key the numbers, and their proof."""
    record: dict[str, Any] = {"seed": seed.text}
    if seed.round is not None:
        chain = {"hash": seed.chain.hash, "public_key": seed.chain.public_key, "period": seed.chain.period}
        record["beacon"] = {
            "round": seed.round,
            "signature": seed.signature,
            "chain": {**chain, "genesis": seed.chain.genesis},
        }
        record["round_published_at"] = seed.chain.time_of(seed.round).isoformat()
    else:
        record["plain"] = seed.plain
    if seed.secret is not None:
        record["district"] = {"secret": seed.secret, "commitment": seed.commitment}
    return record


def checks_table(found: Iterable[Check]) -> bytes:
    """The checks of a result, one a row."""
    return table(("check", "holds", "detail"), ((c.name, "yes" if c.holds else "no", c.detail) for c in found))


def salt_key(frozen: bytes) -> bytes:
    """What the leaves' salts are made from: nobody outside knows all ranked lists, so their digest is a secret without keeping."""
    return hashlib.sha256(b"salt" + frozen).digest()


def code_hash() -> str:
    """SHA-256 over the engine's source files, by name: which program made a bundle."""
    folder = Path(__file__).resolve().parents[1]
    digest = hashlib.sha256()
    for name, file in sorted((file.relative_to(folder).as_posix(), file) for file in folder.rglob("*.py")):
        digest.update(name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def inputs(market: Market) -> dict[str, bytes]:
    """A market as the files that a draw is frozen in."""
    return {
        RULES: rules_text(market.rules).encode(),
        PROGRAMS: table([column.name for column in PROGRAM_COLUMNS], program_rows(market.programs)),
        APPLICATIONS: table([column.name for column in APPLICATION_COLUMNS], application_rows(market.applications)),
    }


class Contents:
    """All files of one draw's bundle but the report."""

    def __init__(self, market: Market, seed: Seed, result: Result) -> None:
        self.market, self.seed, self.result = market, seed, result

    @cached_property
    def inputs(self) -> dict[str, bytes]:
        return inputs(self.market)

    @cached_property
    def _salt_key(self) -> bytes:
        return salt_key(self.inputs[APPLICATIONS])

    def leaf(self, application: int) -> bytes:
        """What the tree holds of one child: its number, its result choice by choice, and its salt."""
        arrays, result = self.result.drawn.arrays, self.result
        begin, end = int(arrays.choice_start[application]), int(arrays.choice_start[application + 1])
        number = self.market.applications[application].number
        choices = [
            [self.market.programs[arrays.choice_program[x]].name, str(result.reasons[x]), result.number(application, x)]
            for x in range(begin, end)
        ]
        leaf = {
            "application": number,
            "choices": choices,
            "matched": result.program_of(application),
            "pool": result.pool_of(application),
            "salt": hmac.digest(self._salt_key, number.encode(), "sha256").hex()[:32],
        }
        return json.dumps(leaf, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()

    @cached_property
    def tree(self) -> list[list[bytes]]:
        return levels([self.leaf(at) for at in range(len(self.market.applications))])

    @property
    def root(self) -> str:
        return self.tree[-1][0].hex()

    def proof(self, application: int) -> list[tuple[str, str]]:
        """The hashes beside a child's way to the root."""
        return proof(self.tree, application)

    def files(self) -> dict[str, bytes]:
        """Name -> bytes of every file that the inputs determine."""
        return {
            **self.inputs,
            SEED: as_json(seed_record(self.seed)),
            CUTOFFS: table(CUTOFF_COLUMNS, self._cutoffs()),
            COUNTS: as_json({"by_choice": rank_counts(self.result), "by_group": group_counts(self.result)}),
            CHECKS: checks_table(checks(self.result)),
            ROOT: as_json({"applications": len(self.market.applications), "root": self.root}),
            NUMBERS: table(("application", "school", "number"), self._numbers()),
            RESULTS: table(RESULT_COLUMNS, self._results()),
            WAITING: table(("program", "pool", "position", "application", "priority", "number"), self._waiting()),
        }

    def _cutoffs(self) -> Iterable[tuple[object, ...]]:
        shown = shown_filled(self.result)
        pools = {(c.program.name, c.pool.name): (c.pool.seats, shown[at]) for at, c in enumerate(self.result.cutoffs)}
        lines = groupby(self.result.class_lines, key=lambda line: (line.program, line.pool))
        for place, own in lines:
            seats, filled = pools[place]
            classes = list(own)
            # All who asked for a pool that still has room sit in it: where that count is withheld, so are its parts.
            asked = withhold({at: line.asked for at, line in enumerate(classes) if filled is not None})
            for at, line in enumerate(classes):
                sizes = (seats, WITHHELD if filled is None else filled)
                came = asked.get(at)
                end = (line.admits, line.school_rank, line.number, WITHHELD if came is None else came)
                yield (line.program, line.pool, *sizes, line.priority, *end)

    def _numbers(self) -> Iterable[tuple[object, ...]]:
        drawn, schools = self.result.drawn, [program.school for program in self.market.programs]
        for at, number in enumerate(self.result.numbers):
            if drawn.by_choice:
                child = self.market.applications[drawn.arrays.owner[at]].number
                yield child, schools[drawn.arrays.choice_program[at]], number
            else:
                yield self.market.applications[at].number, "", number

    def _results(self) -> Iterable[tuple[object, ...]]:
        arrays, result = self.result.drawn.arrays, self.result
        names = [program.name for program in self.market.programs]
        programs, starts, reasons = arrays.choice_program.tolist(), arrays.choice_start.tolist(), result.reasons
        for at, application in enumerate(self.market.applications):
            matched, pool = int(result.drawn.choice[at]), result.pool_of(at)
            for x in range(starts[at], starts[at + 1]):
                where = pool if x == matched else None
                yield application.number, x - starts[at] + 1, names[programs[x]], str(reasons[x]), where
            if starts[at] == starts[at + 1]:
                yield application.number, "", "", "no choices", ""

    def _waiting(self) -> Iterable[tuple[object, ...]]:
        arrays, result = self.result.drawn.arrays, self.result
        for choice, k, position in result.waiting:
            at = int(arrays.owner[choice])
            program, pool = result.pools[k]
            begin = arrays.pool_start[arrays.choice_program[choice]]
            where = Standing.unpacked(int(arrays.rank[arrays.rank_start[choice] + k - begin]))
            number = self.market.applications[at].number
            yield (
                program.name,
                pool.name,
                position,
                number,
                ranked_name(program, pool, where),
                result.number(at, choice),
            )


def manifest(files: Mapping[str, bytes], made_by: Mapping[str, str] | None = None) -> bytes:
    """The list of all files with their SHA-256, and which program made them."""
    return as_json(
        {
            "format": FORMAT,
            "made_by": dict(made_by or {"version": __version__, "code": code_hash()}),
            "sha256": {name: hashlib.sha256(data).hexdigest() for name, data in files.items()},
        }
    )


def manifest_digest(data: bytes) -> bytes:
    """The manifest's own SHA-256, in the form that `sha256sum --check` reads."""
    return f"{hashlib.sha256(data).hexdigest()}  {MANIFEST}\n".encode()
