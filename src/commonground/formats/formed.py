"""A result that carries everything its proof speaks of: members, rules, groups and proof in one ZIP file, or the same unpacked.

The site offers it for download, and `commonground form check` reads it. Everything is written as the engine sees it: a member's
id is whatever the market calls it.
"""

import io
import json
import math
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from commonground.engines.formation import (
    GreatCircle,
    Group,
    Market,
    Member,
    RoadEstimate,
    Rules,
    Solution,
    Travel,
    TravelTable,
    Weights,
)
from commonground.tables import csv_bytes

FORMAT = "commonground.formed/1"
INPUTS, CERTIFICATE, GROUPS, READ_ME = "inputs.json", "certificate.json", "groups.csv", "README.txt"
MOST_BYTES = 300_000_000  # unpacked
_DAY = (2000, 1, 1, 0, 0, 0)  # the same result gives the same bytes
_SETS = ("grade_bands", "languages", "good_with", "bad_with")
_ABOUT = """Groups of schools and districts, and the proof of how good they are.

groups.csv        who is with whom
inputs.json       the members and the rules that the groups were formed from
certificate.json  the groups with their proof

Anybody with the program can check all of it, without trusting the site that made it:

    commonground form check FILE.zip

inputs.json holds what members said about past partners. Keep it with those who may know that.
"""


class FormedError(ValueError):
    """These files are no such result; the message says why."""


@dataclass(frozen=True)
class Formed:
    """A result as it was saved."""

    market: Market
    rules: Rules
    solution: Solution


def pack(formed: Formed) -> bytes:
    """The ZIP file."""
    files = {
        READ_ME: _ABOUT.encode(),
        GROUPS: groups_table(formed),
        INPUTS: _json({"format": FORMAT, **_market(formed.market), "rules": _rules(formed.rules)}),
        CERTIFICATE: _json(formed.solution.to_json()),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, _DAY), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def unpack(data: bytes) -> dict[str, bytes]:
    """The files of a ZIP by their names. Raises FormedError where it is none, or is larger than any result."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MOST_BYTES:
                raise FormedError("The ZIP file is larger than any result. It was made by something else.")
            return {entry.filename: archive.read(entry) for entry in archive.infolist() if not entry.is_dir()}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise FormedError(f"The ZIP file cannot be read: {error}. Download it again.") from None


def is_formed(files: Mapping[str, bytes]) -> bool:
    return INPUTS in files


def read(files: Mapping[str, bytes]) -> Formed:
    """The result in these files. Raises FormedError where a file is missing or was changed into something else."""
    name = INPUTS
    try:
        inputs = json.loads(files[INPUTS])
        if inputs["format"] != FORMAT:
            raise ValueError(f"its format is {inputs['format']!r}")
        members = tuple(_member(row) for row in inputs["members"])
        market, rules = Market(members, _travel(inputs["travel"])), _read_rules(inputs["rules"])
        name = CERTIFICATE
        return Formed(market, rules, Solution.from_json(json.loads(files[CERTIFICATE])))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise FormedError(f"{name} is missing or cannot be read: {error}.") from None


def groups_table(formed: Formed) -> bytes:
    """Who is with whom, as a table for people."""
    members = {member.id: member for member in formed.market.members}
    rows = [
        (number, group.area or "", one.id, one.name, one.sector)
        for number, group in enumerate(formed.solution.groups, start=1)
        for one in (members[name] for name in group.members if name in members)
    ]
    return csv_bytes(("group", "focus_area", "id", "name", "sector"), rows)


def _json(content: Any) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False) + "\n").encode()


def _market(market: Market) -> dict[str, Any]:
    members = [asdict(member) | {name: sorted(getattr(member, name)) for name in _SETS} for member in market.members]
    return {"members": members, "travel": _travel_data(market.travel)}


def _member(row: Mapping[str, Any]) -> Member:
    sets = {name: frozenset(row[name]) for name in _SETS}
    return Member(**(dict(row) | sets | {"areas": tuple(row["areas"])}))


def _travel_data(travel: Travel) -> dict[str, Any]:
    if isinstance(travel, RoadEstimate):
        return {"kind": "road_estimate", "factors": dict(travel.factors)}
    if isinstance(travel, TravelTable):
        table = [[None if math.isinf(way) else way for way in row] for row in travel.table.tolist()]
        return {"kind": "table", "unit": travel.unit, "ids": list(travel.ids), "table": table}
    return {"kind": "great_circle"}


def _travel(data: Mapping[str, Any]) -> Travel:
    if data["kind"] == "road_estimate":
        return RoadEstimate(data["factors"])
    if data["kind"] == "table":
        return TravelTable(tuple(data["ids"]), np.array(data["table"], dtype=np.float64), data["unit"])
    if data["kind"] != "great_circle":
        raise ValueError(f"no measure of travel is called {data['kind']!r}")
    return GreatCircle()


def _rules(rules: Rules) -> dict[str, Any]:
    return asdict(rules) | {
        "blackouts": sorted(sorted(pair) for pair in rules.blackouts),
        "forbidden": sorted(sorted(pair) for pair in rules.forbidden),
        "together": [sorted(pin) for pin in rules.together],
        "fixed": [{"members": list(group.members), "area": group.area} for group in rules.fixed],
        "must_place": sorted(rules.must_place),
    }


def _read_rules(data: Mapping[str, Any]) -> Rules:
    sets = {name: frozenset(frozenset(pair) for pair in data[name]) for name in ("blackouts", "forbidden")}
    fixed = tuple(Group(tuple(group["members"]), group["area"]) for group in data["fixed"])
    together = tuple(frozenset(pin) for pin in data["together"])
    own = {"fixed": fixed, "together": together, "must_place": frozenset(data["must_place"])}
    return Rules(**(dict(data) | sets | own | {"weights": Weights(**data["weights"])}))
