"""Forming groups of schools and districts, with reasons and a proof of how good the proposal is.

Make a market and rules, and score groups made by hand:

>>> from commonground.engines.formation import Group, Market, Member, RuleError, Rules, Scorer, explain, violations
>>> def school(name, sector, east, needs, strengths, areas=("literacy", "steam")):
...     return Member(id=name, name=name.title(), sector=sector, latitude=36.0, longitude=-120.0 + east, areas=areas,
...                   needs=dict.fromkeys(needs, 1.0), strengths=dict.fromkeys(strengths, 1.0))
>>> market = Market((
...     school("alder", "district", 0.00, ["attendance", "writing"], ["mathematics"]),
...     school("birch", "charter", 0.05, ["mathematics", "attendance"], ["writing"]),
...     school("cedar", "district", 0.10, ["science"], ["families"]),
...     school("dogwood", "charter", 0.12, ["families"], ["science"], areas=("steam",)),
... ))
>>> rules = Rules(size_min=2, size_max=2, sector_min={"district": 1, "charter": 1}, travel_limit=30.0)
>>> scorer = Scorer(market, rules)
>>> by_hand = [Group(("alder", "birch"), "literacy"), Group(("cedar", "dogwood"), "steam")]
>>> scorer.group(by_hand[0]).parts["met_need"]
2.0
>>> explain(scorer, by_hand[0]).shared[0].topic
'attendance'
>>> violations(market, rules, by_hand)
()
>>> move = scorer.compare(by_hand, [Group(("alder", "dogwood"), "steam"), Group(("cedar", "birch"), "steam")])
>>> move.total < 0
True
>>> [str(why) for why in violations(market, rules, [Group(("alder", "cedar"), "literacy")])][0]
'The group has 0 of charter; the rule is at least 1.'

Let the engine form them, see how good they are, and have the proof checked:

>>> solution = solve(market, rules, seconds=10, seed=1)
>>> [group.members for group in solution.groups]
[('alder', 'birch'), ('cedar', 'dogwood')]
>>> solution.status, check(market, rules, solution.to_json()).ok
('optimal', True)

`solve(market, rules, *, seconds, seed, on_progress=None, start=None)` forms the groups and returns a `Solution`;
`alternatives(...)` gives several distinct ones, `check(market, rules, saved)` verifies a saved one and its proof.
`on_progress` gets a `Progress` and stops the search by returning False. `make_ready()` makes the compiled loops ready, which on a
new machine takes up to a minute; `solve` calls it before its clock runs, and whoever wants to say so calls it first.

A wrong input says what is wrong (`FormationError`: `MarketError` or `RuleError`, with `.code` and `.data`):

>>> try:
...     Rules(size_min=5, size_max=4)
... except RuleError as error:
...     print(error.code, dict(error.data))
group_size {'low': 5, 'target': 4, 'high': 4}
"""

from commonground.engines.formation.alternatives import alternatives
from commonground.engines.formation.check import Verdict, check
from commonground.engines.formation.explain import Exchange, Explanation, SharedNeed, explain
from commonground.engines.formation.model import HELP, LOCALES, Group, Market, Member, Rules, Weights, pairs
from commonground.engines.formation.ready import make_ready
from commonground.engines.formation.reasons import SENTENCES, FormationError, MarketError, Reason, RuleError
from commonground.engines.formation.score import PAIR_PARTS, PARTS, Change, GroupScore, MemberScore, PairScore, Scorer
from commonground.engines.formation.solution import Progress, Solution, Unplaced
from commonground.engines.formation.solve import solve
from commonground.engines.formation.travel import ROAD_FACTORS, GreatCircle, RoadEstimate, Travel, TravelTable
from commonground.engines.formation.violations import group_violations, pair_violations, violations

__all__ = [
    "HELP",
    "LOCALES",
    "PAIR_PARTS",
    "PARTS",
    "ROAD_FACTORS",
    "SENTENCES",
    "Change",
    "Exchange",
    "Explanation",
    "FormationError",
    "GreatCircle",
    "Group",
    "GroupScore",
    "Market",
    "MarketError",
    "Member",
    "MemberScore",
    "PairScore",
    "Progress",
    "Reason",
    "RoadEstimate",
    "RuleError",
    "Rules",
    "Scorer",
    "SharedNeed",
    "Solution",
    "Travel",
    "TravelTable",
    "Unplaced",
    "Verdict",
    "Weights",
    "alternatives",
    "check",
    "explain",
    "group_violations",
    "make_ready",
    "pair_violations",
    "pairs",
    "solve",
    "violations",
]
