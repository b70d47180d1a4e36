"""Checks a bundle from scratch: with nothing but the bundle and this package it draws again and compares every byte.

1. The manifest and every file still have the digests they had, and no file is missing or new.
2. The seed's proof holds: the beacon's signature, the district's commitment.
3. The frozen inputs make a market.
4. Every lottery number, recomputed one by one with the standard library's HMAC, is the one on file.
5. Drawn again, every file that the inputs determine comes out byte for byte the same, the report included.
6. The result keeps the promises of its rules.

A bundle that follows another is checked with the one before it, and with the tie between the two.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from commonground import __version__
from commonground.engines.lottery.bundle import contents
from commonground.engines.lottery.bundle.chain import LATE, LINK, MOVES, PREVIOUS, SECOND_ROUND, Moves, link
from commonground.engines.lottery.bundle.contents import Contents, code_hash, inputs, manifest_digest
from commonground.engines.lottery.bundle.reading import Bundle, BundleError
from commonground.engines.lottery.bundle.whole import draw_files, moves_files, published_of, title_of
from commonground.engines.lottery.checks import checks
from commonground.engines.lottery.draw import draw
from commonground.engines.lottery.events import checks_of
from commonground.engines.lottery.files import InputError
from commonground.engines.lottery.model import Market, Numbers
from commonground.engines.lottery.moves import MoveError
from commonground.engines.lottery.report import file_name
from commonground.engines.lottery.results import Result
from commonground.engines.lottery.rounds import second_round
from commonground.engines.lottery.seeds import Seed, SeedError
from commonground.engines.lottery.tickets import number_of
from commonground.i18n import LANGUAGES

# A second round's bundle holds its new applications, which its own market holds too.
EXTRA = (LATE, LINK)
REPORTS = {file_name(language) for language in LANGUAGES}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing about a bundle, in plain words. What was not `checked` neither holds nor fails, nor does a `note`."""

    text: str
    holds: bool
    note: bool = False
    checked: bool = True


def verify(folder: Path, tell: Callable[[str], None] = lambda step: None) -> list[Finding]:
    """Everything that was checked about a bundle and those before it; it holds when all findings do.

    Args:
        tell: called with each step's name before it begins.

    Raises:
        BundleError: the folder is no bundle.
    """
    return list(_findings(Bundle.read(folder), tell))


def _findings(bundle: Bundle, tell: Callable[[str], None]) -> Iterator[Finding]:
    tell("Comparing the digests")
    yield from _digests(bundle)
    yield _maker(bundle.manifest["made_by"])
    if bundle.kind is not None:
        tell("Checking the bundle before")
        yield from _before(bundle)
    try:
        if bundle.kind == MOVES:
            yield from _moves(bundle, tell)
        else:
            yield from _draw(bundle, tell)
    except (BundleError, SeedError, InputError, MoveError) as error:
        yield Finding(f"The result cannot be made again. {str(error).splitlines()[0]}", False)


def _before(bundle: Bundle) -> Iterator[Finding]:
    """The bundle that this one follows, checked in the same way, and the tie between the two."""
    try:
        before = bundle.previous
        for finding in _findings(before, lambda step: None):
            yield replace(finding, text=f"Before: {finding.text}")
        tied = link(before.files, bundle.kind or "")[LINK] == bundle.files[LINK]
    except (BundleError, ValueError, KeyError, TypeError) as error:
        yield Finding(f"Before: {error}", False)
        return
    text = (
        "This bundle names the digest and the root of the one before."
        if tied
        else f"{LINK} names another bundle before."
    )
    yield Finding(text, tied)


def _draw(bundle: Bundle, tell: Callable[[str], None]) -> Iterator[Finding]:
    tell("Checking the seed")
    seed = bundle.seed()
    yield from _seed(seed)
    tell("Reading the frozen inputs")
    market = bundle.market()
    sizes = f"{len(market.programs)} programs, {len(market.applications)} applications"
    yield Finding(f"The frozen inputs make a market: {sizes}.", True)
    if bundle.kind == SECOND_ROUND:
        yield from _second_round(bundle, market, seed)
    tell("Drawing again")
    result = Result(market, draw(market, seed.text))
    yield _numbers(market, seed, result)
    tell("Comparing every file")
    made = Contents(market, seed, result)
    yield from _redrawn(bundle, core := made.files(), made.root)
    yield from _report(bundle, lambda title: draw_files(made, title, published_of(bundle.files)), core)
    yield from (Finding(check.detail, check.holds) for check in checks(result))


def _second_round(bundle: Bundle, market: Market, seed: Seed) -> Iterator[Finding]:
    """Does the round begin where the bundle before ended, with the numbers that the rules promise?"""
    state = bundle.previous.state()
    expected = second_round(state, bundle.late(state))
    same = inputs(expected) == inputs(market)
    text = "The second round begins with the seats and waiting lists of the bundle before."
    yield Finding(text if same else "The second round does not begin where the bundle before ended.", same)
    kept = seed == bundle.previous.draw_seed()
    if state.rules.keep_numbers:
        yield Finding(
            "The rules keep the numbers, and the seed is the same."
            if kept
            else "The rules keep the numbers, but the seed is another.",
            kept,
        )
    else:
        yield Finding(
            "The numbers are drawn anew, as the rules say."
            if not kept
            else "The rules promise new numbers, but the seed is the same.",
            not kept,
        )


def _moves(bundle: Bundle, tell: Callable[[str], None]) -> Iterator[Finding]:
    tell("Repeating every event")
    events, late, done = bundle.replayed()
    yield Finding(f"All {len(events)} events fit the state that they met.", True)
    tell("Comparing every file")
    moves = Moves(done, events, late, bundle.draw_seed().text)
    yield from _redrawn(bundle, core := moves.files(), moves.root)
    yield from _report(bundle, lambda title: moves_files(moves, title, bundle.previous.files), core)
    yield from (Finding(check.detail, check.holds) for check in checks_of(done))


def _digests(bundle: Bundle) -> Iterator[Finding]:
    listed = bundle.manifest["sha256"]
    record = bundle.files[contents.MANIFEST]
    if bundle.files.get(contents.MANIFEST_DIGEST) != manifest_digest(record):
        yield Finding(
            f"{contents.MANIFEST} and {contents.MANIFEST_DIGEST} do not belong together: one of them was changed.",
            False,
        )
    own = {contents.MANIFEST, contents.MANIFEST_DIGEST}
    for name in sorted(set(listed) - set(bundle.files)):
        yield Finding(f"{name} is missing.", False)
    for name in sorted(set(bundle.files) - set(listed) - own):
        yield Finding(f"{name} is not part of the bundle: it was added later.", False)
    changed = [
        n for n in sorted(set(listed) & set(bundle.files)) if hashlib.sha256(bundle.files[n]).hexdigest() != listed[n]
    ]
    for name in changed:
        yield Finding(f"{name} was changed: its digest is not the one in the manifest.", False)
    if not changed and set(listed) == set(bundle.files) - own:
        yield Finding(f"All {len(listed)} files have the digests in the manifest.", True)


def _maker(made_by: Any) -> Finding:
    """Who made the bundle is what the bundle says: only that this program makes the same can be checked."""
    if made_by == {"version": __version__, "code": code_hash()}:
        return Finding(f"The bundle was made by this very program, version {__version__}.", True)
    if not isinstance(made_by, dict) or set(made_by) != {"version", "code"}:
        return Finding(f"{contents.MANIFEST} does not say which program made the bundle.", False)
    text = (
        f"The bundle says that another program made it (version {made_by['version']}, code {made_by['code']}). Nothing can "
        f"prove that. All that follows was made again by this one (version {__version__}, code {code_hash()})."
    )
    return Finding(text, True, checked=False)


def _seed(seed: Seed) -> Iterator[Finding]:
    faults = seed.faults()
    yield from (Finding(fault, False) for fault in faults)
    if faults:
        return
    if seed.round is None:
        text = "The seed was chosen by hand, which is good enough for a trial only."
        yield Finding(text, True, note=True)
    else:
        yield Finding(
            f"The seed comes from round {seed.round} of the public beacon; the beacon's signature is genuine.", True
        )
    if seed.secret is not None:
        yield Finding("The district's secret is the one it committed to before the draw.", True)


def _numbers(market: Market, seed: Seed, result: Result) -> Finding:
    """Recompute every number the slow way, which shares no code with the fast one."""
    schools = {program.name: program.school for program in market.programs}
    at = 0
    for application in market.applications:
        places: list[str | None] = [None]
        if market.rules.numbers is Numbers.PER_SCHOOL:
            places = [schools[choice.program] for choice in application.choices]
        for school in places:
            if number_of(seed.text, application, school) != result.numbers[at]:
                return Finding(
                    f"The lottery number of application {application.number} does not follow from the seed.", False
                )
            at += 1
    return Finding(f"All {at} lottery numbers follow from the seed.", True)


def _redrawn(bundle: Bundle, expected: Mapping[str, bytes], root: str) -> Iterator[Finding]:
    different = {name: data for name, data in expected.items() if bundle.files.get(name) != data}
    yield from (_other(bundle, name, data) for name, data in different.items())
    if not different:
        yield Finding(f"Made again, every file comes out the same, with the Merkle root {root}.", True)


def _other(bundle: Bundle, name: str, data: bytes) -> Finding:
    line = _first_difference(data, bundle.files.get(name, b""))
    text = f"{name} is not what the frozen inputs and the seed lead to; it differs from line {line} on."
    if name in REPORTS:
        # Another version may word a report otherwise. That cannot be told from a forged one, so neither may pass.
        text += " If another version wrote it, verify with that version."
    return Finding(text, False)


def _report(bundle: Bundle, make: Callable[[str], Mapping[str, bytes]], core: Mapping[str, bytes]) -> Iterator[Finding]:
    """All files beside the core, written again."""
    try:
        expected = make(title_of(bundle.files))
    except (ValueError, KeyError, TypeError) as error:
        yield Finding(f"The report cannot be made again: {str(error).splitlines()[0]}", False)
        return
    known = {*expected, *EXTRA, contents.MANIFEST, contents.MANIFEST_DIGEST}
    for name in sorted(name for name in set(bundle.files) - known if not name.startswith(PREVIOUS)):
        yield Finding(f"{name} is not a file that this program makes.", False)
    rest = {name: data for name, data in expected.items() if name not in core}
    different = {name: data for name, data in rest.items() if bundle.files.get(name) != data}
    for name, data in different.items():
        yield _other(bundle, name, data)
    if not different:
        yield Finding("The report says what the result says.", True)


def _first_difference(ours: bytes, theirs: bytes) -> int:
    pairs = zip(ours.splitlines(), theirs.splitlines(), strict=False)
    shorter = min(len(ours.splitlines()), len(theirs.splitlines()))
    return next((at for at, (mine, other) in enumerate(pairs, 1) if mine != other), shorter + 1)
