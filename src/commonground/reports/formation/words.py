"""Every sentence of the report of formed groups, by a short name, so that its page holds no language of its own."""

from collections.abc import Mapping

from commonground.i18n import N_, Say

Texts = Mapping[str, str]

TEXTS: Mapping[str, str] = {
    "title": N_("Proposed groups"),
    "skip": N_("Skip to the groups"),
    "signed_up": N_("signed up"),
    "groups_fact": N_("groups"),
    "placed": N_("in a group"),
    "left_fact": N_("without a group"),
    "accompanied": N_("groups with a facilitator"),
    "ended_by_time": N_(
        "The search ended when its time was up. More time may find better groups, up to the proven limit."
    ),
    "stopped": N_("The search was stopped by hand. These are the best groups it had found."),
    "look": N_("Please look at these"),
    "row": N_("row {row}"),
    "column": N_("column “{column}”"),
    "map": N_("Map"),
    "map_note": N_("Each number is a group; lines join it to its schools."),
    "estimate": N_("Travel is an estimate: the straight line times a factor for roads."),
    "straight": N_("Travel is measured in a straight line; the way by road is longer."),
    "table": N_("Travel is what the table of drive times says."),
    "groups": N_("Groups"),
    "group": N_("Group {number}"),
    "group_with_area": N_("Group {number}: {area}"),
    "members_of": N_("Members of group {number}"),
    "members": N_("Members"),
    "school": N_("School"),
    "sector": N_("Sector"),
    "lea": N_("District or operator"),
    "choice_column": N_("Focus area was"),
    "choice": N_("choice {rank}"),
    "not_ranked": N_("not ranked"),
    "shared": N_("What they share"),
    "exchanges": N_("What they bring each other"),
    "exchange": N_("{topic}: {offered} can bring it; {needed} asked for it"),
    "travel": N_("Travel"),
    "ways": N_("{mean} {unit} between two members on average, {most} {unit} at most."),
    "no_way": N_("Between some there is no way at all."),
    "km": N_("km"),
    "min": N_("minutes"),
    "weak": N_("To talk about"),
    "facilitator": N_("Facilitator: {name}"),
    "nobody": N_("nobody"),
    "points": N_("{points} points."),
    "no_groups": N_("No group could be formed under these rules. The reasons are below, school by school."),
    "left": N_("Without a group"),
    "left_region": N_("Schools without a group"),
    "left_table": N_("Schools without a group, and why"),
    "why": N_("Why"),
    "facilitators": N_("Facilitators"),
    "facilitators_proven": N_(
        "No other assignment of these people serves more groups, or serves as many for fewer points lost. That is proven."
    ),
    "loads": N_("Who accompanies which groups"),
    "person": N_("Person"),
    "offered": N_("Offered to take"),
    "none": N_("none"),
    "others": N_("Alternatives"),
    "others_note": N_("Other ways to form groups, nearly as good. Compare what each changes."),
    "other": N_("Alternative {number}: {points} points ({change})"),
    "same": N_("{same} groups stay the same."),
    "changes": N_("What changes: {parts}."),
    "left_list": N_("Without a group: {names}."),
    "sources": N_("Where the points come from"),
    "by_part": N_("Points by part"),
    "parts_table": N_("Points of all groups together"),
    "part": N_("Part"),
    "points_column": N_("Points"),
    "counts": N_("What it counts"),
    "no_ranking": N_("Points compare ways to form groups. They say nothing about how good a school is."),
    "to_check": N_("To check this result, run this command on its folder:"),
    "best": N_("The groups have {score} points. It is proven that no others have more under these rules."),
    "at_most": N_(
        "The groups have {score} points. It is proven that no others can have more than {bound} under these rules "
        "({more} points more)."
    ),
    "at_most_share": N_(
        "The groups have {score} points. It is proven that no others can have more than {bound} under these rules "
        "({more} points more, {share})."
    ),
}
PARTS: Mapping[str, str] = {
    "shared_need": N_("Shared needs"),
    "met_need": N_("Needs met by others"),
    "travel": N_("Travel"),
    "context": N_("Similar setting"),
    "past": N_("Worked together before"),
    "readiness": N_("Different readiness"),
    "choice": N_("Ranked choice"),
    "size": N_("Group size"),
    "unplaced": N_("Schools without a group"),
}
UNPLACED = N_("Points lost for each school without a group.")


def texts(say: Say) -> Texts:
    """Every text in the language of `say`."""
    return {name: say(text) for name, text in TEXTS.items()}


def group_name(t: Texts, number: int, area: str | None) -> str:
    """What a group is called."""
    return t["group_with_area"].format(number=number, area=area) if area else t["group"].format(number=number)
