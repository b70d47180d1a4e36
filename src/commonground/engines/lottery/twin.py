"""The slow, obvious twin of the compiled draw: deferred acceptance as a textbook tells it (Gale & Shapley 1962).

1. Every child without a seat asks at its best choice that has not turned it away.
2. Every program looks at all who hold a seat there or ask, and chooses afresh: pool by pool in precedence order, each
   pool takes the children who stand first in its own line, as many as it has seats.
3. Those not chosen are turned away. Repeat until nobody asks.

Nothing is shared with the kernel but the meaning of a standing; the tests compare the two.
"""

from collections.abc import Mapping, Sequence

from commonground.engines.lottery.arrays import labels_at
from commonground.engines.lottery.model import Application, Choice, Market, Program, Rules
from commonground.engines.lottery.standing import Standing, standing

# Application -> (program, pool) or None.
Match = dict[str, tuple[str, str] | None]
# (application, program) -> place in the lottery there, smaller first.
Turns = Mapping[tuple[str, str], int]


def choose(
    program: Program, asking: Sequence[tuple[Application, Choice]], turns: Turns, rules: Rules
) -> dict[str, str]:
    """Whom a program takes from those who ask: application number -> seat pool."""
    taken: dict[str, str] = {}
    for pool in program.pools:
        line: list[tuple[Standing, int, str]] = []
        for application, choice in asking:
            promised, late = application.guaranteed == program.name, rules.behind(application)
            place = standing(program, pool, choice, labels_at(application, choice), promised, late)
            if application.number not in taken and place is not None:
                line.append((place, turns[application.number, program.name], application.number))
        taken.update((number, pool.name) for _, _, number in sorted(line)[: pool.seats])
    return taken


def deferred_acceptance(market: Market, turns: Turns) -> Match:
    """The child-optimal stable match, by rounds."""
    programs, applications = market.programs, market.applications
    asked = {application.number: 0 for application in applications}
    while True:
        asking: dict[str, list[tuple[Application, Choice]]] = {program.name: [] for program in programs}
        for application in applications:
            if asked[application.number] < len(application.choices):
                choice = application.choices[asked[application.number]]
                asking[choice.program].append((application, choice))
        taken = {program.name: choose(program, asking[program.name], turns, market.rules) for program in programs}
        turned_away = [
            application.number
            for program in programs
            for application, _ in asking[program.name]
            if application.number not in taken[program.name]
        ]
        if not turned_away:
            match: Match = {application.number: None for application in applications}
            for name, chosen in taken.items():
                match.update({number: (name, pool) for number, pool in chosen.items()})
            return match
        for number in turned_away:
            asked[number] += 1
