"""What `lottery chances` and `lottery simulate` do."""

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from commonground.cli.lottery import UserError
from commonground.engines.lottery.arrays import labels_at
from commonground.engines.lottery.bundle.contents import table
from commonground.engines.lottery.bundle.writing import write_file
from commonground.engines.lottery.chances import (
    Chance,
    Threshold,
    chances_by_cutoffs,
    chances_by_draws,
    match_counts,
    thresholds,
)
from commonground.engines.lottery.files import InputError, read_market, read_rules
from commonground.engines.lottery.model import Application, Market, Numbers, Program, Rules
from commonground.engines.lottery.simulate import EVERYONE, Outcome, left_out, simulate
from commonground.engines.lottery.standing import class_name, standing
from commonground.tables import read_table

SMALLEST = 10
RATE_COLUMNS = ("rules", "group", "children", "measure", "mean", "lowest", "highest", "leaves_out")


def estimate(
    programs: Path,
    applications: Path,
    rules: Path,
    encoding: str | None,
    draws: int,
    seed: str,
    last_year: Path | None,
    out: Path,
) -> int:
    """Write every child's chances; the answer is how many children there are."""
    market = read_market(programs, applications, rules, encoding=encoding)
    before = _last_year(last_year) if last_year is not None else None
    with click.progressbar(length=draws, label="Trial draws", file=sys.stderr) as bar:
        counts = match_counts(market, draws, seed, workers=2, tell=bar.update)
    by_draws = chances_by_draws(market, counts, draws)
    header = ["application", "rank", "program", "chance", "low", "high"]
    if before is not None:
        header += ["chance_by_last_year", "low_by_last_year", "high_by_last_year"]
    write_file(out, table(header, _chance_rows(market, by_draws, before)))
    return len(market.applications)


def _last_year(path: Path) -> dict[tuple[str, str], Threshold]:
    read = read_table(path)
    if read.problems:
        raise InputError(read.problems)
    return thresholds([row.as_dict() for row in read])


def _chance_rows(
    market: Market, by_draws: dict[str, list[Chance]], before: dict[tuple[str, str], Threshold] | None
) -> Iterator[list[object]]:
    offered = {program.name: program for program in market.programs}
    for application in market.applications:
        old = None if before is None else _by_cutoffs(application, offered, before, market.rules)
        for place, chance in enumerate(by_draws[application.number]):
            row: list[object] = [application.number, place + 1, chance.program, *_rounded(chance)]
            if old is not None:
                row += _rounded(old[place])
            yield row


def _rounded(chance: Chance) -> list[object]:
    return [f"{value:.4f}" for value in (chance.chance, chance.low, chance.high)]


def _by_cutoffs(
    application: Application, programs: dict[str, Program], before: dict[tuple[str, str], Threshold], rules: Rules
) -> list[Chance]:
    """A program that was not there last year, or had nobody of the class, tells nothing: its interval is all of 0 to 1."""
    known = []
    for choice in application.choices:
        program = programs[choice.program]
        names = []
        for pool in program.pools:
            promised = choice.program == application.guaranteed
            place = standing(program, pool, choice, labels_at(application, choice), promised, rules.behind(application))
            if place is not None:
                names.append(class_name(program, pool, place))
        found = [before[choice.program, name] for name in names if (choice.program, name) in before]
        unknown = Threshold(0.0, 0) if names else Threshold(0.0, 10**9)
        known.append((choice.program, max(found, key=lambda threshold: threshold.share, default=unknown)))
    return chances_by_cutoffs(known, single=rules.numbers is Numbers.SINGLE)


def compare(
    programs: Path, applications: Path, rules: tuple[Path, ...], encoding: str | None, draws: int, seed: str, out: Path
) -> Iterator[str]:
    """Write the match rates under each set of rules; the answer is a short summary, line by line."""
    if len({path.stem for path in rules}) < len(rules):
        raise UserError("Two files of rules have one name, so their rates could not be told apart. Rename one.")
    market = read_market(programs, applications, rules[0], encoding=encoding)
    named = [(path.stem, read_rules(path)) for path in rules]
    missing = {name: "; ".join(left_out(market, own)) for name, own in named}
    with click.progressbar(length=draws * len(named), label="Trial draws", file=sys.stderr) as bar:
        outcomes = simulate(market, named, draws, seed, tell=bar.update)
    shown = [outcome for outcome in outcomes if outcome.group == EVERYONE or outcome.children >= SMALLEST]
    write_file(out, table(RATE_COLUMNS, ([*_rates(outcome), missing[outcome.rules]] for outcome in shown)))
    for outcome in shown:
        if outcome.group == EVERYONE and outcome.measure in {"choice 1", "matched"}:
            yield f"{outcome.rules}: {outcome.measure} {outcome.mean:.1%} ({outcome.low:.1%} to {outcome.high:.1%})"
    yield from (f"{name} leaves out: {what}." for name, what in missing.items() if what)
    yield f"All rates: {out}"


def _rates(outcome: Outcome) -> list[object]:
    shares = (f"{share:.4f}" for share in (outcome.mean, outcome.low, outcome.high))
    return [outcome.rules, outcome.group, outcome.children, outcome.measure, *shares]
