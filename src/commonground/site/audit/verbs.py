"""What can be done, as the audit trail shows it. An entry keeps the English code; the page translates it.

What is not listed here cannot be recorded; a test reads the sources too, for what no other test happens to do.
"""

from django.utils.translation import gettext, gettext_noop

VERBS = frozenset(
    {
        # people
        gettext_noop("account changed"),
        gettext_noop("person appointed"),
        gettext_noop("position asked for"),
        gettext_noop("request approved"),
        gettext_noop("request declined"),
        gettext_noop("successor named"),
        gettext_noop("term ended"),
        # directory
        gettext_noop("directory.import_applied"),
        gettext_noop("directory.import_cancelled"),
        gettext_noop("directory.import_sent"),
        gettext_noop("directory.organization_added"),
        gettext_noop("directory.organization_changed"),
        # forming partnerships
        gettext_noop("blackout pair added"),
        gettext_noop("blackout pair removed"),
        gettext_noop("drive times brought"),
        gettext_noop("drive times taken away"),
        gettext_noop("own words assigned to topic"),
        gettext_noop("reminders sent"),
        gettext_noop("round changed"),
        gettext_noop("round copied"),
        gettext_noop("round created"),
        gettext_noop("round deleted"),
        gettext_noop("round: open"),
        gettext_noop("round: closed"),
        gettext_noop("round: proposals"),
        gettext_noop("round: released"),
        gettext_noop("round: finished"),
        gettext_noop("sign-up answered"),
        gettext_noop("sign-up copied"),
        gettext_noop("sign-up handed over"),
        gettext_noop("sign-up imported"),
        gettext_noop("sign-up started"),
        gettext_noop("sign-up submitted"),
        gettext_noop("sign-up taken up again"),
        gettext_noop("sign-up withdrawn"),
        gettext_noop("sign-ups exported"),
        gettext_noop("sign-ups imported"),
        gettext_noop("topic added"),
        gettext_noop("topic changed"),
        gettext_noop("topic merged"),
        gettext_noop("topic restored"),
        gettext_noop("topic retired"),
        # proposals and answers
        gettext_noop("change undone"),
        gettext_noop("facilitator accepted"),
        gettext_noop("facilitator changed"),
        gettext_noop("facilitator chosen"),
        gettext_noop("facilitator offered"),
        gettext_noop("facilitator refused or allowed"),
        gettext_noop("facilitator resting"),
        gettext_noop("group given up"),
        gettext_noop("group goes on smaller"),
        gettext_noop("group kept or let go"),
        gettext_noop("groups formed"),
        gettext_noop("member moved"),
        gettext_noop("member must be placed or need not"),
        gettext_noop("members pinned"),
        gettext_noop("members set apart or allowed"),
        gettext_noop("members unpinned"),
        gettext_noop("note written"),
        gettext_noop("place accepted"),
        gettext_noop("place asked"),
        gettext_noop("place declined"),
        gettext_noop("place expired"),
        gettext_noop("place withdrawn"),
        gettext_noop("places refilled"),
        gettext_noop("proposals released"),
        gettext_noop("question answered"),
        gettext_noop("question asked"),
        gettext_noop("search started"),
        gettext_noop("search stopped"),
        # partnerships
        gettext_noop("partnership founded"),
        gettext_noop("meeting cancelled"),
        gettext_noop("meeting changed"),
        gettext_noop("meeting confirmed"),
        gettext_noop("meeting moved"),
        gettext_noop("meeting proposed"),
    }
)


def shown(verb: str) -> str:
    """A verb in the reader's language; a code such as `directory.import_sent` reads "directory: import sent" in English."""
    translated = gettext(verb)
    return translated.replace(".", ": ").replace("_", " ") if translated == verb else translated
