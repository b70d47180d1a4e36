"""The files of a lottery: programs.csv, applications.csv and rules.toml, read with every problem named by file, row and column.

The same formats are written into the audit bundle, so that an auditor reads what the draw read. The documentation page
"Lottery files" describes them.
"""

from collections.abc import Mapping
from pathlib import Path

from commonground.engines.lottery.files.applications import APPLICATION_COLUMNS, application_rows, read_applications
from commonground.engines.lottery.files.cells import InputError, problem
from commonground.engines.lottery.files.programs import PROGRAM_COLUMNS, program_rows, read_programs
from commonground.engines.lottery.files.rules import read_rules, rules_text
from commonground.engines.lottery.model import Market
from commonground.engines.lottery.problems import MarketError
from commonground.engines.lottery.problems import Problem as MarketProblem
from commonground.tables import Problem

__all__ = [
    "APPLICATION_COLUMNS",
    "PROGRAM_COLUMNS",
    "InputError",
    "application_rows",
    "program_rows",
    "read_applications",
    "read_market",
    "read_programs",
    "read_rules",
    "rules_text",
]


def read_market(
    programs_path: Path, applications_path: Path, rules_path: Path, *, encoding: str | None = None
) -> Market:
    """The market of three files.

    Raises:
        InputError: with every problem found, by file, row and column.
    """
    rules = read_rules(rules_path)
    programs, rows_of_programs = read_programs(programs_path, encoding=encoding)
    offered = (programs_path.name, rows_of_programs)
    applications, rows_of_children = read_applications(applications_path, offered, encoding=encoding)
    places = {"program": offered, "application": (applications_path.name, rows_of_children)}
    try:
        return Market(programs, applications, rules)
    except MarketError as error:
        raise InputError([_placed(fault, places) for fault in error.problems]) from error


def _placed(fault: MarketProblem, places: Mapping[str, tuple[str, Mapping[str, int]]]) -> Problem:
    file, rows = places.get(fault.kind, ("", {}))
    return problem("market", file, rows.get(fault.name), fault.field, message=fault.message, remedy=fault.remedy)
