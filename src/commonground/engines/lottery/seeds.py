"""Where the seed of a draw comes from, so that it is predictable by no one before and reproducible by anyone after.

- *Plain*: published words. Good for trials and rehearsals only, because whoever picks the words could try several.
- *Beacon*: the randomness of a round that was named in advance.
- *Beacon and district secret*: the district publishes SHA-256 of a secret before the round (it commits) and the secret
  after it (it reveals). Neither the district nor the beacon's operators alone could then steer the draw.
"""

import hashlib
import hmac
from dataclasses import dataclass

from commonground.engines.lottery import beacon
from commonground.engines.lottery.beacon import QUICKNET, BeaconError, Chain


class SeedError(ValueError):
    """A seed whose proof does not hold."""


@dataclass(frozen=True, slots=True)
class Seed:
    """The seed and its proof. Either `plain`, or `round` and `signature`, perhaps with `secret` and `commitment`."""

    plain: str | None = None
    round: int | None = None
    signature: str | None = None
    secret: str | None = None
    commitment: str | None = None
    chain: Chain = QUICKNET

    def __post_init__(self) -> None:
        if (self.plain is None) == (self.round is None):
            raise SeedError("Give either a plain seed or a round of the beacon, not both and not neither.")
        if self.plain == "":
            raise SeedError("The seed is empty.")
        if (self.round is None) != (self.signature is None):
            raise SeedError("A round and its signature belong together: give both.")
        if (self.secret is None) != (self.commitment is None):
            raise SeedError("A secret and the commitment that was published before belong together: give both.")

    @property
    def text(self) -> str:
        """The words that key every lottery number.

        A beacon's randomness as 64 hexadecimal digits; with a secret, SHA-256 of that, “:” and the secret; a plain seed as
        it is, or in the same way with a secret.
        """
        base = self.plain if self.plain is not None else beacon.randomness(self.signature or "")
        if self.secret is None:
            return base
        return hashlib.sha256(f"{base}:{self.secret}".encode()).hexdigest()

    def faults(self) -> list[str]:
        """What does not hold about the seed's proof, in words; empty when all of it does."""
        found = []
        if self.round is not None and self.signature is not None:
            try:
                holds = beacon.verify(self.round, self.signature, self.chain)
            except BeaconError as error:
                found.append(f"The beacon's signature cannot be read. {error}")
            else:
                if not holds:
                    found.append(f"The signature is not that of round {self.round} of the beacon.")
        if self.secret is not None and not hmac.compare_digest(commitment_of(self.secret), self.commitment or ""):
            found.append("The district's secret is not the one it committed to before the draw.")
        return found


def commitment_of(secret: str) -> str:
    """What a district publishes before the round: SHA-256 of its secret, in hexadecimal."""
    return hashlib.sha256(secret.encode()).hexdigest()
