"""Checks a bundle from scratch: with nothing but the bundle and this package it draws again and compares every byte.

1. The manifest and every file still have the digests they had, and no file is missing or new.
2. The seed's proof holds: the beacon's signature, the district's commitment.
3. The frozen inputs make a market.
4. Every lottery number, recomputed one by one with the standard library's HMAC, is the one on file.
5. Drawn again, every file that the inputs determine comes out byte for byte the same.
6. The result keeps the promises of its rules.
"""

import hashlib
import json
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from commonground import __version__
from commonground.engines.lottery.beacon import Chain
from commonground.engines.lottery.bundle import contents
from commonground.engines.lottery.bundle.contents import Contents, code_hash, manifest_digest
from commonground.engines.lottery.checks import checks
from commonground.engines.lottery.draw import draw
from commonground.engines.lottery.files import InputError, read_market
from commonground.engines.lottery.model import Market, Numbers
from commonground.engines.lottery.results import Result
from commonground.engines.lottery.seeds import Seed, SeedError
from commonground.engines.lottery.tickets import number_of


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was checked, in plain words. `note` findings neither hold nor fail."""

    text: str
    holds: bool
    note: bool = False


class BundleError(ValueError):
    """The folder is not a bundle that can be read."""


@dataclass(frozen=True)
class Bundle:
    """A bundle as it lies on disk."""

    files: dict[str, bytes]
    manifest: dict[str, Any]

    @classmethod
    def read(cls, folder: Path) -> "Bundle":
        """All files of a folder.

        Raises:
            BundleError: there is no bundle, or its manifest cannot be read.
        """
        if not (folder / contents.MANIFEST).is_file():
            raise BundleError(f"{folder} holds no {contents.MANIFEST}: name the folder that “lottery run” wrote.")
        files = {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }
        try:
            manifest = json.loads(files[contents.MANIFEST])
            if set(manifest) != {"format", "made_by", "sha256"} or not isinstance(manifest["sha256"], dict):
                raise ValueError("parts are missing")
        except ValueError as error:
            raise BundleError(f"{contents.MANIFEST} was changed: it can no longer be read.") from error
        return cls(files, manifest)

    def market(self) -> Market:
        """The market of the frozen inputs, read the way the draw read it.

        Raises:
            InputError: the inputs no longer make a market.
        """
        with tempfile.TemporaryDirectory() as folder:
            paths = []
            for name in (contents.PROGRAMS, contents.APPLICATIONS, contents.RULES):
                path = Path(folder) / Path(name).name
                path.write_bytes(self.files.get(name, b""))
                paths.append(path)
            return read_market(*paths)

    def seed(self) -> Seed:
        """The seed with its proof.

        Raises:
            SeedError: the record was changed and can no longer be read.
        """
        try:
            record = json.loads(self.files[contents.SEED])
            beacon, district = record.get("beacon", {}), record.get("district", {})
            chain = {"chain": Chain(**beacon["chain"])} if beacon else {}
            return Seed(
                plain=record.get("plain"), round=beacon.get("round"), signature=beacon.get("signature"),
                secret=district.get("secret"), commitment=district.get("commitment"), **chain,
            )  # fmt: skip
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise SeedError(f"{contents.SEED} cannot be read: {error}") from error


def verify(folder: Path, tell: Callable[[str], None] = lambda step: None) -> list[Finding]:
    """Everything that was checked about a bundle; it holds when all findings do.

    Args:
        tell: called with each step's name before it begins.

    Raises:
        BundleError: the folder is no bundle.
    """
    bundle = Bundle.read(folder)
    tell("Comparing the digests")
    found = [*_digests(bundle), _maker(bundle)]
    tell("Checking the seed")
    try:
        seed = bundle.seed()
        found.extend(_seed(seed))
        tell("Reading the frozen inputs")
        market = bundle.market()
    except (SeedError, InputError) as error:
        first = str(error).splitlines()[0]
        return [*found, Finding(f"The draw cannot be repeated. {first}", False)]
    sizes = f"{len(market.programs)} programs, {len(market.applications)} applications"
    found.append(Finding(f"The frozen inputs make a market: {sizes}.", True))
    tell("Drawing again")
    result = Result(market, draw(market, seed.text))
    found.append(_numbers(market, seed, result))
    tell("Comparing every file")
    made = Contents(market, seed, result)
    found.extend(_redrawn(bundle, made))
    found.extend(Finding(check.detail, check.holds) for check in checks(result))
    return found


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


def _maker(bundle: Bundle) -> Finding:
    made_by = bundle.manifest["made_by"]
    if made_by == {"version": __version__, "code": code_hash()}:
        return Finding(f"The bundle was made by this very program, version {__version__}.", True)
    version = made_by.get("version") if isinstance(made_by, dict) else made_by
    return Finding(
        f"The bundle was made by another program (version {version}); this is version {__version__}.", True, note=True
    )


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


def _redrawn(bundle: Bundle, made: Contents) -> Iterator[Finding]:
    different = {name: data for name, data in made.files().items() if bundle.files.get(name) != data}
    for name, data in different.items():
        line = _first_difference(data, bundle.files.get(name, b""))
        yield Finding(
            f"{name} is not what the frozen inputs and the seed lead to; it differs from line {line} on.", False
        )
    if not different:
        yield Finding(f"Drawn again, every file comes out the same, with the Merkle root {made.root}.", True)


def _first_difference(ours: bytes, theirs: bytes) -> int:
    pairs = zip(ours.splitlines(), theirs.splitlines(), strict=False)
    shorter = min(len(ours.splitlines()), len(theirs.splitlines()))
    return next((at for at, (mine, other) in enumerate(pairs, 1) if mine != other), shorter + 1)
