"""The files of a lottery: what is wrong is named by file, row and column, with the remedy."""

from pathlib import Path

import pytest
from hypothesis import given

from commonground.engines.lottery.bundle.contents import table
from commonground.engines.lottery.draw import draw
from commonground.engines.lottery.files import (
    APPLICATION_COLUMNS,
    PROGRAM_COLUMNS,
    InputError,
    application_rows,
    program_rows,
    read_market,
    read_rules,
    rules_text,
)
from commonground.engines.lottery.model import (
    Application,
    Choice,
    Linked,
    Market,
    Numbers,
    Program,
    Rules,
    SeatPool,
)
from commonground.engines.lottery.problems import MarketError
from commonground.engines.lottery.results import Result
from tests.engines.lottery.markets import markets

PROGRAMS = (
    "program,school,grade,seats,priorities,pools\nP,S,K,3,sibling > zone,access 1 hard; open 2\nQ,T,K,2,,\nQ1,T,1,2,,\n"
)
APPLICATIONS = (
    "application,grade,rank,program,priorities,groups\nA1,K,1,P,sibling,access\nA1,K,2,Q,,access\nA2,K,1,Q,,\n"
)


def market_of(
    folder: Path, programs: "str | bytes" = PROGRAMS, applications: "str | bytes" = APPLICATIONS, rules: str = ""
) -> Market:
    for name, content in (("programs.csv", programs), ("applications.csv", applications), ("rules.toml", rules)):
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return read_market(folder / "programs.csv", folder / "applications.csv", folder / "rules.toml")


def complaint(folder: Path, **files: "str | bytes") -> list[str]:
    with pytest.raises(InputError) as caught:
        market_of(folder, **files)  # type: ignore[arg-type]
    return [str(problem) for problem in caught.value.problems]


def test_programs_with_their_pools_and_applications_with_their_choices(tmp_path: Path) -> None:
    market = market_of(tmp_path)
    program = market.programs[0]
    assert program.classes == ("sibling", "zone")
    assert program.pools == (SeatPool("access", 1, "access", hard=True), SeatPool("open", 2))
    assert market.applications[0].choices == (Choice("P", frozenset({"sibling"})), Choice("Q"))
    assert market.applications[0].labels == {"access"}


def test_pools_may_take_turns_and_have_an_order_of_their_own(tmp_path: Path) -> None:
    pools = "zone 1 (sibling > staff); open 1; zone 1; open 1"
    market = market_of(
        tmp_path,
        programs=f"program,school,grade,seats,pools\nP,S,K,4,{pools}\nQ,T,K,1,\n",
        applications=APPLICATIONS.replace("access", "zone"),
    )
    assert [pool.name for pool in market.programs[0].pools] == ["zone", "open", "zone #2", "open #2"]
    assert market.programs[0].pools[0].classes == ("sibling", "staff")


@pytest.mark.parametrize(
    ("programs", "words"),
    [
        ("P,S,K,many,,", "programs.csv, row 2, column “seats”: “many” is not a whole number"),
        ("P,S,K,,,", "programs.csv, row 2, column “seats”: The cell is empty"),
        ("P,S,K,3,,access 4; open 0", "programs.csv, row 2, column “pools”: 4 seats are set aside but the program has 3."),
        ("P,S,K,3,,access 1; open 1", "programs.csv, row 2, column “pools”: The seat pools hold 2 seats but the program has 3"),
        ("P,S,K,3,,access", "programs.csv, row 2, column “pools”: “access” is not a seat pool"),
        ("P,S,K,3,zone > zone,", "programs.csv, row 2, column “priorities”: A priority is listed twice"),
        ("=P,S,K,3,,", "programs.csv, row 2, column “program”: “=P” cannot be a code"),
        ("P,S,K,3,,\nP,S,K,3,,", "programs.csv, row 3, column “program”: Program P is already in row 2"),
    ],
)  # fmt: skip
def test_faults_of_programs(tmp_path: Path, programs: str, words: str) -> None:
    found = complaint(tmp_path, programs=f"program,school,grade,seats,priorities,pools\n{programs}\n")
    assert found[0].startswith(words)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("A,K,1,X,,", "applications.csv, row 2, column “program”: There is no program “X” in programs.csv"),
        ("A,K,1,P,,\nA,K,1,Q,,", "applications.csv, row 3, column “rank”: Application A already has rank 1, in row 2"),
        ("A,K,1,P,,\nA,K,3,Q,,", "applications.csv, row 3, column “rank”: Application A has no rank 2"),
        ("A,K,1,P,,\nA,K,2,P,,", "applications.csv, row 3, column “program”: Application A already ranks this program, in row 2"),
        ("A,K,1,P,,\nA,1,2,Q,,", "applications.csv, row 3, column “grade”: Application A has “1” here but “K” in row 2"),
        ("A,K,1,P,cousin,", "applications.csv, row 2, column “priorities”: There is no priority or group “cousin”"),
        ("A,K,1,Q1,,", "applications.csv, row 2, column “grade”: Program Q1 is for grade 1, not grade K"),
        ("A,K,first,P,,", "applications.csv, row 2, column “rank”: “first” is not a whole number"),
        ("A,K,,P,,", "applications.csv, row 2, column “rank”: A choice needs both"),
        ("A,K,1,,,", "applications.csv, row 2, column “program”: A choice needs both"),
        ('"=HYPERLINK(""x"")",K,1,P,,', "applications.csv, row 2, column “application”: “=HYPERLINK"),
        ("A|B,K,1,P,,", "applications.csv, row 2, column “application”: “A|B” cannot be a code"),
        (",K,1,P,,", "applications.csv, row 2, column “application”: The cell is empty"),
    ],
)  # fmt: skip
def test_faults_of_applications(tmp_path: Path, rows: str, words: str) -> None:
    found = complaint(tmp_path, applications=f"application,grade,rank,program,priorities,groups\n{rows}\n")
    assert found[0].startswith(words)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (
            "A,K,1,P,,B\nB,K,1,P,,A",
            "applications.csv, row 2, column “older_sibling”: The links of siblings run in a circle",
        ),
        ("A,K,1,P,,Z", "applications.csv, row 2, column “older_sibling”: There is no application Z"),
        (
            "A,K,1,P,,B\nB,K,1,P,,",
            "applications.csv, row 2, column “older_sibling”: Application B, grade K, is not drawn before",
        ),
        (
            "\n".join(f"A{at},K,1,P,P," for at in range(4)),
            "programs.csv, row 2, column “seats”: 4 seats are guaranteed but",
        ),
    ],
)
def test_promises_that_cannot_be_kept(tmp_path: Path, rows: str, words: str) -> None:
    found = complaint(tmp_path, applications=f"application,grade,rank,program,guaranteed,older_sibling\n{rows}\n")
    assert found[0].startswith(words)


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    rows = "".join(f"A{at},K,1,X{at},,\n" for at in range(5))
    assert len(complaint(tmp_path, applications="application,grade,rank,program,priorities,groups\n" + rows)) == 5


def test_a_misspelled_column_is_named(tmp_path: Path) -> None:
    (fault,) = complaint(tmp_path, applications=APPLICATIONS.replace("application,", "aplication,", 1))
    assert "“aplication”" in fault and "application" in fault.split(":", 1)[1]


@pytest.mark.parametrize(
    "change",
    [lambda text: "\ufeff" + text, lambda text: text.replace("\n", "\r\n"), lambda text: text.replace(",", ";")],
)
def test_marks_line_ends_and_separators_of_spreadsheets_do_not_matter(tmp_path: Path, change: object) -> None:
    plain = market_of(
        tmp_path,
        programs="program,school,grade,seats\nP,S,K,3\nQ,T,K,2\n",
        applications=APPLICATIONS.replace("sibling,access", ",").replace(",access", ","),
    )
    again = market_of(
        tmp_path,
        programs=change("program,school,grade,seats\nP,S,K,3\nQ,T,K,2\n"),  # type: ignore[operator]
        applications=change(APPLICATIONS.replace("sibling,access", ",").replace(",access", ",")),  # type: ignore[operator]
    )
    assert again == plain


def test_latin_1_is_recognized_and_the_remedy_named(tmp_path: Path) -> None:
    (fault,) = complaint(tmp_path, programs="program,school,grade,seats\nP,Peña,K,3\n".encode("latin-1"))
    assert "not in UTF-8" in fault and "latin-1" in fault
    for name, content in (("programs.csv", "program,school,grade,seats\nP,Peña,K,3\n".encode("latin-1")),):
        (tmp_path / name).write_bytes(content)
    (tmp_path / "applications.csv").write_text("application,grade,rank,program\nA,K,1,P\n")
    market = read_market(
        tmp_path / "programs.csv", tmp_path / "applications.csv", tmp_path / "rules.toml", encoding="latin-1"
    )
    assert market.programs[0].school == "Peña"


def test_numbers_written_as_text_are_read(tmp_path: Path) -> None:
    market = market_of(
        tmp_path,
        programs="program,school,grade,seats\nP,S,K,'3\nQ,T,K,2.0\n",
        applications="application,grade,rank,program\nA,K,1.0,Q\n",
    )
    assert [program.seats for program in market.programs] == [3, 2]


def test_rules_are_read_and_every_wrong_one_named(tmp_path: Path) -> None:
    rules = market_of(
        tmp_path, rules='numbers = "per_school"\nlinked = "together"\ngrades = ["1", "K"]\nmost_choices = 12\n'
    ).rules
    assert rules == Rules(numbers=Numbers.PER_SCHOOL, linked=Linked.TOGETHER, grades=("1", "K"), most_choices=12)
    found = complaint(tmp_path, rules='numbers = "three"\nluck = 7\nmost_choices = "many"\n')
    assert [fault.split(":")[0] for fault in found] == [
        "rules.toml, column “numbers”", "rules.toml, column “luck”", "rules.toml, column “most_choices”",
    ]  # fmt: skip
    assert "single” or “per_school" in found[0]


def test_rules_that_are_no_toml_are_told_with_their_line(tmp_path: Path) -> None:
    (fault,) = complaint(tmp_path, rules="numbers = single\n")
    assert "line 1" in fault


def test_files_that_are_not_there_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"rules\.toml"):
        read_market(tmp_path / "p.csv", tmp_path / "a.csv", tmp_path / "rules.toml")
    (tmp_path / "rules.toml").write_text("")
    with pytest.raises(InputError, match=r"p\.csv"):
        read_market(tmp_path / "p.csv", tmp_path / "a.csv", tmp_path / "rules.toml")


@given(markets())
def test_what_is_written_is_read_again_as_it_was(tmp_path_factory: pytest.TempPathFactory, market: Market) -> None:
    folder = tmp_path_factory.mktemp("round")
    renamed = Market(tuple(_named(program) for program in market.programs), market.applications, market.rules)
    (folder / "p.csv").write_bytes(table([column.name for column in PROGRAM_COLUMNS], program_rows(renamed.programs)))
    (folder / "a.csv").write_bytes(
        table([column.name for column in APPLICATION_COLUMNS], application_rows(renamed.applications))
    )
    (folder / "r.toml").write_text(rules_text(renamed.rules))
    if renamed.applications:
        assert read_market(folder / "p.csv", folder / "a.csv", folder / "r.toml") == renamed


def _named(program):  # type: ignore[no-untyped-def]
    """The program with its pools named as a file names them: after their groups."""
    from dataclasses import replace

    pools, seen = [], {}
    for pool in program.pools:
        group = pool.group or "open"
        seen[group] = seen.get(group, 0) + 1
        pools.append(replace(pool, name=group if seen[group] == 1 else f"{group} #{seen[group]}"))
    return replace(program, pools=tuple(pools))


def test_a_citys_table_may_be_longer_than_others(tmp_path: Path) -> None:
    """The shared reader stops at 250,000 rows, which a city's applications pass."""
    rows = "".join(f"A{at},K,1,P\nA{at},K,2,Q\n" for at in range(126_000))
    market = market_of(
        tmp_path,
        programs="program,school,grade,seats\nP,S,K,3\nQ,T,K,2\n",
        applications="application,grade,rank,program\n" + rows,
    )
    assert len(market.applications) == 126_000


def test_seats_without_a_limit_and_ranks_too_large_do_no_harm(tmp_path: Path) -> None:
    """The compiled draw counts in 32 bits; what does not fit there is capped where it means nothing, else refused."""
    programs = tuple(Program(f"P{at}", "S", "9", 999_999_999) for at in range(4))
    market = Market(
        programs, (Application("A1", "9", (Choice("P3"), Choice("P0"))), Application("A2", "9", (Choice("P3"),)))
    )
    result = Result(market, draw(market, "seed"))
    assert [result.program_of(at) for at in (0, 1)] == ["P3", "P3"]
    assert not any(cutoff.full for cutoff in result.cutoffs)
    assert int(result.seats.sum()) == 4 * 999_999_999
    for rank in (0, 1 << 20):
        with pytest.raises(MarketError, match="is no rank"):
            Choice("P0", school_rank=rank)


@pytest.mark.parametrize(
    "line", ['groups = ["a;b"]', 'sibling_offered = "=cmd"', 'groups = ["ta\\tb"]', "most_choices = 0", 'groups = [""]']
)
def test_rules_that_could_not_be_written_again_are_refused(tmp_path: Path, line: str) -> None:
    (tmp_path / "rules.toml").write_text(line)
    with pytest.raises(InputError, match="does not fit the rule"):
        read_rules(tmp_path / "rules.toml")


def test_names_in_the_rules_are_spelled_as_the_tables_spell_them(tmp_path: Path) -> None:
    """An accented letter may be one sign or two; both are the same group."""
    (tmp_path / "rules.toml").write_text('groups = ["Jose\u0301", \'say "yes" \\\\ no\']')
    rules = read_rules(tmp_path / "rules.toml")
    assert rules.groups == ("Jos\u00e9", 'say "yes" \\\\ no')
    (tmp_path / "again.toml").write_text(rules_text(rules))
    assert read_rules(tmp_path / "again.toml") == rules


def test_a_guaranteed_seat_after_the_list_takes_no_place_of_it() -> None:
    programs = tuple(Program(f"P{at}", "S", "9", 1) for at in range(3))
    child = Application("A1", "9", (Choice("P0"), Choice("P1")), guaranteed="P2")
    assert len(Market(programs, (child,), Rules(most_choices=2)).applications[0].choices) == 3
