"""Who accompanies which group: an exact assignment of facilitators, with reasons and a proof that none is better.

>>> from commonground.engines.formation.facilitators import Case, Facilitator, FacilitatorRules, assign, check
>>> cases = [
...     Case("g1", "Group 1", {"alder": "Alder", "birch": "Birch"}, places=((36.7, -119.8),), area="literacy"),
...     Case("g2", "Group 2", {"cedar": "Cedar", "dogwood": "Dogwood"}, places=((36.3, -119.3),), area="steam"),
... ]
>>> people = [
...     Facilitator("ana", "Ana Ruiz", 36.7, -119.7, radius_km=90, expertise=frozenset({"literacy"}), caseload=1),
...     Facilitator("ben", "Ben Ode", 36.4, -119.4, radius_km=90, employers=frozenset({"alder"}), caseload=2),
... ]
>>> answer = assign(cases, people)
>>> answer.by_case()
{'g1': 'ana', 'g2': 'ben'}
>>> print(answer.rows[0].reasons[0])
Ana Ruiz knows the focus area literacy.
>>> check(cases, people, FacilitatorRules(), answer)
()
"""

from commonground.engines.formation.facilitators.assign import assign
from commonground.engines.formation.facilitators.check import check
from commonground.engines.formation.facilitators.model import (
    Assigned,
    Assignment,
    Case,
    Facilitator,
    FacilitatorError,
    FacilitatorRules,
    FacilitatorWeights,
    case_of,
    wrong_input,
)

__all__ = [
    "Assigned",
    "Assignment",
    "Case",
    "Facilitator",
    "FacilitatorError",
    "FacilitatorRules",
    "FacilitatorWeights",
    "assign",
    "case_of",
    "check",
    "wrong_input",
]
