"""A result with everything that its proof speaks of: it comes back as it was, and a changed one is found out."""

import json
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner

from commonground.cli import main
from commonground.engines.formation import Market, Rules, TravelTable, pairs, solve
from commonground.formats.formed import CERTIFICATE, GROUPS, INPUTS, Formed, FormedError, pack, read, unpack
from tests.engines.formation.markets import market_of


@pytest.fixture(scope="module")
def formed() -> Formed:
    market = market_of(9, seed=4)
    rules = Rules(size_min=3, size_max=3, unplaced_penalty=4.0)
    return Formed(market, rules, solve(market, rules, seconds=30))


def test_a_result_comes_back_as_it_was(formed: Formed) -> None:
    back = read(unpack(pack(formed)))
    assert (back.market, back.rules) == (formed.market, formed.rules)
    assert back.solution.to_json() == formed.solution.to_json()
    assert pack(back) == pack(formed)


def test_drive_times_and_decisions_come_back_too(formed: Formed) -> None:
    ids = tuple(member.id for member in formed.market.members)
    minutes = np.abs(np.subtract.outer(np.arange(9.0), np.arange(9.0))) * 7
    minutes[0, 5] = minutes[5, 0] = np.nan
    market = Market(formed.market.members, TravelTable(ids, minutes))
    rules = replace(
        formed.rules, together=(frozenset(ids[:2]),), forbidden=pairs((ids[2], ids[3])), must_place=frozenset(ids[:1])
    )
    back = read(unpack(pack(Formed(market, rules, formed.solution))))
    assert back.rules == rules
    assert isinstance(back.market.travel, TravelTable)
    assert (back.market.travel.table == market.travel.table).all()  # type: ignore[attr-defined]


def test_the_command_line_checks_the_file_and_the_unpacked_folder(formed: Formed, tmp_path) -> None:
    file, folder = tmp_path / "proposal-1.zip", tmp_path / "proposal-1"
    file.write_bytes(pack(formed))
    folder.mkdir()
    for name, data in unpack(pack(formed)).items():
        (folder / name).write_bytes(data)
    for path in (file, folder):
        told = CliRunner().invoke(main, ["form", "check", str(path)])
        assert told.exit_code == 0, told.output
        assert "The proof was checked." in told.output


@pytest.mark.parametrize("name", [CERTIFICATE, GROUPS, INPUTS])
def test_a_changed_file_is_found_out(formed: Formed, tmp_path, name: str) -> None:
    files = unpack(pack(formed))
    if name == CERTIFICATE:
        saved = json.loads(files[name])
        files[name] = json.dumps(saved | {"score": saved["score"] + 1}).encode()
    elif name == GROUPS:
        files[name] += b"9,,x,y,z\r\n"
    else:
        files[name] = files[name].replace(b'"rules"', b'"roles"')
    for key, data in files.items():
        (tmp_path / key).write_bytes(data)
    told = CliRunner().invoke(main, ["form", "check", str(tmp_path)])
    assert told.exit_code == 1, told.output


def test_what_is_no_zip_file_is_refused() -> None:
    with pytest.raises(FormedError, match="cannot be read"):
        unpack(b"PK\x03\x04 not really")
