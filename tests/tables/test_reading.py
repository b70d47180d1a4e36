"""A table that somebody sends is read whole, or each thing that is wrong with it is named with its place."""

import datetime
import io
import zipfile
from pathlib import Path

import openpyxl
import pytest

from commonground.tables import Limits, Problem, read_table, xlsx_bytes


def codes(problems: tuple[Problem, ...]) -> list[str]:
    return [problem.code for problem in problems]


def workbook(rows: list[list[object]], title: str = "Schools") -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for row in rows:
        sheet.append(row)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def with_part(data: bytes, name: str, change: bytes | None = None, old: bytes = b"", new: bytes = b"") -> bytes:
    """The workbook with one of its parts replaced."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as copy:
        for part in source.namelist():
            content = source.read(part)
            if part == name:
                content = change if change is not None else content.replace(old, new)
            copy.writestr(part, content)
    return target.getvalue()


class TestText:
    def test_cells_are_stripped_and_rows_keep_the_number_that_a_spreadsheet_shows(self):
        table = read_table(b"name,city\n\n  Alder  , Fresno\nBirch,\n", name="schools.csv")
        assert table.ok
        assert table.header == ("name", "city")
        assert [(row.number, row.as_dict()) for row in table.rows] == [
            (3, {"name": "Alder", "city": "Fresno"}),
            (4, {"name": "Birch", "city": ""}),
        ]

    def test_a_cell_with_a_line_break_is_one_row(self):
        table = read_table(b'name,goal\n"Alder","read\nmore"\nBirch,count\n')
        assert [row.number for row in table.rows] == [2, 3]

    @pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
    def test_the_delimiter_is_found(self, delimiter):
        rows = ["name", "latitude"], ["Alder, the school", "36,5"], ["Birch", "36,7"]
        data = "\n".join(delimiter.join(f'"{cell}"' for cell in row) for row in rows).encode()
        table = read_table(data)
        assert table.delimiter == delimiter
        assert table.rows[0]["latitude"] == "36,5"

    def test_one_column_is_a_table_too(self):
        assert [row["name"] for row in read_table(b"name\nAlder\nBirch\n")] == ["Alder", "Birch"]

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
    def test_unicode_is_read_with_and_without_a_byte_order_mark(self, encoding):
        table = read_table("name,city\nPeña,Cañón\n".encode(encoding))
        assert table.header[0] == "name"
        assert table.rows[0]["name"] == "Peña"

    def test_a_letter_typed_as_two_characters_is_one(self):
        assert read_table("name,x\nPen\u0303a,1\n".encode()).rows[0]["name"] == "Peña"

    def test_latin_1_is_recognized_and_the_message_says_what_to_do(self):
        table = read_table("name,city\nAlder,Fresno\nPeña,Fresno\n".encode("latin-1"), name="schools.csv")
        (problem,) = table.problems
        assert (problem.code, problem.row, problem.values["guess"]) == ("encoding", 3, "Latin-1")
        assert "Peña" in problem.message
        assert "CSV UTF-8" in problem.message

    def test_curly_quotes_of_windows_are_recognized(self):
        (problem,) = read_table("name\nSt. Mary’s\n".encode("cp1252")).problems
        assert problem.values["name"] == "cp1252"
        assert "St. Mary’s" in problem.message

    def test_a_named_encoding_is_used(self):
        assert read_table("name,x\nPeña,1\n".encode("latin-1"), encoding="latin-1").rows[0]["name"] == "Peña"

    def test_an_unknown_encoding_is_refused(self):
        assert codes(read_table(b"name\nAlder\n", encoding="klingon").problems) == ["unknown_encoding"]

    def test_a_quotation_mark_that_never_closes_is_named(self):
        table = read_table(b'name,city\n"Alder,Fresno\n' + b"Birch,Fresno\n" * 20_000)
        assert codes(table.problems) == ["unclosed_quote"]
        assert table.problems[0].row == 2

    def test_every_problem_is_reported_at_once(self):
        data = b"name,city,city\nAlder,Fresno,x,y\nBirch\x07,Clovis,z\n"
        table = read_table(data, name="schools.csv")
        assert codes(table.problems) == ["repeated_column", "extra_cells", "control_character"]
        assert str(table.problems[2]).startswith("schools.csv, row 3, column “name”: The cell holds a character")

    def test_values_under_a_nameless_column_are_reported_once(self):
        table = read_table(b"name,,city\nAlder,,Fresno\nBirch,7,Clovis\nCedar,8,Clovis\n")
        assert codes(table.problems) == ["nameless_column"]
        assert table.problems[0].values == {"letter": "B", "first": 3}

    def test_empty_columns_and_short_rows_are_harmless(self):
        table = read_table(b"name,city,,\nAlder,Fresno,,\nBirch\n")
        assert table.ok
        assert table.rows[1].as_dict() == {"name": "Birch", "city": ""}

    @pytest.mark.parametrize("data", [b"", b"\n\n", b"name,city\n", b"\xef\xbb\xbf"])
    def test_an_empty_file_is_said_to_be_empty(self, data):
        assert codes(read_table(data).problems) == ["empty"]

    def test_a_title_above_the_header_is_passed_over_when_the_header_is_known(self):
        data = b"Public schools\nDownloaded in May\n\nSchool Name*,City\nAlder,Fresno\n"
        table = read_table(data, header_has=["school name"])
        assert (table.header_row, table.header, table.rows[0].number) == (4, ("School Name*", "City"), 5)

    def test_a_missing_header_is_reported_with_what_was_looked_for(self):
        table = read_table(b"a,b\n1,2\n", header_has=["School Name"])
        assert codes(table.problems) == ["header_not_found"]
        assert "“School Name”" in table.problems[0].message


class TestOtherFiles:
    @pytest.mark.parametrize(
        ("start", "code"),
        [
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", "old_excel"),
            (b"%PDF-1.7", "not_a_table"),
            (b"<!doctype html><table>", "not_a_table"),
            (b"name\x00\x01\x02", "not_a_table"),
        ],
    )
    def test_a_file_of_another_kind_is_named_with_the_way_out(self, start, code):
        (problem,) = read_table(start).problems
        assert problem.code == code
        assert "CSV" in problem.message

    def test_a_file_that_is_not_there(self, tmp_path: Path):
        (problem,) = read_table(tmp_path / "schools.csv").problems
        assert str(problem) == "schools.csv: There is no file with this name. Check the name and the folder."

    def test_a_folder_is_not_a_file(self, tmp_path: Path):
        assert codes(read_table(tmp_path).problems) == ["unreadable"]

    def test_too_many_bytes_rows_columns_and_characters_are_refused(self):
        data = b"name,city\nAlder,Fresno\nBirch,Clovis\n"
        assert codes(read_table(data, limits=Limits(file_bytes=10)).problems) == ["too_big"]
        assert codes(read_table(data, limits=Limits(rows=1)).problems) == ["too_many_rows"]
        assert codes(read_table(data, limits=Limits(columns=1)).problems) == ["too_many_columns"]
        assert "cell_too_long" in codes(read_table(data, limits=Limits(cell_characters=5)).problems)


class TestSpreadsheets:
    def test_numbers_dates_and_truths_become_text(self):
        opened = datetime.datetime(2026, 9, 1)
        at = datetime.datetime(2026, 9, 1, 8, 30)
        data = workbook([["a", "b", "c", "d", "e", "f"], [12.0, 36.75, opened, True, at, "  x "]])
        row = read_table(data, name="schools.xlsx").rows[0]
        assert row.cells == ("12", "36.75", "2026-09-01", "true", "2026-09-01 08:30:00", "x")

    def test_what_is_written_is_read_back(self):
        data = xlsx_bytes({"Groups": (["name", "note"], [["Alder", "=1+1"], ["Birch", None], ["Cedar", 3]])})
        table = read_table(data)
        assert (table.sheet, [row.cells for row in table.rows]) == (
            "Groups",
            [("Alder", "=1+1"), ("Birch", ""), ("Cedar", "3")],
        )

    def test_the_first_sheet_in_view_is_read_unless_another_is_named(self):
        book = openpyxl.Workbook()
        hidden, shown = book.active, book.create_sheet("Shown")
        assert hidden is not None
        hidden.title, hidden.sheet_state = "Hidden", "hidden"
        hidden.append(["secret"])
        hidden.append(["x"])
        shown.append(["name"])
        shown.append(["Alder"])
        target = io.BytesIO()
        book.save(target)
        assert read_table(target.getvalue()).header == ("name",)
        assert read_table(target.getvalue(), sheet="Hidden").header == ("secret",)
        (problem,) = read_table(target.getvalue(), sheet="Other").problems
        assert problem.values["sheets"] == "Hidden, Shown"

    def test_rows_keep_their_number_when_rows_between_are_blank(self):
        data = workbook([["name"], ["Alder"], [], [], ["Birch"]])
        assert [row.number for row in read_table(data)] == [2, 5]

    def test_spreadsheet_errors_and_formulas_without_a_result_are_named(self):
        table = read_table(workbook([["name", "students"], ["Alder", "#REF!"], ["Birch", "=SUM(1,2)"]]))
        found = [(p.code, p.row, p.column) for p in table.problems]
        assert found == [("spreadsheet_error", 2, "students"), ("formula_without_value", 3, "students")]

    def test_a_damaged_workbook_is_named(self):
        data = workbook([["name"], ["Alder"]])
        assert codes(read_table(data[: len(data) // 2]).problems) == ["damaged"]
        broken = with_part(data, "xl/worksheets/sheet1.xml", change=b"<worksheet><sheetData><row></worksheet>")
        assert codes(read_table(broken).problems) == ["damaged"]

    def test_another_archive_is_not_a_workbook(self):
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w") as archive:
            archive.writestr("notes.txt", "hello")
        assert codes(read_table(target.getvalue()).problems) == ["damaged"]


class TestBombs:
    """Files made to exhaust the machine end in a clear message, and only the reading process feels them."""

    def test_a_small_file_that_unpacks_to_gigabytes_is_refused_before_unpacking(self):
        data = with_part(workbook([["name"]]), "xl/worksheets/sheet1.xml", change=b" " * 40_000_000)
        assert len(data) < 200_000
        assert codes(read_table(data, limits=Limits(unpacked_bytes=20 * 2**20)).problems) == ["too_much_inside"]

    def test_repeated_long_texts_end_at_the_memory_limit(self):
        rows = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 20_000))
        sheet = f'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}'
        data = with_part(
            xlsx_bytes({"A": (["x" * 15_000], [])}),
            "xl/worksheets/sheet1.xml",
            (sheet + "</sheetData></worksheet>").encode(),
        )
        assert codes(read_table(data, limits=Limits(memory_mb=100)).problems) == ["too_much_memory"]

    def test_nested_entities_are_refused(self):
        names = [f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 9)]
        head = f'<!DOCTYPE x [<!ENTITY a0 "ha">{"".join(names)}]>'
        body = '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>&a8;</t></si></sst>'
        data = with_part(xlsx_bytes({"A": (["name"], [["Alder"]])}), "xl/sharedStrings.xml", (head + body).encode())
        (problem,) = read_table(data, limits=Limits(memory_mb=200, seconds=20)).problems
        assert problem.code == "damaged"

    def test_a_row_number_without_end_is_stopped_by_time(self):
        data = workbook([["name"], ["Alder"]])
        endless = with_part(data, "xl/worksheets/sheet1.xml", old=b'<row r="2"', new=b'<row r="999999999999"')
        assert codes(read_table(endless, limits=Limits(seconds=1)).problems) == ["too_slow"]

    def test_a_row_as_wide_as_a_spreadsheet_can_be_is_refused(self):
        data = workbook([["name"], ["Alder"]])
        wide = with_part(data, "xl/worksheets/sheet1.xml", old=b'r="A2"', new=b'r="XFD2"')
        assert codes(read_table(wide).problems) == ["too_many_columns"]


@pytest.mark.public_data
def test_the_california_directory_reads_the_same_as_csv_and_as_spreadsheet(public_data: Path):
    table = read_table(public_data / "directory" / "california_schools.csv")
    assert (len(table), table.ok) == (10_349, True)
    again = read_table(xlsx_bytes({"Schools": (table.header, [row.cells for row in table.rows[:500]])}))
    assert [row.cells for row in again.rows] == [row.cells for row in table.rows[:500]]
