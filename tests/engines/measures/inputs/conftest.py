"""One small LEA, right in every cell: each test spoils what it is about."""

from collections.abc import Callable
from pathlib import Path

import pytest

from commonground.engines.measures.inputs import Problem, open_city

FILES = {
    "leas": ["lea,name,sector", "01,North County Schools,district"],
    "schools": [
        "school,lea,name,sector,low_grade,high_grade",
        "101,01,Alder Elementary,district,KG,05",
        "102,01,Birch Middle,district,06,08",
    ],
    "students": [
        "year,student,race,sex,english_learner,disability,at_risk",
        "2025,0001,black,female,no,no,yes",
        "2025,0002,hispanic,male,yes,no,yes",
        "2025,0003,white,male,no,yes,no",
        "2025,0004,,,,,",
    ],
    "enrollments": [
        "year,student,school,grade,entry,exit",
        "2025,0001,101,03,2024-08-26,",
        "2025,0002,101,KG,2024-08-26,2025-01-17",
        "2025,0002,102,06,2025-01-17,",
        "2025,0003,102,08,2024-08-26,",
        "2025,0004,102,07,2024-10-01,2025-03-01",
    ],
    "attendance_totals": [
        "year,student,school,days_enrolled,days_present",
        "2025,0001,101,180,171.5",
        "2025,0002,101,90,90",
        "2025,0002,102,90,45",
        "2025,0003,102,180,0",
        "2025,0004,102,88,80",
    ],
    "incidents": ["year,student,school,incident,date", "2025,0003,102,i1,2024-11-05"],
    "consequences": ["incident,kind,days", "i1,suspension_out,3"],
    "cohorts": ["year,student,school,cohort,status", "2025,0001,101,4,graduated"],
    "assessments": [
        "year,student,school,subject,level,proficient,growth_percentile",
        "2025,0003,102,ela,4,yes,61.5",
        "2025,0003,102,math,2,no,",
    ],
}


class Folder:
    """An LEA's folder on disk, written anew whenever a test changes a table."""

    def __init__(self, path: Path, files: dict[str, list[str]] | None = None) -> None:
        self.path = path
        path.mkdir(parents=True)
        self.lines = {name: list(lines) for name, lines in (files or FILES).items()}
        for name in self.lines:
            self.write(name)

    def write(self, name: str, *lines: str, encoding: str = "utf-8", end: str = "\n") -> None:
        self.lines[name] = list(lines) or self.lines[name]
        text = "".join(line + end for line in self.lines[name])
        (self.path / f"{name}.csv").write_bytes(text.encode(encoding))

    def add(self, name: str, line: str) -> int:
        """Add a line; its row number."""
        self.write(name, *self.lines[name], line)
        return len(self.lines[name])

    def change(self, name: str, row: int, line: str) -> None:
        self.lines[name][row - 1] = line
        self.write(name)

    def drop(self, name: str) -> None:
        (self.path / f"{name}.csv").unlink()


@pytest.fixture
def north(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "north")


@pytest.fixture
def problems() -> Callable[..., list[Problem]]:
    """All problems of these folders, in order."""

    def find(*folders: Folder) -> list[Problem]:
        with open_city([folder.path for folder in folders]) as city:
            return list(city.problems)

    return find
