"""Files of other systems, turned into one LEA's folder of tables: OneRoster 1.1 and 1.2 CSV, and Ed-Fi sample XML.

    problems = convert(Path("roster.zip"), Path("north"), Options(sector="district"))

The folder holds only what the source knows. OneRoster has rosters, and no attendance, discipline, special education or
English learners; their tables are left out, and their columns empty, so that they are missing and never zero.
"""

from pathlib import Path

from commonground.engines.measures.inputs.exchange.edfi import read_edfi
from commonground.engines.measures.inputs.exchange.oneroster import read_oneroster
from commonground.engines.measures.inputs.exchange.source import MARK, Options, Source, SourceError, write_folder
from commonground.engines.measures.inputs.problems import Problem

__all__ = ["MARK", "Options", "SourceError", "convert"]


def convert(source: Path, out: Path, options: Options) -> list[Problem]:
    """Write the folder `out` from a ZIP file or folder, and return what is worth knowing about the source.

    Raises:
        SourceError: it is neither OneRoster nor Ed-Fi, or has an error; its `problems` say which. Nothing is written.
        NotWrittenError: the folder cannot be written.
    """
    opened = Source(source)
    read = read_oneroster if opened.find("orgs.csv") and opened.find("users.csv") else read_edfi
    tables, problems = read(opened, options)
    if [problem for problem in problems if problem.severity == "error"]:
        raise SourceError(problems)
    write_folder(out, tables)
    return problems
