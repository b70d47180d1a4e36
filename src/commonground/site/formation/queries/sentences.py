"""What the engine's codes mean to staff, in the words of the site's pages.

The engine's own sentences are for logs and for the command line, and speak of its files; these tell what can be done here. A code
that is not listed is a mistake of ours rather than of the reader, and is said in the engine's words.
"""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SENTENCES: Mapping[str, "Promise | str"] = {
    # a sign-up that cannot be read, rules that contradict each other
    "place_swapped": _(
        "{name} lies at latitude {latitude}, longitude {longitude}: the two look swapped. Exchange them in the directory."
    ),
    "place_outside": _(
        "{name} lies at latitude {latitude}, longitude {longitude}, which is not on Earth. Correct it in the directory."
    ),
    "place_zero": _("{name} lies at 0, 0, which is in the sea. Correct its place in the directory."),
    "no_place": _(
        "{name} has no place, so nobody knows how far it is from others. Add its latitude and longitude in the directory."
    ),
    "relation_both": _("{name} says of another member that working together went well and badly. Keep one of the two."),
    "no_members": _("Nobody has signed up, so there is nobody to group."),
    "group_size": _(
        "The group sizes (fewest, best, most) are {low}, {target}, {high}. Use whole numbers from 2, rising."
    ),
    "sector_crossed": _(
        "The rules ask for at least {low} and at most {high} members of the sector “{sector}”. Lower the first number."
    ),
    "sector_too_many": _("The sectors together ask for {needed} members, but a group has at most {high}. Lower one."),
    "pin_apart": _("{first} and {second} are kept together, but another rule keeps them apart. Drop one of the two."),
    "pin_too_large": _("{members} are kept together, but a group has at most {high} members. Let some go apart."),
    "pin_no_area": _("{members} are kept together but chose no focus area in common. Let them go apart."),
    "pin_sectors": _(
        "{members} are kept together, which breaks the rule for the sector “{sector}”. Let some go apart."
    ),
    "pin_fixed": _(
        "{members} are kept together, but only some of them are in a group that stays as it is. Drop one of the two."
    ),
    "fixed_breaks_rule": _(
        "The group of {members} is kept as it is, but it breaks a rule. Let it change, or change the rule. ({why})"
    ),
    "too_few_members": _("{members} members cannot fill {groups} groups of at least {low}."),
    "too_many_members": _("{members} members do not fit in {groups} groups of at most {high}."),
    "sizes_do_not_add_up": _(
        "{members} members cannot be split into groups of {low} to {high}. Allow other sizes, or let members stay without a group."
    ),
    "too_few_of_sector": _("{groups} groups need {needed} members of the sector “{sector}”, but {found} signed up."),
    "too_many_of_sector": _(
        "{groups} groups take at most {places} members of the sector “{sector}”, but {found} signed up."
    ),
    "must_place_alone": _("{name} must have a group, but there is none for it. Take that decision back. ({why})"),
    "no_feasible_groups": _("No groups obey every rule at once. Change a rule or a decision. ({why})"),
    "not_found_in_time": _(
        "No groups that place everybody were found in {seconds:.0f} seconds. Allow more time, or change a rule or a decision."
    ),
    # rules that a group breaks
    "too_small": _("The group has fewer members ({size}) than the rule allows ({low})."),
    "too_large": _("The group has more members ({size}) than the rule allows ({high})."),
    "sector_low": _("The group has {count} of the sector “{sector}”; the rule is at least {low}."),
    "sector_high": _("The group has {count} of the sector “{sector}”; the rule is at most {high}."),
    "area_missing": _("The group has no focus area."),
    "area_not_ranked": _("{name} did not choose {area}."),
    "too_far": _("{first} and {second} are {travel:.0f} {unit} apart; the limit is {limit:.0f}."),
    "blackout": _("{first} and {second} are a pair that the round keeps apart."),
    "forbidden": _("{first} and {second} were set apart by staff."),
    "same_lea": _("{first} and {second} belong to the same LEA, {lea}."),
    "pin_broken": _("{members} are kept together but are not in one group."),
    "member_twice": _("{name} is in more than one group."),
    "not_placed": _("{name} must have a group and has none."),
    "fixed_changed": _("The group of {members} was to stay as it is, and was changed."),
    "count_wrong": _("There are {groups} groups; the rule is {count}."),
    # what the separate checker finds wrong with an answer of the search
    "check_score": _("The score is {found:.6f}, not {stated:.6f} as stated."),
    "check_bound": _("The proof shows a bound of {found:.6f}, which is above the stated {stated:.6f}."),
    "check_crossed": _("The score {score:.6f} is above the bound {bound:.6f}: one of the two is wrong."),
    "check_stranger": _("{member} did not sign up."),
    "check_twice": _("{member} is in {times} groups."),
    "check_alone": _("{member} must have a group and has none."),
    "check_pin": _("These are to stay together and do not: {members}."),
    "check_fixed": _("A group that was to stay as it is was changed: {members}."),
    "check_count": _("There are {groups} groups, not {count}."),
    "check_size": _("The group of {members} has {size} members, which the rule does not allow."),
    "check_sector": _("The group of {members} has {count} of the sector “{sector}”, which the rule does not allow."),
    "check_area": _("Not every member of the group of {members} chose {area}."),
    "check_pair": _("{first} and {second} may not be in one group."),
    # files of drive times
    "table_missing": _("The drive times do not name {name}. Upload a file that does, or take the drive times away."),
    # why a member has no group
    "no_area": _("{name} chose no focus area."),
    "nobody_ranked": _("No other member chose one of the focus areas of {name}."),
    "nobody_near": _("No other member is within {limit:.0f} {unit} of {name}."),
    "no_sector_near": _(
        "Nobody of the sector “{sector}” within {limit:.0f} {unit} chose one of the {areas} focus areas of {name}."
    ),
    "no_sector": _("Nobody of the sector “{sector}” chose one of the {areas} focus areas of {name}."),
    "no_sector_partner": _("Nobody of the sector “{sector}” is left for {name} after the rules about pairs."),
    "too_few_partners": _("Only {found} others fit {name} under every rule; a group needs {needed}."),
    "no_whole_group": _("{name} has possible partners, but no whole group of them obeys every rule."),
    "others_fit_better": _(
        "{name} has possible groups, but a place for it would leave others out or make groups fit less well."
    ),
    # what to talk about in a group
    "need_unmet": _("Nobody in the group named {topic} as a strength, which {name} needs."),
    "long_way": _("{first} and {second} are {travel:.0f} {unit} apart."),
    "late_choice": _("{area} is choice {rank} of {name}."),
    "unranked_choice": _("{area} is not among the choices of {name}."),
    "readiness_gap": _("{first} and {second} start from different readiness."),
    "bad_past": _("{first} and {second} worked together before, and it did not go well."),
    "no_shared_need": _("No need is shared by two members."),
    # facilitators
    "pin_conflict": _("{name} was chosen for {case} but works for {employer}, a member. Choose somebody neutral."),
    "pin_forbidden": _("{name} was chosen for {case} and not wanted for it. Drop one of the two."),
    "pin_caseload": _("{name} was chosen for {pins} groups but takes {caseload} more. Take some away."),
    "facilitator_pinned": _("Staff chose {name} for this group."),
    "facilitator_knows_area": _("{name} knows the focus area {area}."),
    "facilitator_knows_needs": _("{name} knows {count} of the members' needs: {topics}."),
    "facilitator_near": _("{name} is about {km:.0f} km from the members."),
    "facilitator_speaks": _("{name} speaks {languages}, as members do."),
    "facilitator_past": _("{name} has worked well with {members} before."),
    "facilitator_new_area": _("{name} does not name {area} among the things known well."),
    "facilitator_new_needs": _("{name} does not name any of the members' needs among the things known well."),
    "facilitator_not_spoken": _("{name} does not speak {languages}."),
    "facilitator_better_elsewhere": _(
        "{other} alone would fit this group better, but more is gained by {other} with another group."
    ),
    "no_facilitators": _("Nobody has offered to facilitate."),
    "nobody_neutral": _("{count} work for a member and so are not neutral: {names}."),
    "nobody_permitted": _("{count} were ruled out by staff for this group: {names}."),
    "nobody_near_enough": _(
        "{count} do not travel that far; the nearest is {name}, who would travel {km:.0f} km and offers {radius:.0f}."
    ),
    "nobody_speaks": _("{count} speak none of the members' languages: {languages}."),
    "nobody_free": _("{count} would be possible but have all the groups they take: {names}."),
}
