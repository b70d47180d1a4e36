"""How far members are from each other: drive times from a file where staff brought one, otherwise estimates on the map."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from commonground.engines.formation import Market, Member, RoadEstimate, Travel, TravelTable
from commonground.formats import read_drive_times
from commonground.site.directory.models import Organization
from commonground.site.formation.models import Round
from commonground.site.formation.models.travel import DriveTimes
from commonground.tables import Limits, Problem, read_table

# A square table of 1,500 schools, or a row for each pair of 1,000.
LIMITS = Limits(file_bytes=30_000_000, unpacked_bytes=200_000_000, rows=600_000, columns=1_501, seconds=60.0)
NUMBERS = np.dtype("<f4")


def drive_times_of(round: Round) -> DriveTimes | None:
    return DriveTimes.objects.filter(round=round).first()


def travel_of(round: Round) -> Travel:
    """The measure of travel that the round's groups are formed with."""
    known = drive_times_of(round)
    if known is None:
        return RoadEstimate()
    size = len(known.members)
    minutes = np.frombuffer(known.minutes, NUMBERS).reshape(size, size).astype(np.float64)
    return TravelTable(tuple(str(pk) for pk in known.members), minutes)


@dataclass(frozen=True)
class Read:
    """A file of drive times: which organizations it speaks of, and its numbers as they are kept; or what is wrong with it."""

    members: list[int]
    minutes: bytes
    digest: str
    problems: tuple[Problem, ...]


def read(market: Market, data: bytes, name: str) -> Read:
    """Read a file for the members of a round, whom it may call by name, NCES ID or state ID."""
    named = _as_files_name_them(market.members)
    table, problems = read_drive_times(read_table(data, name=name, limits=LIMITS), named)
    if table is None:
        return Read([], b"", "", problems)
    numbers = [int(member.id) for member in market.members]
    minutes = np.where(np.isinf(table.table), np.nan, table.table).astype(NUMBERS)
    return Read(numbers, minutes.tobytes(), hashlib.sha256(data).hexdigest(), ())


def _as_files_name_them(members: Sequence[Member]) -> list[Member]:
    known = Organization.objects.in_bulk([int(member.id) for member in members])
    ids = {pk: one.nces_id or one.state_id or str(pk) for pk, one in known.items()}
    return [replace(member, id=ids[int(member.id)]) for member in members]


def missing(round: Round) -> list[str]:
    """Names of organizations that signed up and that the round's drive times do not know."""
    known = drive_times_of(round)
    if known is None:
        return []
    others = round.signups.submitted().exclude(organization__in=known.members)
    return sorted(others.values_list("organization__name", flat=True))
