"""What every page about the groups of a round starts from: its members, its rules and the scorer, read once and kept.

With a thousand sign-ups, reading all of it takes longer than whatever a page then asks. What is kept is never changed; one query
tells whether any row that it was made from has changed since, by whomever and by whatever way.
"""

import hashlib
import json
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import asdict, replace
from functools import cached_property
from threading import Lock
from typing import Any

import numpy as np
from django.db import connection
from django.db.models import Model
from numpy.typing import NDArray

from commonground.engines.formation import Market, Rules, Scorer, TravelTable
from commonground.site.directory.models import Organization
from commonground.site.formation.models import (
    Blackout,
    DriveTimes,
    FocusArea,
    PastRelation,
    RankedArea,
    Round,
    SignUp,
    Topic,
    TopicChoice,
)
from commonground.site.formation.queries.market import market_of, rules_of

KEPT = 3  # rounds per process; a round of a thousand sign-ups takes some twenty megabytes
NO_WAY = -1e9  # points of two members between whom there is no way: a number to reckon with, and never the best
STRIP = 250  # rows of pairs worked out at once: the parts of a strip lie in memory side by side
Stamp = tuple[tuple[Any, ...], ...]

_SIGNED_UP = f"SELECT id FROM {SignUp._meta.db_table} WHERE round_id = %(round)s"  # noqa: S608 - names of our own tables
_VOLUNTEERS = f"SELECT organization_id FROM {SignUp._meta.db_table} WHERE round_id = %(round)s"  # noqa: S608
_LEAS = f"SELECT parent_id FROM {Organization._meta.db_table} WHERE id IN ({_VOLUNTEERS})"  # noqa: S608
ROWS: dict[type[Model], str] = {
    Round: "id = %(round)s",
    FocusArea: "round_id = %(round)s",
    Blackout: "round_id = %(round)s",
    SignUp: "round_id = %(round)s",
    TopicChoice: f"signup_id IN ({_SIGNED_UP})",
    RankedArea: f"signup_id IN ({_SIGNED_UP})",
    PastRelation: f"signup_id IN ({_SIGNED_UP})",
    Topic: "agency_id = %(agency)s",
    DriveTimes: "round_id = %(round)s",
    # An LEA without a place lies in the middle of its schools.
    Organization: f"id IN ({_VOLUNTEERS}) OR parent_id IN ({_VOLUNTEERS}) OR id IN ({_LEAS})",
}
# Megabytes of minutes need not be looked at: every file makes a new row.
_TEXT: dict[type[Model], str] = {DriveTimes: "(t.id, t.digest)"}
_STAMP = " UNION ALL ".join(
    f"SELECT {k}, count(*), sum(hashtextextended({_TEXT.get(model, 't')}::text, 0)) FROM {model._meta.db_table} t WHERE {where}"  # noqa: S608
    for k, (model, where) in enumerate(ROWS.items())
)


class Basis:
    """The members of one round, its rules, and what follows from them; shared between requests, so nobody changes it."""

    def __init__(self, round: Round) -> None:
        self.market = market_of(round)
        self.rules = rules_of(round)
        # A group that staff make by hand may work on an area that a member did not choose: the rule is broken, and is said so, but
        # the points stay a number. For every group that obeys the rules they are the same.
        self.scorer = Scorer(self.market, replace(self.rules, share_area=False))
        self.members = {member.id: member for member in self.market.members}
        self.ids = frozenset(self.members)
        self.organizations = _organizations(self.market)
        self.fingerprint = fingerprint(self.market, self.rules)

    @cached_property
    def pairs(self) -> NDArray[np.float64]:
        """The points of every pair of members, of all parts together, shape (members, members); 0 between a member and itself."""
        everybody = range(len(self.market))
        found = np.empty((len(self.market), len(self.market)))
        for start in everybody[::STRIP]:
            rows = everybody[start : start + STRIP]
            found[rows.start : rows.stop] = sum(self.scorer.pair_points(rows, everybody).values())
        np.fill_diagonal(found, 0.0)
        return np.maximum(found, NO_WAY)


def _organizations(market: Market) -> dict[str, Organization]:
    """Members and their LEAs, by the numbers that the market knows them by."""
    numbers = {int(member.id) for member in market.members} | {
        int(member.lea) for member in market.members if member.lea
    }
    found = Organization.objects.select_related("parent").in_bulk(numbers)
    return {str(pk): organization for pk, organization in found.items()}


_kept: "OrderedDict[int, tuple[Stamp, Basis]]" = OrderedDict()
_lock = Lock()


def basis_of(round: Round) -> Basis:
    """The basis of a round as its rows are now. Raises the engine's MarketError where a sign-up cannot be read as a member."""
    stamp = _stamp(round)
    with _lock:
        known = _kept.get(round.pk)
    if known and known[0] == stamp:
        return known[1]
    # Read anew, whatever the caller holds in memory; and kept only if no row has changed while it was read.
    made = Basis(Round.objects.select_related("agency").get(pk=round.pk))
    if _stamp(round) == stamp:
        with _lock:
            _kept[round.pk] = (stamp, made)
            _kept.move_to_end(round.pk)
            while len(_kept) > KEPT:
                _kept.popitem(last=False)
    return made


def _stamp(round: Round) -> Stamp:
    """The same as long as no row has changed that the basis is made from."""
    with connection.cursor() as cursor:
        cursor.execute(_STAMP, {"round": round.pk, "agency": round.agency_id})
        return tuple(sorted(cursor.fetchall()))


def fingerprint(market: Market, rules: Rules) -> str:
    """The same for the same sign-ups and rules, on every machine; staff's decisions about a draft are no part of it."""
    told = {"members": [asdict(member) for member in market.members], "travel": _travel(market)}
    text = json.dumps([_plain(told), _plain(asdict(rules))], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _travel(market: Market) -> dict[str, Any]:
    if isinstance(market.travel, TravelTable):
        return {"ids": market.travel.ids, "table": hashlib.sha256(market.travel.table.tobytes()).hexdigest()}
    return asdict(market.travel)  # type: ignore[call-overload,no-any-return] # every other measure is a dataclass


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, frozenset | set):
        return sorted((_plain(inner) for inner in value), key=str)
    return [_plain(inner) for inner in value] if isinstance(value, list | tuple) else value
