"""Every sentence of the report and of a family's page, by a short name, so that the pages hold no language of their own."""

from collections.abc import Mapping

from commonground.engines.lottery.model import GUARANTEED, NO_PRIORITY, OPEN, Program
from commonground.i18n import N_, Say

Texts = Mapping[str, str]

TEXTS: Mapping[str, str] = {
    # the report of a draw
    "rehearsal": N_("A rehearsal: the applicants are invented. Nobody got a seat, and nobody lost one."),
    "applied": N_("children applied"),
    "seats": N_("seats"),
    "matched": N_("children matched"),
    "on_lists": N_("children on a waiting list"),
    "by_choice": N_("Which choice children got"),
    "by_choice_table": N_("Children by the choice they got"),
    "result": N_("Result"),
    "children": N_("Children"),
    "share": N_("Share"),
    "withheld": N_("withheld"),
    "together": N_("Numbers below {smallest} are put together or withheld, so that no small group shows."),
    "nobody": N_("Nobody applied."),
    "no_seat": N_("No seat"),
    "choice": N_("Choice {rank}"),
    "choice_or_later": N_("Choice {rank} or later"),
    "groups": N_("Student groups"),
    "groups_table": N_("Match rates by group"),
    "group": N_("Group"),
    "matched_short": N_("Matched"),
    "first_got": N_("Got their first choice"),
    "groups_note": N_(
        "A number is withheld where it would show fewer than {smallest} children, or all but fewer than {smallest}."
    ),
    "no_groups": N_("No student groups were named in the applications."),
    "programs": N_("Programs: demand and last child admitted"),
    "most_wanted": N_("First choices of the most wanted programs"),
    "programs_table": N_(
        "Every seat pool. A smaller number comes first; where there is room, everyone who asked and was eligible got in."
    ),
    "on_paper": N_(
        "On paper, the {shown} most wanted of {all} seat pools. The report on a screen and published/cutoffs.csv list all."
    ),
    "program": N_("Program"),
    "school": N_("School"),
    "grade": N_("Grade"),
    "seats_for": N_("Seats for"),
    "seats_column": N_("Seats"),
    "filled": N_("Filled"),
    "asked": N_("Asked"),
    "first_choice": N_("First choice"),
    "last_admitted": N_("Last child admitted"),
    "has_room": N_("still has room"),
    "last": N_("{priority}, number"),
    "no_seats": N_("no seats"),
    "compared": N_("Simulated and published"),
    "compared_note": N_(
        "The applicants of this run were invented so that demand follows the published counts. A program counts as different "
        "when the gap is larger than chance alone would often give. The file comparison.csv lists every program and seat pool."
    ),
    "in_sum": N_("In sum"),
    "count": N_("Count"),
    "published": N_("Published"),
    "simulated": N_("Simulated"),
    "programs_column": N_("Programs"),
    "that_differ": N_("That differ"),
    "largest": N_("The largest differences ({shown} of {all})"),
    "none_differs": N_("No program differs by more than chance would often give."),
    "every_program": N_("Every program: published and simulated"),
    "differs": N_("Differs"),
    "differs_yes": N_("yes"),
    "matches": N_("matches"),
    "waiting": N_("waiting"),
    "asked_measure": N_("asked"),
    "checks": N_("Checks"),
    "checks_table": N_("What was checked before this result could be published"),
    "check": N_("Check"),
    "holds": N_("Holds"),
    "yes": N_("yes"),
    "no": N_("NO"),
    "check_yourself": N_("How to check this result yourself"),
    "check_how": N_(
        "Every lottery number is the HMAC-SHA256 of the seed and the application's number. Anyone with the auditors' files "
        "can draw again:"
    ),
    "seed": N_("Seed"),
    "seed_from": N_("Where it comes from"),
    "seed_beacon": N_("round {round} of the public randomness beacon, published at {time}, signature"),
    "seed_plain": N_("it was chosen by hand. That is good enough for a trial, not for a real draw."),
    "root": N_("Root of all results (Merkle root)"),
    "rules": N_("Rules"),
    "single": N_("one number for all schools"),
    "per_school": N_("one number for each school"),
    "late_in_place": N_("late applications stand in their place by number"),
    "late_behind": N_("late applications stand behind all who came in time"),
    "keep_numbers": N_("a second round keeps the numbers"),
    "new_numbers": N_("a second round draws new numbers"),
    # the report of moves
    "moves_intro": N_("What happened after the draw, and who holds a seat now."),
    "seats_held": N_("seats held"),
    "seats_offered": N_("seats offered"),
    "seats_free": N_("seats free"),
    "events": N_("What happened"),
    "events_table": N_("Events, by kind"),
    "event": N_("Event"),
    "times": N_("Times"),
    "accept": N_("a seat was accepted"),
    "decline": N_("a seat was declined"),
    "expire": N_("an offer ran out"),
    "withdraw": N_("an application was withdrawn"),
    "apply": N_("a late application came"),
    "seats_table": N_("Every seat pool after these events"),
    "held": N_("Held"),
    "offered": N_("Offered"),
    "free": N_("Free"),
    "waits": N_("Waiting"),
    "moves_how": N_(
        "The result before these events lies in the folder previous. Anyone with the auditors' files can repeat every step:"
    ),
    "previous_root": N_("Root of the result before"),
    "moves_title": N_("Seats after the draw"),
    # a child's result
    "page_title": N_("Result of application {number}"),
    "your_choices": N_("Your choices"),
    "waiting_lists": N_("Waiting lists"),
    "check_it": N_("Check it yourself"),
    "check_number": N_(
        "Your lottery number follows from this seed, which everyone can see, and your application's number. A smaller "
        "number comes first. Read it from the left, like a word in a dictionary. The seed:"
    ),
    "check_lines": N_(
        "These lines of Python need nothing but Python. They compute your number, then show that your result is one of those "
        "behind the published root. The last line must say True."
    ),
    "compare_root": N_("Compare the root with the one in the published report."),
    "arithmetic": N_("Lines of Python"),
    "got": N_("Matched to {program}, choice {rank}."),
    "got_none": N_("No seat was free at any of the choices."),
    "no_choices": N_("The application lists no choices."),
    "line_matched": N_("{program}: matched."),
    "line_not_reached": N_("{program}: not looked at, because a higher choice was given."),
    "line_not_eligible": N_("{program}: not eligible, so no seat could be given."),
    "line_given_up": N_("{program}: given up, because not all linked children could be placed at this school."),
    "line_full": N_("{program}: full."),
    "pool_others": N_("Its {pool} seats are for others only."),
    "pool_none": N_("It has no {pool} seats."),
    "pool_last": N_("Of its {pool} seats the last went to “{last}”, number {number}…; this child stands in “{own}”."),
    "pool_last_plain": N_("Of its {pool} seats the last went to “{last}”, number {number}…; this child has no priority here."),
    "place": N_("{program}, {pool} seats: place {place}"),
    "number": N_("Lottery number: {number}"),
    "application": N_("Application {number}"),
    "moved_holds": N_("Holds a seat of {program}, choice {rank}."),
    "moved_none": N_("Holds no seat now."),
    "moved_gone": N_("The application was withdrawn."),
    "moved_offer": N_("{program}: a seat is offered; answer it in time."),
    "moved_line_holds": N_("{program}: holds a seat here."),
    "moved_line_waits": N_("{program}: waits."),
    "moved_line_left": N_("{program}: no longer asked for."),
    "happened_title": N_("What happened since"),
    "happened": N_("Event {place}: {what}."),
    "happened_offer": N_("Event {place}: an offer of {program}, {pool} seats."),
    "happened_shift": N_("Event {place}: at {program} now in the {pool} seats."),
    "open": N_("open"),
    "guaranteed": N_("guaranteed seat"),
    "no_priority": N_("no priority"),
}  # fmt: skip


def texts(say: Say) -> dict[str, str]:
    """All texts in one language."""
    return {name: say(text) for name, text in TEXTS.items()}


def with_school(program: Program) -> str:
    """A program's code with its school, for a family that knows the school only."""
    return program.name if program.school == program.name else f"{program.name} ({program.school})"


def said(name: str, t: Texts) -> str:
    """A priority or seat pool: a city's own names stay as they are, ours are put into the page's language."""
    own = {OPEN: t["open"], GUARANTEED: t["guaranteed"], NO_PRIORITY: t["no_priority"]}
    return ": ".join(own.get(part, part) for part in name.split(": "))
