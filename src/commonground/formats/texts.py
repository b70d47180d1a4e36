"""What can be wrong with sign-ups, facilitators, rules and drive times, in the form of `tables.problems`."""

from collections.abc import Mapping
from types import MappingProxyType

from commonground.engines.formation.reasons import SENTENCES, Reason
from commonground.i18n import N_
from commonground.tables.problems import Problem, Value

TEXTS: Mapping[str, str] = MappingProxyType(
    {
        "empty_cell": N_("This cell must not be empty."),
        "not_a_number": N_("“{found}” is not a number."),
        "not_whole": N_("“{found}” is not a whole number of 0 or more."),
        "out_of_range": N_("{found} is not between {low} and {high}."),
        "unknown_sector": N_("“{found}” is not a sector. Use {known}."),
        "unknown_locale_name": N_(
            "“{found}” is not a locale. Use city, suburb, town or rural, or an NCES locale code."
        ),
        "unknown_grades": N_("“{found}” are not grades. Write a range such as K-5, or elementary, middle or high."),
        "bad_importance": N_("“{found}” is not a topic with an importance. Write the topic alone, or topic:2."),
        "unknown_name": N_("“{found}” is not in the list of the rules. Known: {known}."),
        "misspelled_name": N_("“{found}” is not in the list of the rules. Did you mean “{suggestion}”?"),
        "no_focus_area": N_("{name} names no focus area. Every school needs at least one, first choice first."),
        "no_place": N_("{name} has no latitude and longitude. Add both, or give drive times."),
        "half_a_place": N_("{name} has only one of latitude and longitude. Give both, or neither."),
        "same_id": N_("The id “{id}” is already in row {other}. Give every row its own id."),
        "same_school": N_("{name} looks like the same school as row {other}: same name, same place. Keep one of them."),
        "swapped": N_("{name} lies at {latitude}, {longitude}. Latitude and longitude look swapped: exchange them."),
        "all_swapped": N_("The columns latitude and longitude look swapped in all rows. Exchange their names."),
        "sign_lost": N_(
            "{name} lies at {latitude}, {longitude}, far from everybody else. A minus sign seems lost: "
            "{suggested_latitude}, {suggested_longitude} would be among the others."
        ),
        "no_school_there": N_("{name} lies at {latitude}, {longitude}, where nobody lives. Correct the place."),
        "in_the_sea": N_("{name} lies at {latitude}, {longitude}, in the sea. Correct the place."),
        "far_from_all": N_(
            "{name} lies {km:.0f} km from the middle of all others, who are mostly within {usual:.0f} km. "
            "Check its place ({latitude}, {longitude})."
        ),
        "unknown_partner": N_("“{found}” is no school of this file. Nothing is made of it."),
        "bad_toml": N_("The file is not valid TOML: {detail}."),
        "unknown_key": N_("The setting “{key}” is not known. Known here: {known}."),
        "misspelled_key": N_("The setting “{key}” is not known. Did you mean “{suggestion}”?"),
        "wrong_type": N_("“{key}” must be {wanted}."),
        "unknown_school": N_("“{key}” names “{found}”, which is no school of the sign-ups."),
        "misspelled_school": N_(
            "“{key}” names “{found}”, which is no school of the sign-ups. Did you mean “{suggestion}”?"
        ),
        "ambiguous_school": N_("“{key}” names “{found}”, which several schools are called. Use the id."),
        "unknown_person": N_("“{key}” names “{found}”, who is not among the facilitators."),
        "two_sizes": N_("Give either “size” or “min”, “target” and “max”."),
        "table_not_square": N_("The drive times need one row and one column per school; {detail}."),
        "table_gap": N_("There is no drive time from {first} to {second}. Fill it in, or write “none” for no way."),
        "pins_over_caseload": N_("{name} is pinned to {pins} schools but has a caseload of {caseload}. Unpin some."),
        "pin_not_neutral": N_("{name} is pinned to {school} but works for it. Choose somebody neutral."),
        "pin_and_forbid": N_("{name} is pinned to {school} and forbidden for it. Drop one of the two."),
        "pin_twice": N_("{school} is pinned to two facilitators, {first} and {second}. Keep one."),
    }
)


def problem(code: str, file: str, row: int | None = None, column: str | None = None, **values: Value) -> Problem:
    """A problem with a text of this package."""
    return Problem(code, file, row, column, values, TEXTS[code])


def engine_problem(reason: Reason, file: str, row: int | None = None, column: str | None = None) -> Problem:
    """What an engine refused, at the place in the file where it came from."""
    return Problem(reason.code, file, row, column, dict(reason.data), SENTENCES[reason.code])
