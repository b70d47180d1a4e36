"""The rules of a round are read from TOML; what contradicts itself is named before anything is solved."""

import pytest

from commonground.engines.formation import Group, Member, Rules, Weights, pairs
from commonground.engines.formation.facilitators import Facilitator
from commonground.formats import read_rules, resolve, travel_of

MEMBERS = tuple(
    Member(id=str(k), name=name, sector="district", areas=("literacy",), lea="Valley Unified" if k == 3 else "")
    for k, name in enumerate(["Alder", "Birch", "Cedar", "Dogwood", "Cedar"])
)
PEOPLE = (
    Facilitator("ana", "Ana Ruiz", caseload=1),
    Facilitator("ben", "Ben Ode", caseload=2, employers=frozenset({"Valley Unified"})),
)


def rules(text: str):
    read, problems = read_rules(text.encode(), "rules.toml")
    assert problems == ()
    assert read is not None
    return read


def refused(text: str) -> list[str]:
    read, problems = read_rules(text.encode(), "rules.toml")
    assert read is None
    return [str(problem) for problem in problems]


def resolved(text: str):
    return resolve(rules(text), MEMBERS, PEOPLE)


def test_an_empty_file_means_quads_that_leave_nobody_out_lightly():
    made, _, problems = resolved("")
    assert problems == ()
    assert made == Rules(size_min=4, size_max=4, unplaced_penalty=20.0)


def test_everything_that_can_be_said_arrives_in_the_engine():
    made, wishes, problems = resolved("""
        title = "Quads"
        [groups]
        min = 3
        target = 4
        max = 5
        share_focus_area = false
        different_leas = true
        everyone = true
        count = 1
        [sectors]
        district = {min = 1, max = 5}
        [travel]
        measure = "road"
        limit = 60
        [weights]
        travel = 0.2
        [schools]
        apart = [["Alder", "Birch"]]
        together = [["alder", "dogwood", "2"]]
        must_place = ["birch"]
        [[fixed]]
        schools = ["Alder", "2", "3"]
        focus_area = "literacy"
        [facilitators]
        forbid = [["Birch", "ana"]]
        [facilitators.pin]
        Alder = "Ana Ruiz"
    """)
    assert problems == ()
    assert made == Rules(
        size_min=3,
        size_target=4,
        size_max=5,
        share_area=False,
        different_leas=True,
        group_count=1,
        sector_min={"district": 1},
        sector_max={"district": 5},
        travel_limit=60,
        weights=Weights(travel=0.2),
        blackouts=pairs(("0", "1")),
        forbidden=pairs(("0", "1")),  # Alder gets Ana, Birch must not
        together=(frozenset({"0", "3", "2"}),),
        must_place=frozenset({"1"}),
        fixed=(Group(("0", "2", "3"), "literacy"),),
        unplaced_penalty=None,
    )
    assert (wishes.pins, wishes.forbidden) == ({"0": "ana"}, (("1", "ana"),))


def test_the_road_is_estimated_only_when_asked_for():
    assert travel_of(rules("")) is None
    estimate = travel_of(rules('[travel]\nmeasure = "road"'))
    assert estimate is not None
    assert estimate.is_estimate


def test_all_mistakes_are_named_at_once():
    assert refused("""
        titel = "Quads"
        [groups]
        size = 4
        min = 3
        everyone = "yes"
        [sectors]
        magnet = {min = 1}
        charter = {least = 1}
        [travel]
        measure = "rocket"
        [weights]
        travel = -1
        [facilitators.weights]
        area = "much"
    """) == [
        "rules.toml: The setting “titel” is not known. Did you mean “title”?",
        "rules.toml: “groups.everyone” must be true or false.",
        "rules.toml: “travel.measure” must be “straight” or “road”.",
        "rules.toml: Give either “size” or “min”, “target” and “max”.",
        "rules.toml: The setting “sectors.magnet” is not known. Known here: district, charter, private.",
        "rules.toml: The setting “sectors.charter.least” is not known. Known here: min, max.",
        "rules.toml: The weight travel is -1.0. Use a number of 0 or more.",
        "rules.toml: “facilitators.weights.area” must be a number.",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[groups", "rules.toml: The file is not valid TOML: "),
        ("[groups]\nsize = 1", "rules.toml: The group sizes (min, target, max) are 1, 1, 1."),
        ("[sectors]\ncharter = {min = 5}", "rules.toml: The sector mix asks for at least 5 and at most 4 of charter."),
        ("[travel]\nlimit = 0", "rules.toml: The travel limit is 0."),
    ],
)
def test_rules_that_no_market_can_meet_are_refused(text, said):
    assert refused(text)[0].startswith(said)


def test_a_file_in_another_encoding_is_refused():
    read, (problem,) = read_rules('title = "Peña"'.encode("latin-1"), "rules.toml")
    assert read is None
    assert "UTF-8" in problem.message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            '[schools]\napart = [["Aldr", "Birch"]]',
            "names “Aldr”, which is no school of the sign-ups. Did you mean “Alder”?",
        ),
        ('[schools]\nmust_place = ["Zzz"]', "names “Zzz”, which is no school of the sign-ups."),
        ('[schools]\nmust_place = ["Cedar"]', "names “Cedar”, which several schools are called. Use the id."),
        ('[facilitators]\npin = {Alder = "Zoe"}', "names “Zoe”, who is not among the facilitators."),
        ('[facilitators]\npin = {0 = "ana", Alder = "ben"}', "Alder is pinned to two facilitators, ana and ben."),
        (
            '[facilitators]\npin = {Alder = "ana"}\nforbid = [["Alder", "ana"]]',
            "Ana Ruiz is pinned to Alder and forbidden for it.",
        ),
        ('[facilitators]\npin = {Dogwood = "ben"}', "Ben Ode is pinned to Dogwood but works for it."),
        (
            '[facilitators]\npin = {Alder = "ana", Birch = "ana"}',
            "Ana Ruiz is pinned to 2 schools but has a caseload of 1.",
        ),
    ],
)
def test_names_that_cannot_be_meant_are_refused(text, said):
    made, _, problems = resolved(text)
    assert made is None
    assert said in problems[0].message


def test_schools_with_different_facilitators_and_employers_of_one_are_kept_apart():
    made, _, problems = resolved('[facilitators]\npin = {Alder = "ana", Birch = "ben"}\nforbid = [["2", "ana"]]')
    assert problems == ()
    assert made is not None
    assert made.forbidden == pairs(("0", "1"), ("1", "3"), ("0", "2"))
