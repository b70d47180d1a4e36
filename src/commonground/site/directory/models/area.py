"""Where something is, and which agency's area that is: a state, or some counties of it."""

from dataclasses import dataclass
from functools import cached_property


def _plain(county: str) -> str:
    """Makes RIVERSIDE and Riverside County one; Baltimore city and Baltimore County stay two."""
    words = county.casefold().split()
    return " ".join(words[:-1] if words[-1:] in (["county"], ["parish"]) else words)


@dataclass(frozen=True)
class Area:
    """A state, and the counties of it that are meant; none are all."""

    state: str
    counties: frozenset[str] = frozenset()

    def has(self, spot: "Spot") -> bool:
        return spot.state == self.state and (not self.counties or spot.county in self.counties)

    def may_have(self, spot: "Spot") -> bool:
        """Is it there, or might it be: what is blank could be anything, and counties are typed as people call them."""
        return spot.state in {"", self.state} and (not self.counties or _plain(spot.county) in self._plain_counties)

    @cached_property
    def _plain_counties(self) -> frozenset[str]:
        return frozenset({"", *map(_plain, self.counties)})


@dataclass(frozen=True)
class Spot:
    """A state and a county of it; either is "" where it is not known."""

    state: str
    county: str
