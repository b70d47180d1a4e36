"""One child's result, choice by choice, in words that a family reads, with the lines of arithmetic that prove it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from commonground.engines.lottery.bundle.contents import Contents
from commonground.engines.lottery.model import NO_PRIORITY, Application, Market, Numbers
from commonground.engines.lottery.moves import reason_to_wait
from commonground.engines.lottery.report.words import Texts, said, texts, with_school
from commonground.engines.lottery.results import Reason, Result, Verdict
from commonground.i18n import Say

NUMBERS = "numbers = [(schools[program], n) for program, result, n in json.loads(leaf)['choices']]"


@dataclass(frozen=True, slots=True)
class Story:
    """One child's result, ready to be read aloud. `t`: the texts of its language."""

    number: str
    headline: str
    lines: tuple[str, ...]
    waits: tuple[str, ...]
    seed: str
    lottery_numbers: tuple[str, ...]
    arithmetic: str
    language: str
    t: dict[str, str]
    happened: tuple[str, ...] = ()

    def text(self) -> str:
        """The story for a terminal."""
        numbered = [f"  {at}. {line}" for at, line in enumerate(self.lines, 1)]
        numbers = [self.t["number"].format(number=number) for number in self.lottery_numbers]
        waits = [f"{self.t['waiting_lists']}:", *(f"  {wait}" for wait in self.waits)] if self.waits else []
        since = [f"{self.t['happened_title']}:", *(f"  {line}" for line in self.happened)] if self.happened else []
        title = self.t["application"].format(number=self.number)
        return "\n".join([title, self.headline, *numbers, *numbered, *waits, *since])


def story_of(made: Contents, at: int, say: Say, language: str) -> Story:
    """What one child got in a draw, and why."""
    t, result = texts(say), made.result
    names = {program.name: with_school(program) for program in made.market.programs}
    begin, end = result.drawn.arrays.choice_start[at : at + 2].tolist()
    waits = reason_to_wait(result, at)
    return Story(
        number=made.market.applications[at].number,
        headline=_headline(result, at, names, t),
        lines=tuple(_line(verdict, names, t) for verdict in result.verdicts(at)),
        waits=tuple(
            t["place"].format(program=names[program], pool=said(pool, t), place=place) for program, pool, place in waits
        ),
        seed=made.seed.text,
        lottery_numbers=tuple(dict.fromkeys(result.number(at, x) for x in range(begin, end))),
        arithmetic=arithmetic(
            made.leaf(at), made.proof(at), made.root, made.seed.text, made.market, made.market.applications[at]
        ),
        language=language,
        t=t,
    )


def _headline(result: Result, at: int, names: Mapping[str, str], t: Texts) -> str:
    program, rank = result.program_of(at), result.rank_of(at)
    if program is None:
        return t["got_none"] if result.applications[at].choices else t["no_choices"]
    return t["got"].format(program=names[program], rank=rank)


_LINES = {
    Reason.MATCHED: "line_matched",
    Reason.NOT_REACHED: "line_not_reached",
    Reason.NOT_ELIGIBLE: "line_not_eligible",
    Reason.GIVEN_UP: "line_given_up",
    Reason.FULL: "line_full",
}


def _line(verdict: Verdict, names: Mapping[str, str], t: Texts) -> str:
    line = t[_LINES[verdict.reason]].format(program=names[verdict.program])
    pools = [_pool(*pool, t) for pool in verdict.pools] if verdict.reason is Reason.FULL else []
    return " ".join([line, *pools])


def _pool(name: str, own: str | None, last: str | None, number: str | None, t: Texts) -> str:
    pool = said(name, t)
    if own is None:
        return t["pool_others"].format(pool=pool)
    if last is None or number is None:
        return t["pool_none"].format(pool=pool)
    key = "pool_last" if own != NO_PRIORITY else "pool_last_plain"
    return t[key].format(pool=pool, last=said(last, t), number=number[:12], own=said(own, t))


def arithmetic(
    leaf: bytes, proof: list[tuple[str, str]], root: str, seed: str, market: Market, application: Application,
    numbers: str = NUMBERS,
) -> str:  # fmt: skip
    """Lines of Python that recompute the child's number and follow its proof to the root.

    Args:
        numbers: the line that takes the child's numbers from its leaf.
    """
    lines = [
        "import hashlib, hmac, json",
        f"leaf = {leaf.decode()!r}",
        f"way = {json.dumps(proof)}",
        f"root = {root!r}",
        *_number_lines(seed, market, application),
        numbers,
        "found = hashlib.sha256(b'\\x00' + leaf.encode()).digest()",
        "for side, other in way:",
        "    other = bytes.fromhex(other)",
        "    pair = other + found if side == 'left' else found + other",
        "    found = hashlib.sha256(b'\\x01' + pair).digest()",
        "print(found.hex() == root and all(number(school) == n for school, n in numbers))",
    ]
    return "\n".join(lines)


def _number_lines(seed: str, market: Market, application: Application) -> list[str]:
    """How the number is computed: the child's own digits, after 48 shared ones when it is linked."""
    schools = {program.name: program.school for program in market.programs}
    single = market.rules.numbers is Numbers.SINGLE
    asked = {choice.program: "" if single else "|" + schools[choice.program] for choice in application.choices}
    link = "None" if application.linked is None else repr("|" + application.linked)
    return [
        f"seed = {seed!r}",
        "key = seed.encode()",
        "key = hashlib.sha256(key).digest() if len(key) > 64 else key",
        f"own, link = {application.number!r}, {link}",
        "mac = lambda text: hmac.new(key, text.encode(), 'sha256').hexdigest()",
        "number = lambda school: mac(own + school) if link is None else mac(link + school)[:48] + mac(own + school)[48:]",
        f"schools = {asked!r}",
    ]
