"""The LEAs' files: what they must hold, how they are read, and what is wrong with them.

    tables, problems = read_city([Path("north"), Path("river-charter")], Path("city"))
    tables["students"]        # city/students.parquet

`layout` describes every table, `codes` every code; `docs/reference/equity-files.md` shows both with an example.

A student is enrolled from `entry` up to, but not including, `exit`; without `exit`, to the end of the year. The table
`provided` (lea, table, year) tells what an LEA did not give (missing) from a table without rows (nothing happened).
"""

from commonground.engines.measures.inputs.city import (
    City,
    InputsError,
    open_city,
    read_city,
    tables_in,
)
from commonground.engines.measures.inputs.codes import ATTENDANCE, GRADES, RACES, known_codes
from commonground.engines.measures.inputs.layout import LAYOUTS, Field, Kind, Layout
from commonground.engines.measures.inputs.placing import NotWrittenError
from commonground.engines.measures.inputs.problems import Count, Problem, Problems

__all__ = [
    "ATTENDANCE",
    "GRADES",
    "LAYOUTS",
    "RACES",
    "City",
    "Count",
    "Field",
    "InputsError",
    "Kind",
    "Layout",
    "NotWrittenError",
    "Problem",
    "Problems",
    "known_codes",
    "open_city",
    "read_city",
    "tables_in",
]
