"""What we write opens in a spreadsheet with accents right and nothing that runs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonground.tables import csv_bytes, harmless, read_table, xlsx_bytes


@pytest.mark.parametrize("cell", ["=1+1", "+1 555 0100 call", "-cmd|' /C calc'!A0", "@SUM(A1)", "\t=1", "＝1"])
def test_a_text_that_a_spreadsheet_would_run_gets_an_apostrophe(cell):
    assert harmless(cell) == "'" + cell


@pytest.mark.parametrize("cell", ["Alder", "-119.78", "+3", -119.78, 0, None, "", "a=b", "’=’"])
def test_other_cells_stay_as_they_are(cell):
    assert harmless(cell) == cell


def test_csv_begins_with_a_byte_order_mark_and_ends_lines_as_the_standard_says():
    assert (
        csv_bytes(["name"], [["Peña, the school"], [None]])
        == b'\xef\xbb\xbfname\r\n"Pe\xc3\xb1a, the school"\r\n""\r\n'
    )


def test_the_same_data_gives_the_same_bytes():
    sheets = {"A": (["name"], [["Alder"]])}
    assert xlsx_bytes(sheets) == xlsx_bytes(sheets)


@given(st.lists(st.lists(st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1), min_size=2, max_size=2)))
def test_no_cell_of_a_written_table_begins_a_formula_and_none_is_lost(rows):
    table = read_table(csv_bytes(["one", "two"], rows))
    cells = [cell for row in table.rows for cell in row.cells]
    assert not [cell for cell in cells if cell[0] in "=@" or (cell[0] in "+-" and harmless(cell) != cell)]
    assert len(cells) == 2 * len(rows)
