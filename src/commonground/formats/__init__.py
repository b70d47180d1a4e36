"""The files that people exchange with the engines: sign-ups, facilitators, rules and drive times.

The command line and the site read them through the same door, so that a table which one accepts the other accepts too.
Every reader answers with values *and* problems; nothing should be used while there are problems. `notes` are doubts
that a person should see, but that stop nothing.
"""

from commonground.formats.drive_times import read_drive_times
from commonground.formats.people import PEOPLE_COLUMNS, People, read_people
from commonground.formats.rules import RoundRules, Wishes, read_rules, resolve, travel_of
from commonground.formats.schools import SCHOOL_COLUMNS, SignUps, read_schools
from commonground.formats.vocabulary import Vocabulary

__all__ = [
    "PEOPLE_COLUMNS",
    "SCHOOL_COLUMNS",
    "People",
    "RoundRules",
    "SignUps",
    "Vocabulary",
    "Wishes",
    "read_drive_times",
    "read_people",
    "read_rules",
    "read_schools",
    "resolve",
    "travel_of",
]
