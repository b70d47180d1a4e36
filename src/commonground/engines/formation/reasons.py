"""Reasons: a code, the data behind it and an English sentence.

Everything the engine says to a person (an error before solving, a broken rule, why a school has no group) is a
`Reason`. Programs and translations go by `code` and `data`; the sentence is for logs and for the command line.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from commonground.i18n import N_, Say

SENTENCES: Mapping[str, str] = {
    # a market that cannot be read
    "empty_id": "A member has no id. Give every school or district an id of its own.",
    "empty_name": "Member {member} has no name. Add its name.",
    "empty_sector": "{name} has no sector. State district, charter or private.",
    "unknown_locale": "{name} has the locale {locale!r}. Use city, suburb, town or rural, or leave it empty.",
    "half_a_place": "{name} has only one of latitude and longitude. Give both or neither.",
    "place_swapped": "{name} lies at latitude {latitude}, longitude {longitude}: they look swapped. Exchange the two.",
    "place_outside": "{name} lies at latitude {latitude}, longitude {longitude}, which is not on Earth. Correct it.",
    "place_zero": "{name} lies at 0, 0, which is in the sea. Correct its place, or leave it empty.",
    "area_twice": "{name} ranks the focus area {area} twice. Rank each area once.",
    "importance": "{name} gives {topic} the importance {importance}. Use a number above 0.",
    "enrollment": "{name} has an enrollment of {enrollment}. Use a whole number of 0 or more, or leave it empty.",
    "readiness": "{name} has a readiness of {readiness}. Use a number from 0 to 1, or leave it empty.",
    "own_travel_limit": "{name} has a travel limit of {limit}. Use a number above 0, or leave it empty.",
    "relation_both": "{name} says of {other} that working together went well and badly. Keep one of the two.",
    "no_members": "The market has no members. Add the schools or districts that signed up.",
    "id_twice": "Two members have the id {member}. Give each its own id.",
    "no_place": "{name} has no place, so travel is unknown. Add latitude and longitude, or supply a travel table.",
    "road_factor": "The road factor of {locale} is {factor}. Use a number of at least 1.",
    "table_shape": "The travel table has {rows} rows and {columns} columns for {ids} ids. Give one of each per id.",
    "table_id_twice": "The travel table has the id {member} twice. Keep one row and column per id.",
    "table_negative": "The travel table has the value {value} between {first} and {second}. Use 0 or more.",
    "table_missing": "The travel table has no row for {name}. Add it to the table.",
    # rules that contradict themselves
    "group_size": "The group sizes (min, target, max) are {low}, {target}, {high}. Use whole numbers from 2, rising.",
    "sector_limit": "The sector mix asks for {count} of {sector}. Use a whole number of 0 or more.",
    "sector_crossed": "The sector mix asks for at least {low} and at most {high} of {sector}. Lower the first number.",
    "sector_too_many": "The sector mix asks for {needed} members, but a group has at most {high}. Lower one.",
    "travel_limit": "The travel limit is {limit}. Use a number above 0, or none.",
    "weight": "The weight {part} is {weight}. Use a number of 0 or more.",
    "unplaced_penalty": "The penalty for a member without a group is {penalty}. Use 0 or more, or none.",
    "group_count": "The number of groups is {count}. Use 1 or more, or none.",
    "pair_of_one": "{rule} names {member} twice in one pair. Name two members.",
    "together_of_one": "A pinned group names fewer than two members: {members}. Name at least two.",
    "group_empty": "A group has no members. Name at least one.",
    "group_member_twice": "A group names {member} twice. Name each member once.",
    "fixed_twice": "{member} is in two fixed groups. Keep it in one.",
    # rules that this market cannot meet
    "unknown_member": "{rule} names {member}, who did not sign up. Remove it or add the member.",
    "pin_apart": "{first} and {second} are pinned together but {rule} keeps them apart. Drop one of the two rules.",
    "pin_too_large": "{members} are pinned together, but a group has at most {high} members. Unpin some.",
    "pin_no_area": "{members} are pinned together but ranked no focus area in common. Unpin them or add an area.",
    "pin_sectors": "{members} are pinned together, which breaks the sector mix for {sector}. Unpin some.",
    "pin_fixed": "{members} are pinned together, but only some of them are in one fixed group. Drop one of the two.",
    "fixed_breaks_rule": "The fixed group of {members} breaks a rule: {why} Release it, or change the rule.",
    "too_few_members": "{members} members cannot fill {groups} groups of at least {low}. Ask for fewer groups.",
    "too_many_members": "{members} members do not fit in {groups} groups of at most {high}. Allow more groups.",
    "sizes_do_not_add_up": "{members} members cannot be split into groups of {low} to {high}. Widen the sizes, "
    "or let members stay without a group.",
    "too_few_of_sector": "{groups} groups need {needed} of {sector}, but only {found} signed up. Change the sector mix "
    "or the group size, or let members stay without a group.",
    "too_many_of_sector": "{groups} groups take at most {places} of {sector}, but {found} signed up. Change the sector "
    "mix, or let members stay without a group.",
    "must_place_alone": "{name} must be placed but cannot be: {why}",
    "no_feasible_groups": "No set of groups obeys every rule at once: {why} Widen a rule, or let members stay without "
    "a group.",
    "not_found_in_time": "No set of groups that places every member was found in {seconds:.0f} seconds. Allow more "
    "time, widen a rule, or let members stay without a group.",
    # what the check of a saved solution finds
    "check_score": "The score is {found:.6f}, not {stated:.6f} as stated.",
    "check_bound": "The prices prove {found:.6f}, which is above the stated bound {stated:.6f}.",
    "check_crossed": "The score {score:.6f} is above the bound {bound:.6f}: one of the two is wrong.",
    "check_stranger": "{member} is not a member of the market.",
    "check_twice": "{member} is in {times} groups.",
    "check_alone": "{member} has no group.",
    "check_pin": "Pinned members are not together: {members}.",
    "check_fixed": "A fixed group was changed: {members}.",
    "check_count": "There are {groups} groups, not {count}.",
    "check_size": "The group {members} has {size} members.",
    "check_sector": "The group {members} has {count} of {sector}.",
    "check_area": "Not every member of the group {members} ranked {area}.",
    "check_pair": "{first} and {second} may not share a group.",
    # broken rules of a set of groups
    "too_small": "The group has {size} members; the rule is at least {low}.",
    "too_large": "The group has {size} members; the rule is at most {high}.",
    "sector_low": "The group has {count} of {sector}; the rule is at least {low}.",
    "sector_high": "The group has {count} of {sector}; the rule is at most {high}.",
    "area_missing": "The group has no focus area.",
    "area_not_ranked": "{name} did not rank {area}.",
    "too_far": "{first} and {second} are {travel:.0f} {unit} apart; the limit is {limit:.0f}.",
    "blackout": "{first} and {second} are a blackout pair.",
    "forbidden": "{first} and {second} were set apart by staff.",
    "same_lea": "{first} and {second} belong to the same agency, {lea}.",
    "pin_broken": "{members} are pinned together but are not in one group.",
    "member_twice": "{name} is in more than one group.",
    "not_placed": "{name} has no group.",
    "fixed_changed": "The fixed group of {members} was changed.",
    "count_wrong": "There are {groups} groups; the rule is {count}.",
    # why a member has no group
    "no_area": N_("{name} ranked no focus area."),
    "nobody_ranked": N_("No other member ranked one of {name}'s focus areas."),
    "nobody_near": N_("No other member is within {limit:.0f} {unit} of {name}."),
    "no_sector_near": N_("No {sector} within {limit:.0f} {unit} ranked one of {name}'s {areas} focus areas."),
    "no_sector": N_("No {sector} ranked one of {name}'s {areas} focus areas."),
    "no_sector_partner": N_("No {sector} is left for {name} after the rules about pairs."),
    "too_few_partners": N_("Only {found} others share an area with {name} within every rule; a group needs {needed}."),
    "no_whole_group": N_("{name} has possible partners, but no whole group of them obeys every rule."),
    "others_fit_better": N_("{name} has possible groups, but placing it would leave others out or lower the score."),
    # what is weak in a group
    "need_unmet": N_("Nobody in the group offers {topic}, which {name} needs."),
    "long_way": N_("{first} and {second} are {travel:.0f} {unit} apart."),
    "late_choice": N_("{area} is choice {rank} of {name}."),
    "unranked_choice": N_("{area} is not among the choices of {name}."),
    "readiness_gap": N_("{first} and {second} differ in readiness by {gap:.0%}."),
    "bad_past": N_("{first} and {second} worked together before and it went badly."),
    "no_shared_need": N_("No need is shared by two members."),
    # facilitators that cannot be assigned as asked
    "facilitator_nameless": "A facilitator needs an id and a name; one has {facilitator!r} and {name!r}.",
    "facilitator_caseload": "{name} has a caseload of {caseload}. Use a whole number of 0 or more.",
    "facilitator_radius": "{name} travels {radius} km. Use a number above 0, or leave it empty for any distance.",
    "facilitator_twice": "Two facilitators have the id {id}. Give each an id of their own.",
    "case_twice": "Two groups have the id {id}. Give each its own id.",
    "rule_unknown_case": "A {rule} names the group {case}, which does not exist. Remove it or correct the name.",
    "rule_unknown_facilitator": "A {rule} names the facilitator {facilitator}, who does not exist. Correct the name.",
    "pin_conflict": "{name} is pinned to {case} but works for {employer}, a member. Choose somebody neutral.",
    "pin_forbidden": "{name} is pinned to {case} and forbidden for it. Drop one of the two.",
    "pin_caseload": "{name} has {pins} groups but a caseload of {caseload}. Take some away, or raise the caseload.",
    # why a facilitator works with a group
    "facilitator_pinned": N_("Staff chose {name} for this group."),
    "facilitator_knows_area": N_("{name} knows the focus area {area}."),
    "facilitator_knows_needs": N_("{name} knows {count} of the members' needs: {topics}."),
    "facilitator_near": N_("{name} is about {km:.0f} km from the members."),
    "facilitator_speaks": N_("{name} speaks {languages}, as members do."),
    "facilitator_past": N_("{name} has worked well with {members} before."),
    "facilitator_new_area": N_("{name} does not name {area} as expertise."),
    "facilitator_new_needs": N_("{name} does not name any of the members' needs as expertise."),
    "facilitator_not_spoken": N_("{name} does not speak {languages}."),
    "facilitator_better_elsewhere": N_(
        "{other} alone would fit this group better by {points:.1f} points, but "
        "more is gained by {other} with another group."
    ),
    # why a group has no facilitator
    "no_facilitators": N_("Nobody has offered to facilitate."),
    "nobody_neutral": N_("{count} are employed at a member and so not neutral: {names}."),
    "nobody_permitted": N_("{count} were ruled out by staff for this group: {names}."),
    "nobody_near_enough": N_(
        "{count} do not travel that far; the nearest is {name}, who would travel {km:.0f} km and offers {radius:.0f}."
    ),
    "nobody_speaks": N_("{count} speak none of the members' languages: {languages}."),
    "nobody_free": N_("{count} would be possible but have their full caseload: {names}."),
    # what a check of an assignment found
    "assignment_cases": "The assignment does not name the same groups, in the same order.",
    "assignment_excluded": "{name} may not accompany {case}: a rule excludes it.",
    "assignment_pin": "{case} does not have the facilitator whom staff chose.",
    "assignment_cost": "The assignment states a cost of {stated:.3f} points; it is {found:.3f}.",
    "assignment_unproven": "The proof leaves room for an assignment that is better by {gap:.3f} points.",
}


@dataclass(frozen=True, slots=True)
class Reason:
    """One statement: `code` names its kind (a key of SENTENCES), `data` its particulars (strings and numbers, and under
    `because` a reason behind it as code and data)."""

    code: str
    data: Mapping[str, Any]

    def __post_init__(self) -> None:
        SENTENCES[self.code].format(**self.data)  # a reason that cannot be said must not exist

    def __str__(self) -> str:
        return self.text

    @property
    def text(self) -> str:
        return SENTENCES[self.code].format(**self.data)

    def said(self, say: Say) -> str:
        """The sentence in the language of `say`, the reason behind it and the sector included."""
        data = dict(self.data)
        if "because" in data:
            data["why"] = Reason(**data["because"]).said(say)
        if "sector" in data:
            data["sector"] = say(data["sector"])
        return say(SENTENCES[self.code]).format(**data)

    def to_json(self) -> dict[str, Any]:
        return {"code": self.code, "data": dict(self.data), "text": self.text}


def reason(code: str, **data: Any) -> Reason:
    """A reason from its code and particulars."""
    return Reason(code, data)


def because(why: Reason) -> dict[str, Any]:
    """A reason as part of another one: in words for its sentence, and as code and data for those who say it in other words."""
    return {"why": why.text, "because": {"code": why.code, "data": dict(why.data)}}


class FormationError(ValueError):
    """Input that the engine refuses: `reason` holds code and data, the message what is wrong and what to do."""

    def __init__(self, code: str, **data: Any) -> None:
        self.reason = Reason(code, data)
        super().__init__(self.reason.text)

    def __reduce__(self) -> tuple[Any, ...]:
        """How it travels between processes: an exception is otherwise made again from its message, which is no code."""
        return _again, (type(self), self.reason.code, dict(self.reason.data))

    @property
    def code(self) -> str:
        return self.reason.code

    @property
    def data(self) -> Mapping[str, Any]:
        return self.reason.data


def _again(kind: type[FormationError], code: str, data: dict[str, Any]) -> FormationError:
    return kind(code, **data)


class MarketError(FormationError):
    """The members or their travel table are wrong."""


class RuleError(FormationError):
    """The rules contradict themselves, or this market cannot meet them."""
