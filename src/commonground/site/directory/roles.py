"""The roles of Common Ground, each with a sentence that a principal understands.

Family and public are roles without a position: anybody who signed in without one is treated as family, anybody who did not sign
in as the public.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a position lets its holder do. The rules themselves are in each feature's `permissions.py`."""

    OPERATOR = "operator", _("Platform operator")
    AGENCY_STAFF = "agency_staff", _("Agency staff")
    FACILITATOR = "facilitator", _("Facilitator")
    LEA_LEADER = "lea_leader", _("LEA leader")
    COORDINATOR = "coordinator", _("School team coordinator")
    SCHOOL_STAFF = "school_staff", _("School staff")
    DATA_STEWARD = "data_steward", _("Data steward")


SENTENCES = {
    Role.OPERATOR: _(
        "Keeps the site running: accounts, agencies and settings. Sees no sign-ups and no student records."
    ),
    Role.AGENCY_STAFF: _("Runs rounds and partnerships for the host agency and keeps its directory up to date."),
    Role.FACILITATOR: _(
        "Guides the partnerships that the host assigned to them, and belongs to none of their members."
    ),
    Role.LEA_LEADER: _("Superintendent or charter leader: speaks, signs up and accepts for the LEA and its schools."),
    Role.COORDINATOR: _("Leads a school's team and can prepare what the LEA's leader signs."),
    Role.SCHOOL_STAFF: _("Takes part in the work of a school's team and reads what it shares."),
    Role.DATA_STEWARD: _("Answers for an organization's data: what leaves, what comes in, who saw it."),
}

# What the home page tells those for whom nothing waits there as long as all is well.
FIRST_STEPS = {
    Role.OPERATOR: _(
        "An agency comes first: add it in the directory, then appoint its staff on its page, under “People”. They do the rest."
    ),
    Role.SCHOOL_STAFF: _(
        "Your team's coordinator prepares the school's sign-up. Partnerships of your school and their meetings are shown here."
    ),
    Role.DATA_STEWARD: _(
        "Check the public facts on your organization's page: each names its source and date. Tell the host agency what is wrong."
    ),
}
