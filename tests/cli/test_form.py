"""`commonground form` on the example files: a whole result, its check, and every refusal with its exit code."""

import json
import shutil
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from commonground.cli import main
from commonground.cli.form.folder import MANIFEST, Manifest, manifest_for, read_folder
from commonground.formats import read_schools
from commonground.tables import csv_bytes, read_table, xlsx_bytes

EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "examples" / "form"
SCHOOLS, RULES, PEOPLE = EXAMPLE / "schools.csv", EXAMPLE / "rules.toml", EXAMPLE / "facilitators.csv"


def form(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["form", *map(str, arguments)])


def run(out: Path, *more: object, schools: Path = SCHOOLS, rules: Path = RULES) -> Result:
    return form("--schools", schools, "--rules", rules, "--out", out, "--seconds", 90, *more)


def rows(path: Path) -> list[dict[str, str]]:
    return [row.as_dict() for row in read_table(path)]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A result of the example files, to look at; tests that change it take a copy."""
    folder = tmp_path_factory.mktemp("form") / "result"
    result = run(folder, "--facilitators", PEOPLE, "--alternatives", 2)
    assert result.exit_code == 0, result.output
    return folder


@pytest.fixture
def copied(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "result"))


class TestResult:
    def test_every_school_has_one_group_or_a_reason(self, made: Path):
        placed = rows(made / "groups.csv")
        left = rows(made / "without_a_group.csv")
        signed_up = [member.id for member in read_schools(read_table(SCHOOLS)).members]
        assert sorted(row["school_id"] for row in [*placed, *left]) == sorted(signed_up)
        assert [row["school"] for row in left] == ["Oak Mountain School"]
        assert all(row["reasons"] for row in left)

    def test_a_result_in_spanish_passes_its_check(self, tmp_path: Path):
        result = run(tmp_path / "result", "--facilitators", PEOPLE, "--language", "es")
        assert result.exit_code == 0, result.output
        assert "Está demostrado" in (tmp_path / "result" / "report.html").read_text(encoding="utf-8")
        assert form("check", tmp_path / "result").exit_code == 0

    def test_every_group_obeys_the_rules_as_a_reader_would_count(self, made: Path):
        groups: dict[str, list[dict[str, str]]] = {}
        for row in rows(made / "groups.csv"):
            groups.setdefault(row["group"], []).append(row)
        areas = {member.id: member.areas for member in read_schools(read_table(SCHOOLS)).members}
        assert [len(members) for members in groups.values()] == [4, 4, 4]
        for members in groups.values():
            assert {row["sector"] for row in members} == {"district", "charter"}
            assert all(row["focus_area"] in areas[row["school_id"]] for row in members)

    def test_facilitators_are_as_pinned_neutral_and_within_their_caseload(self, made: Path):
        groups = {row["school"]: row["facilitator"] for row in rows(made / "groups.csv")}
        assert groups["Juniper Language School"] == "Luz Ibarra"
        assert "Dev Dhillon" not in {groups["Elder High"], groups["Ivy Elementary"]}  # he works for their district
        assert all(row["facilitator"] for row in rows(made / "facilitators.csv"))

    def test_the_result_is_proven_best(self, made: Path):
        solution = json.loads((made / "certificate.json").read_text(encoding="utf-8"))["solution"]
        assert solution["status"] == "optimal"
        assert solution["bound"] == pytest.approx(solution["score"])

    def test_the_map_and_the_report_need_nothing_from_outside(self, made: Path):
        for name in ("map.svg", "report.html"):
            text = (made / name).read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
            assert "http" not in text
            assert "<script" not in text

    def test_the_inputs_are_kept_byte_for_byte(self, made: Path):
        assert (made / "inputs" / "schools.csv").read_bytes() == SCHOOLS.read_bytes()
        assert (made / "inputs" / "rules.toml").read_bytes() == RULES.read_bytes()

    def test_nothing_that_a_spreadsheet_would_run_is_written(self, tmp_path: Path):
        text = SCHOOLS.read_text(encoding="utf-8").replace("Alder Elementary", "=HYPERLINK(1)")
        (tmp_path / "schools.csv").write_text(text, encoding="utf-8")
        (tmp_path / "rules.toml").write_text("[groups]\nsize = 4\n", encoding="utf-8")
        assert run(tmp_path / "out", schools=tmp_path / "schools.csv", rules=tmp_path / "rules.toml").exit_code == 0
        for path in (tmp_path / "out").glob("*.csv"):
            assert not [cell for row in rows(path) for cell in row.values() if cell.startswith("=")]

    def test_a_workbook_gives_the_same_groups_as_the_same_table_in_csv(self, made: Path, tmp_path: Path):
        table = read_table(SCHOOLS)
        book = tmp_path / "schools.xlsx"
        book.write_bytes(xlsx_bytes({"Sign-ups": (table.header, [row.cells for row in table])}))
        assert run(tmp_path / "out", "--facilitators", PEOPLE, schools=book).exit_code == 0
        assert (tmp_path / "out" / "groups.csv").read_bytes() == (made / "groups.csv").read_bytes()

    def test_without_facilitators_there_is_no_word_of_them(self, tmp_path: Path):
        (tmp_path / "rules.toml").write_text("", encoding="utf-8")
        assert run(tmp_path / "out", rules=tmp_path / "rules.toml").exit_code == 0
        assert not (tmp_path / "out" / "facilitators.csv").exists()
        assert "Facilitator" not in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")

    def test_drive_times_replace_places(self, tmp_path: Path):
        names = ["Alder", "Birch", "Cedar", "Dogwood"]
        signups = [(name, "district", "literacy") for name in names]
        (tmp_path / "schools.csv").write_bytes(csv_bytes(["name", "sector", "focus_areas"], signups))
        pairs = [
            (a, b, 10 if {a, b} in ({"Alder", "Cedar"}, {"Birch", "Dogwood"}) else 50) for a in names for b in names
        ]
        (tmp_path / "times.csv").write_bytes(csv_bytes(["from", "to", "minutes"], [p for p in pairs if p[0] != p[1]]))
        (tmp_path / "rules.toml").write_text("[groups]\nsize = 2\n[travel]\nlimit = 30\n", encoding="utf-8")
        done = run(
            tmp_path / "out",
            *("--drive-times", tmp_path / "times.csv"),
            schools=tmp_path / "schools.csv",
            rules=tmp_path / "rules.toml",
        )
        assert done.exit_code == 0, done.output
        groups: dict[str, set[str]] = {}
        for row in rows(tmp_path / "out" / "groups.csv"):
            groups.setdefault(row["group"], set()).add(row["school"])
        assert sorted(map(sorted, groups.values())) == [["Alder", "Cedar"], ["Birch", "Dogwood"]]
        assert "10 minutes at most" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
        assert form("check", tmp_path / "out").exit_code == 0


class TestCheck:
    def test_a_result_holds(self, made: Path):
        result = form("check", made)
        assert result.exit_code == 0, result.output
        assert "WRONG" not in result.output
        assert "Alternative 2 obeys every rule" in result.output
        assert "It is proven that no others have more under these rules. The proof was checked." in result.output
        assert result.output.rstrip().endswith("Everything holds.")

    def test_a_changed_byte_in_any_file_is_found(self, copied: Path):
        for path in sorted(path for path in copied.rglob("*") if path.is_file()):
            data = path.read_bytes()
            path.write_bytes(data[:-2] + bytes([data[-2] ^ 1]) + data[-1:])
            result = form("check", copied)
            assert result.exit_code == 1, path
            assert path.name in result.output
            path.write_bytes(data)
        assert form("check", copied).exit_code == 0

    def test_a_missing_and_a_foreign_file_are_named(self, copied: Path):
        (copied / "map.svg").rename(copied / "card.svg")
        result = form("check", copied)
        assert "WRONG: map.svg is missing." in result.output
        assert "WRONG: card.svg does not belong to this result." in result.output

    @pytest.mark.parametrize("name", ["groups.csv", "report.html", "reasons.json", "map.svg", "facilitators.csv"])
    def test_a_forger_who_mends_the_digests_is_found(self, copied: Path, name: str):
        (copied / name).write_bytes(
            (copied / name).read_bytes().replace(b"Alder", b"Elder").replace(b"alder", b"elder")
        )
        mend(copied)
        result = form("check", copied)
        assert result.exit_code == 1
        assert f"WRONG: {name} does not say what the inputs and the certificate say." in result.output

    def test_a_forger_of_the_certificate_is_found(self, copied: Path):
        path = copied / "certificate.json"
        saved = json.loads(path.read_text(encoding="utf-8"))
        first, second = saved["solution"]["groups"][:2]
        first["members"][0], second["members"][0] = second["members"][0], first["members"][0]
        path.write_text(json.dumps(saved), encoding="utf-8")
        mend(copied)
        result = form("check", copied)
        assert result.exit_code == 1
        assert "WRONG: The groups:" in result.output

    def test_a_forger_who_claims_more_points_is_found(self, copied: Path):
        path = copied / "certificate.json"
        saved = json.loads(path.read_text(encoding="utf-8"))
        saved["solution"]["score"] += 5
        saved["solution"]["bound"] += 5
        path.write_text(json.dumps(saved), encoding="utf-8")
        mend(copied)
        assert "WRONG: The groups:" in form("check", copied).output

    @pytest.mark.parametrize("proof", [{}, {"split": ["alder", "birch"]}, {"by": "groups", "prices": {"alder": 1.0}}])
    def test_a_forger_of_the_proof_is_found(self, copied: Path, proof: dict[str, object]):
        path = copied / "certificate.json"
        saved = json.loads(path.read_text(encoding="utf-8"))
        saved["solution"]["certificate"] = {"proof": proof}
        path.write_text(json.dumps(saved), encoding="utf-8")
        mend(copied)
        assert "WRONG: The groups:" in form("check", copied).output

    def test_a_school_that_never_signed_up_is_found(self, copied: Path):
        path = copied / "certificate.json"
        path.write_text(path.read_text(encoding="utf-8").replace('"alder"', '"elsewhere"'), encoding="utf-8")
        mend(copied)
        assert "WRONG: The groups name schools that did not sign up: elsewhere." in form("check", copied).output

    def test_a_forger_of_the_facilitators_is_found(self, copied: Path):
        path = copied / "certificate.json"
        saved = json.loads(path.read_text(encoding="utf-8"))
        saved["facilitators"]["rows"][0]["facilitator"] = None
        path.write_text(json.dumps(saved), encoding="utf-8")
        mend(copied)
        assert "WRONG: The facilitators:" in form("check", copied).output

    def test_a_certificate_that_cannot_be_read_is_named(self, copied: Path):
        (copied / "certificate.json").write_text("{}", encoding="utf-8")
        mend(copied)
        result = form("check", copied)
        assert result.exit_code == 1
        assert "certificate.json cannot be read" in result.output

    def test_a_folder_that_is_no_result_is_named(self, tmp_path: Path):
        assert "manifest.json cannot be read" in form("check", tmp_path).output
        assert "There is no folder" in form("check", tmp_path / "nowhere").output


def mend(folder: Path) -> None:
    """Write a manifest that fits the folder as it now is, as a forger would."""
    files = read_folder(folder)
    run = Manifest.from_bytes(files.pop(MANIFEST)).run
    (folder / MANIFEST).write_bytes(manifest_for(files, run).to_bytes())


class TestRefusals:
    """Whatever is wrong is said before solving, all at once, and nothing is written."""

    def refused(self, tmp_path: Path, *more: object, **files: Path) -> str:
        result = run(tmp_path / "out", *more, **files)
        assert result.exit_code == 3, result.output
        assert not (tmp_path / "out").exists()
        assert "Nothing was solved and nothing was written." in result.output
        return result.output

    def test_every_mistake_of_the_example_is_named(self, tmp_path: Path):
        output = self.refused(tmp_path, schools=EXAMPLE / "schools-with-mistakes.csv")
        assert "row 1, column “focus_aeras”: This column is not known. Did you mean “focus_areas”?" in output
        assert "row 4: Cedar Middle lies at -119.742, 36.772. Latitude and longitude look swapped" in output
        assert "row 6, column “enrollment”: “about 1600” is not a whole number" in output

    def test_mistakes_in_all_files_are_named_together(self, tmp_path: Path):
        (tmp_path / "rules.toml").write_text("[groups]\nsiz = 4\n", encoding="utf-8")
        (tmp_path / "people.csv").write_text("name,caseload\nAna,many\n", encoding="utf-8")
        (tmp_path / "schools.csv").write_text("name,sector\nPeña,district\n", encoding="latin-1")
        output = self.refused(
            tmp_path,
            *("--facilitators", tmp_path / "people.csv"),
            schools=tmp_path / "schools.csv",
            rules=tmp_path / "rules.toml",
        )
        assert "rules.toml: The setting “groups.siz” is not known. Did you mean “groups.size”?" in output
        assert "people.csv, row 2, column “caseload”" in output
        assert "schools.csv, row 2: The file is not in UTF-8" in output
        assert "3 mistakes in the input" in output

    def test_a_named_encoding_is_used_in_the_run_and_in_its_check(self, tmp_path: Path):
        text = SCHOOLS.read_text(encoding="utf-8").replace("Oak Mountain", "St. Mary’s")
        (tmp_path / "schools.csv").write_text(text, encoding="cp1252")
        assert "cp1252" in self.refused(tmp_path, schools=tmp_path / "schools.csv", **without_people(tmp_path))
        options = ("--encoding", "cp1252")
        done = run(tmp_path / "out", *options, schools=tmp_path / "schools.csv", **without_people(tmp_path))
        assert done.exit_code == 0, done.output
        assert form("check", tmp_path / "out").exit_code == 0

    @pytest.mark.parametrize(
        ("rules", "said"),
        [
            ("[groups]\neveryone = true\n", "13 members cannot be split into groups of 4 to 4"),
            ("[groups]\neveryone = true\nmin = 3\nmax = 5\n[sectors]\nprivate = {min = 1}\n", "of private"),
            (
                '[schools]\ntogether = [["Alder Elementary", "Ivy Elementary", "Oak Mountain School"]]\n',
                "pinned together",
            ),
        ],
    )
    def test_rules_that_these_schools_cannot_meet_are_refused_before_solving(
        self, tmp_path: Path, rules: str, said: str
    ):
        (tmp_path / "rules.toml").write_text(rules, encoding="utf-8")
        assert said in self.refused(tmp_path, rules=tmp_path / "rules.toml")

    def test_a_spreadsheet_bomb_is_refused(self, tmp_path: Path):
        bomb = tmp_path / "schools.xlsx"
        bomb.write_bytes(xlsx_bytes({"Schools": (["name"], [["Alder"]])}))
        with (
            zipfile.ZipFile(bomb, "a", zipfile.ZIP_DEFLATED) as archive,
            archive.open("xl/media/image1.png", "w") as part,
        ):
            for _ in range(700):
                part.write(bytes(2**20))
        assert bomb.stat().st_size < 2**20
        assert "schools.xlsx: The spreadsheet is small but unpacks to 700 MB" in self.refused(tmp_path, schools=bomb)

    def test_a_pin_without_facilitators_is_named(self, tmp_path: Path):
        assert "names “Luz Ibarra”, who is not among the facilitators" in self.refused(tmp_path)

    def test_a_run_without_its_files_says_which_are_missing(self):
        result = form("--schools", SCHOOLS)
        assert result.exit_code == 2
        assert "Missing --rules, --out." in result.output

    def test_a_folder_with_other_files_is_left_alone(self, tmp_path: Path):
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "thesis.txt").write_text("years of work")
        result = run(tmp_path / "out", "--facilitators", PEOPLE)
        assert result.exit_code == 5
        assert "holds no earlier result" in result.output
        assert [path.name for path in (tmp_path / "out").iterdir()] == ["thesis.txt"]

    def test_an_earlier_result_survives_a_wrong_input(self, copied: Path):
        before = read_folder(copied)
        assert run(copied, schools=EXAMPLE / "schools-with-mistakes.csv").exit_code == 3
        assert read_folder(copied) == before


def without_people(folder: Path) -> dict[str, Path]:
    """Rules that name no facilitator."""
    path = folder / "rules.toml"
    path.write_text("[groups]\nsize = 4\n", encoding="utf-8")
    return {"rules": path}


def test_the_help_lists_the_exit_codes():
    result = form("--help")
    assert result.exit_code == 0
    assert "3  an input file is wrong" in result.output


def test_the_help_loads_no_solver():
    script = (
        "import sys; from commonground.cli import main; main(['form', '--help'], standalone_mode=False); "
        "sys.exit(bool({'numpy', 'numba', 'highspy', 'django'} & sys.modules.keys()))"
    )
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, check=False).returncode == 0


class TestInterrupt:
    """Ctrl-C keeps what there is; pressed again, it ends the program as usual."""

    @pytest.fixture(autouse=True)
    def as_in_a_terminal(self):
        """A job in the background begins with the signal ignored."""
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        yield
        signal.signal(signal.SIGINT, before)

    def test_the_first_is_remembered_and_the_second_ends_the_program(self):
        from commonground.cli.form.solving import stop_on_interrupt

        before = signal.getsignal(signal.SIGINT)
        with stop_on_interrupt() as stop:
            assert not stop.is_set()
            signal.raise_signal(signal.SIGINT)
            assert stop.is_set()
            with pytest.raises(KeyboardInterrupt):
                signal.raise_signal(signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) is before

    def test_a_stopped_search_leaves_a_whole_result(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        from commonground.cli.form import solving

        real = solving.solve

        def interrupted(market, rules, *, on_progress, **options):
            def pressing(progress):
                signal.raise_signal(signal.SIGINT)
                return on_progress(progress)

            return real(market, rules, on_progress=pressing, **options)

        monkeypatch.setattr(solving, "solve", interrupted)
        result = run(tmp_path / "out", "--facilitators", PEOPLE)
        assert result.exit_code == 0, result.output
        monkeypatch.undo()
        assert form("check", tmp_path / "out").exit_code == 0


@pytest.mark.public_data
@pytest.mark.parametrize(("state", "county"), [("california", "Napa County"), ("michigan", "Jackson County")])
def test_all_schools_of_a_real_county_can_be_tried(public_data: Path, tmp_path: Path, state: str, county: str):
    directory = public_data / "directory" / f"{state}_schools.csv"
    schools, people, rules = tmp_path / "schools.csv", tmp_path / "people.csv", tmp_path / "rules.toml"
    options = ("--county", county, "--out", schools, "--facilitators", people, "--people", 8)
    invented = form("example", "--directory", directory, *options)
    assert invented.exit_code == 0, invented.output
    rules.write_text(
        "[groups]\nmin = 3\nmax = 5\n[sectors]\ndistrict = {min = 1}\n[travel]\nlimit = 50\n", encoding="utf-8"
    )
    done = form(
        *("--schools", schools, "--rules", rules, "--facilitators", people, "--out", tmp_path / "out", "--seconds", 4)
    )
    assert done.exit_code == 0, done.output
    signed_up = len(read_table(schools))
    placed, left = rows(tmp_path / "out" / "groups.csv"), rows(tmp_path / "out" / "without_a_group.csv")
    assert len(placed) + len(left) == signed_up > 30
    assert len(placed) > signed_up / 2
    checked = form("check", tmp_path / "out")
    assert checked.exit_code == 0, checked.output
