"""What `lottery explain` does: one child's result in words, and a page with its proof."""

import json
from dataclasses import dataclass
from pathlib import Path

from commonground.cli.lottery import UserError
from commonground.engines.lottery.bundle.contents import Contents
from commonground.engines.lottery.bundle.verifying import Bundle
from commonground.engines.lottery.draw import draw
from commonground.engines.lottery.model import NO_PRIORITY, Application, Numbers
from commonground.engines.lottery.moves import reason_to_wait
from commonground.engines.lottery.report import render
from commonground.engines.lottery.results import Reason, Result, Verdict


@dataclass(frozen=True, slots=True)
class Story:
    """One child's result, ready to be read aloud."""

    number: str
    headline: str
    lines: tuple[str, ...]
    waits: tuple[str, ...]
    seed: str
    lottery_numbers: tuple[str, ...]
    arithmetic: str

    def text(self) -> str:
        """The story for a terminal."""
        numbered = [f"  {at}. {line}" for at, line in enumerate(self.lines, 1)]
        numbers = [f"Lottery number: {number}" for number in self.lottery_numbers]
        waits = ["Waiting lists:", *(f"  {wait}" for wait in self.waits)] if self.waits else []
        return "\n".join([f"Application {self.number}", self.headline, *numbers, *numbered, *waits])


def explained(folder: Path, number: str) -> Story:
    """Why an application got what it got, from a bundle.

    Raises:
        UserError: there is no such application.
    """
    bundle = Bundle.read(folder)
    market, seed = bundle.market(), bundle.seed()
    at = next((at for at, application in enumerate(market.applications) if application.number == number), None)
    if at is None:
        raise UserError(f"There is no application {number} in {folder}. Check the number.")
    result = Result(market, draw(market, seed.text))
    made = Contents(market, seed, result)
    waits = tuple(f"{program}, {pool} seats: place {place}" for program, pool, place in reason_to_wait(result, at))
    begin, end = result.drawn.arrays.choice_start[at : at + 2].tolist()
    own = dict.fromkeys(result.number(at, x) for x in range(begin, end))
    return Story(
        number=number,
        headline=_headline(result, at),
        lines=tuple(_line(verdict) for verdict in result.verdicts(at)),
        waits=waits,
        seed=seed.text,
        lottery_numbers=tuple(own),
        arithmetic=_arithmetic(made, at),
    )


def family_page(story: Story) -> str:
    """The story as a page for the family."""
    return render("family.html", story=story)


def _headline(result: Result, at: int) -> str:
    program, rank = result.program_of(at), result.rank_of(at)
    if program is None:
        return (
            "No seat was free at any of the choices."
            if result.applications[at].choices
            else "The application lists no choices."
        )
    return f"Matched to {program}, choice {rank}."


def _line(verdict: Verdict) -> str:
    if verdict.reason is Reason.MATCHED:
        return f"{verdict.program}: matched."
    if verdict.reason is Reason.NOT_REACHED:
        return f"{verdict.program}: not looked at, because a higher choice was given."
    if verdict.reason is Reason.NOT_ELIGIBLE:
        return f"{verdict.program}: not eligible, so no seat could be given."
    if verdict.reason is Reason.GIVEN_UP:
        return f"{verdict.program}: given up, because not all linked children could be placed at this school."
    return f"{verdict.program}: full. " + " ".join(_pool(*pool) for pool in verdict.pools)


def _pool(name: str, own: str | None, last: str | None, number: str | None) -> str:
    if own is None:
        return f"Its {name} seats are for others only."
    if last is None or number is None:
        return f"It has no {name} seats."
    mine = f"this child stands in “{own}”" if own != NO_PRIORITY else "this child has no priority here"
    return f"Of its {name} seats the last went to “{last}”, number {number[:12]}…; {mine}."


def _arithmetic(made: Contents, at: int) -> str:
    """Lines of Python that recompute the child's number and follow its proof to the root."""
    application = made.market.applications[at]
    lines = [
        "import hashlib, hmac, json",
        f"leaf = {made.leaf(at).decode()!r}",
        f"way = {json.dumps(made.proof(at))}",
        f"root = {made.root!r}",
        *_number_lines(made, application),
        "found = hashlib.sha256(b'\\x00' + leaf.encode()).digest()",
        "for side, other in way:",
        "    other = bytes.fromhex(other)",
        "    pair = other + found if side == 'left' else found + other",
        "    found = hashlib.sha256(b'\\x01' + pair).digest()",
        "print(found.hex() == root and all(number(school) == n for school, n in numbers))",
    ]
    return "\n".join(lines)


def _number_lines(made: Contents, application: Application) -> list[str]:
    """How the number is computed: the child's own digits, after 48 shared ones when it is linked."""
    schools = {program.name: program.school for program in made.market.programs}
    single = made.market.rules.numbers is Numbers.SINGLE
    asked = {choice.program: "" if single else "|" + schools[choice.program] for choice in application.choices}
    link = "None" if application.linked is None else repr("|" + application.linked)
    return [
        f"seed = {made.seed.text!r}",
        "key = seed.encode()",
        "key = hashlib.sha256(key).digest() if len(key) > 64 else key",
        f"own, link = {application.number!r}, {link}",
        "mac = lambda text: hmac.new(key, text.encode(), 'sha256').hexdigest()",
        "number = lambda school: mac(own + school) if link is None else mac(link + school)[:48] + mac(own + school)[48:]",
        f"schools = {asked!r}",
        "numbers = [(schools[program], n) for program, result, n in json.loads(leaf)['choices']]",
    ]
