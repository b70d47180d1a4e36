"""What the engine answers: groups, who has none and why, how good it is, and the proof. As values and as JSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from commonground.engines.formation.model import Group
from commonground.engines.formation.reasons import Reason

FORMAT = "commonground.formation.solution/1"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a running search is. `score` is None and `groups` empty until a first solution; `bound` None until one is
    proven."""

    seconds: float
    score: float | None
    bound: float | None
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Unplaced:
    """A member without a group, and the rules that were in the way."""

    member: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Solution:
    """A set of groups, and how good it is.

    - `groups`: fixed groups of the rules first; `unplaced`: the members without a group.
    - `score`: points of the whole; `bound`: no set of groups under the same rules scores more.
    - `status`: "optimal" (nothing scores more), "finished" (the work ran out), "time" (the clock ran out) or "stopped"
      (the caller stopped it). Only "optimal" and "finished" come out the same on every machine for the same seed.
    - `certificate`: what `check` needs to verify `bound`; plain JSON data.
    """

    groups: tuple[Group, ...]
    unplaced: tuple[Unplaced, ...]
    score: float
    bound: float
    status: str
    seconds: float
    seed: int
    certificate: Mapping[str, Any]

    @property
    def gap(self) -> float:
        """How far the bound lies above the score, as a share of the score's size: 0 is proven best."""
        distance = max(self.bound - self.score, 0.0)
        return distance / abs(self.score) if self.score else (0.0 if distance == 0 else float("inf"))

    def to_json(self) -> dict[str, Any]:
        """Plain data for json.dump; `from_json` reads it back."""
        return {
            "format": FORMAT,
            "groups": [{"members": list(group.members), "area": group.area} for group in self.groups],
            "unplaced": [{"member": u.member, "reasons": [r.to_json() for r in u.reasons]} for u in self.unplaced],
            "score": self.score,
            "bound": self.bound,
            "gap": self.gap,
            "status": self.status,
            "seconds": self.seconds,
            "seed": self.seed,
            "certificate": dict(self.certificate),
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "Solution":
        """The solution that `to_json` wrote. Raises ValueError for any other data."""
        if data.get("format") != FORMAT:
            raise ValueError(f"This is not a saved solution: its format is {data.get('format')!r}, not {FORMAT!r}.")
        return Solution(
            groups=tuple(Group(tuple(group["members"]), group["area"]) for group in data["groups"]),
            unplaced=tuple(_unplaced(row) for row in data["unplaced"]),
            score=data["score"],
            bound=data["bound"],
            status=data["status"],
            seconds=data["seconds"],
            seed=data["seed"],
            certificate=data["certificate"],
        )


def _unplaced(row: Mapping[str, Any]) -> Unplaced:
    return Unplaced(row["member"], tuple(Reason(why["code"], why["data"]) for why in row["reasons"]))
