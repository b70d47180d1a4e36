"""Tables that people send: CSV and XLSX in, with every problem named by file, row and column; CSV and XLSX out.

    table = read_table(Path("schools.csv"))
    columns, problems = match_columns(table, [Column("name", required=True), Column("latitude", aliases=("lat",))])
    for row in table.rows:
        row.number, row[columns["name"]]

Neither the site nor an engine is imported here: uploads of the site and the command line read tables the same way.
"""

from commonground.tables.columns import Column, Columns, match_columns, normalized
from commonground.tables.problems import Problem, in_order
from commonground.tables.reading import read_table
from commonground.tables.table import Limits, Row, Table
from commonground.tables.writing import csv_bytes, harmless, write_csv, xlsx_bytes

__all__ = [
    "Column",
    "Columns",
    "Limits",
    "Problem",
    "Row",
    "Table",
    "csv_bytes",
    "harmless",
    "in_order",
    "match_columns",
    "normalized",
    "read_table",
    "write_csv",
    "xlsx_bytes",
]
