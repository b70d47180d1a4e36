"""A bundle as it lies on disk, and what it says about itself."""

import json
import tempfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from commonground.engines.lottery.beacon import Chain
from commonground.engines.lottery.bundle import contents
from commonground.engines.lottery.bundle.chain import EVENTS, LATE, LINK, MOVES, PREVIOUS, SECOND_ROUND
from commonground.engines.lottery.draw import draw
from commonground.engines.lottery.events import Event, Replay
from commonground.engines.lottery.files import read_market
from commonground.engines.lottery.files.events import read_late, replayed
from commonground.engines.lottery.model import Application, Market
from commonground.engines.lottery.moves import State, after_draw
from commonground.engines.lottery.results import Result
from commonground.engines.lottery.seeds import Seed, SeedError


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
        return cls.of(files)

    @classmethod
    def of(cls, files: dict[str, bytes]) -> "Bundle":
        """A bundle from its files.

        Raises:
            BundleError: its manifest is missing or cannot be read.
        """
        try:
            manifest = json.loads(files.get(contents.MANIFEST, b""))
            if set(manifest) != {"format", "made_by", "sha256"} or not isinstance(manifest["sha256"], dict):
                raise ValueError("parts are missing")
        except (ValueError, TypeError) as error:
            raise BundleError(f"{contents.MANIFEST} was changed: it can no longer be read.") from error
        return cls(files, manifest)

    @cached_property
    def kind(self) -> str | None:
        """What the bundle holds: None for a first draw, else moves or a second round.

        Raises:
            BundleError: the record was changed and can no longer be read.
        """
        if LINK not in self.files:
            return None
        try:
            kind = json.loads(self.files[LINK])["kind"]
        except (ValueError, KeyError, TypeError) as error:
            raise BundleError(f"{LINK} was changed: it can no longer be read.") from error
        if kind not in {MOVES, SECOND_ROUND}:
            raise BundleError(f"{LINK} was changed: there is no kind “{kind}”.")
        return str(kind)

    @cached_property
    def previous(self) -> "Bundle":
        """The bundle that this one follows.

        Raises:
            BundleError: it is not there, or cannot be read.
        """
        inside = {name.removeprefix(PREVIOUS): data for name, data in self.files.items() if name.startswith(PREVIOUS)}
        return Bundle.of(inside)

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

    def late(self, state: State) -> tuple[Application, ...]:
        """The late or new applications that the bundle brought in.

        Raises:
            InputError: they do not fit the state before.
        """
        if LATE not in self.files:
            return ()
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / Path(LATE).name
            path.write_bytes(self.files[LATE])
            return read_late(path, state)

    def replayed(self) -> tuple[tuple[Event, ...], tuple[Application, ...], Replay]:
        """The events of a bundle of moves, the late applications, and what came of them.

        Raises:
            InputError: the frozen events do not fit the bundle before.
        """
        state, seed = self.previous.state(), self.draw_seed()
        late = self.late(state)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / Path(EVENTS).name
            path.write_bytes(self.files.get(EVENTS, b""))
            events, done = replayed(path, state, seed.text, late)
        return events, late, done

    def draw_seed(self) -> Seed:
        """The seed of the last draw in the chain."""
        return self.previous.draw_seed() if self.kind == MOVES else self.seed()

    def state(self) -> State:
        """Who holds and awaits what after everything in this bundle and those before it."""
        if self.kind == MOVES:
            return self.replayed()[2].after
        market = self.market()
        return after_draw(Result(market, draw(market, self.seed().text)))
