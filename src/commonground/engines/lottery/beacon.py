"""A public randomness beacon: drand's quicknet, checked without a network.

The League of Entropy publishes a signature of every round's number every three seconds. Nobody can know it before its
time, and anyone can check it afterwards against the public key (scheme bls-unchained-g1-rfc9380: BLS12-381, message
SHA-256 of the round as eight bytes, signature in G1, key in G2; RFC 9380 for hashing to the curve). The round's
randomness is the SHA-256 of its signature. A district names the round in advance; the draw's seed is then its randomness.

The curve arithmetic is py_ecc's; this module holds only the scheme.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

_DOMAIN = b"BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_"


class BeaconError(ValueError):
    """A round or signature that cannot be what it claims to be."""


@dataclass(frozen=True, slots=True)
class Chain:
    """A beacon chain: its hash, public key (hexadecimal), seconds between rounds and the time of its first round."""

    hash: str
    public_key: str
    period: int
    genesis: int

    def round_at(self, when: datetime) -> int:
        """The newest round at a moment.

        Raises:
            BeaconError: the moment has no time zone or lies before the first round.
        """
        if when.tzinfo is None:
            raise BeaconError("Say in which time zone the moment is, for example 2026-04-20T00:00:00Z.")
        elapsed = int(when.timestamp()) - self.genesis
        if elapsed < 0:
            raise BeaconError(f"The chain's first round came only at {datetime.fromtimestamp(self.genesis, UTC)}.")
        return elapsed // self.period + 1

    def time_of(self, number: int) -> datetime:
        """When a round is published."""
        return datetime.fromtimestamp(self.genesis + (number - 1) * self.period, UTC)


QUICKNET = Chain(
    hash="52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971",
    public_key=(
        "83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c8c4b450b6a0a6c3ac6a5776a2d106451"
        "0d1fec758c921cc22b0e17e63aaf4bcb5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a"
    ),
    period=3,
    genesis=1692803367,
)


def randomness(signature: str) -> str:
    """The randomness of a round: SHA-256 of its signature, both in hexadecimal."""
    return hashlib.sha256(_bytes(signature, 48)).hexdigest()


def verify(number: int, signature: str, chain: Chain = QUICKNET) -> bool:
    """Does the signature belong to this round of this chain? Takes about 0.2 s and no network.

    Raises:
        BeaconError: the round is not positive, or the signature or key is not a point of its curve.
    """
    # Imported here: the curve's constants cost half a second that most runs need not pay.
    from py_ecc.bls.g2_primitives import pubkey_to_G1, signature_to_G2, subgroup_check
    from py_ecc.bls.hash_to_curve import hash_to_G1
    from py_ecc.fields import optimized_bls12_381_FQ12 as FQ12
    from py_ecc.optimized_bls12_381.optimized_curve import G2, neg
    from py_ecc.optimized_bls12_381.optimized_pairing import final_exponentiate, pairing

    if not 1 <= number < 1 << 64:
        raise BeaconError(f"A round's number is 1 or more; {number} is not.")
    try:
        # py_ecc names its functions after the other common layout, keys in G1; here the signature lies there.
        signed = pubkey_to_G1(_bytes(signature, 48))  # type: ignore[arg-type]
        key = signature_to_G2(_bytes(chain.public_key, 96))  # type: ignore[arg-type]
    except ValueError as error:
        raise BeaconError("The signature or the key is not a point of the curve: was it copied in full?") from error
    if not (subgroup_check(signed) and subgroup_check(key)):
        return False
    message = hash_to_G1(hashlib.sha256(number.to_bytes(8, "big")).digest(), _DOMAIN, hashlib.sha256)  # type: ignore[arg-type]
    # e(G2, signature) = e(key, message), asked as one product so that the costly last step is done once.
    left = pairing(G2, signed, final_exponentiate=False)
    right = pairing(key, neg(message), final_exponentiate=False)
    return bool(final_exponentiate(left * right) == FQ12.one())


def _bytes(text: str, length: int) -> bytes:
    try:
        found = bytes.fromhex(text)
    except ValueError as error:
        raise BeaconError("A signature is written in hexadecimal digits (0-9, a-f).") from error
    if len(found) != length:
        raise BeaconError(f"It should be {2 * length} hexadecimal digits long; {len(text)} were given.")
    return found
