"""The groups of an answer as facilitators meet them: their names in every file, and who accompanies which."""

from commonground.cli.form.inputs import Inputs
from commonground.engines.formation import Group, Market
from commonground.engines.formation.facilitators import Assignment, Case, FacilitatorRules, assign, case_of


def cases_of(market: Market, groups: tuple[Group, ...]) -> tuple[Case, ...]:
    """The groups as cases for facilitators, named as everywhere in the result."""
    return tuple(
        case_of(market, group, id=group_id(number), name=f"group {number}")
        for number, group in enumerate(groups, start=1)
    )


def group_id(number: int) -> str:
    """G1, G2, ... as the result's files call the groups."""
    return f"G{number}"


def facilitator_rules(inputs: Inputs, cases: tuple[Case, ...]) -> FacilitatorRules:
    """Wishes about schools, turned into rules about the groups that these schools are in."""
    case_of_school = {school: case.id for case in cases for school in case.members}
    pins = {case_of_school[s]: person for s, person in inputs.wishes.pins.items() if s in case_of_school}
    banned = frozenset((case_of_school[s], person) for s, person in inputs.wishes.forbidden if s in case_of_school)
    return FacilitatorRules(
        pins=pins,
        forbidden=banned,
        language_required=inputs.round.language_required,
        weights=inputs.round.facilitator_weights,
    )


def assign_facilitators(inputs: Inputs, cases: tuple[Case, ...]) -> Assignment | None:
    """Who accompanies which group; None where no list of people was given."""
    return assign(cases, inputs.people, facilitator_rules(inputs, cases)) if inputs.people else None
