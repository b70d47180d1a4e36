"""Who may open the pages of a partnership."""

from commonground.site.directory.roles import Role
from tests.site.conftest import Tenant
from tests.site.partnership.factories import first_meeting, make_partnership
from tests.site.test_access_matrix import Case

AT_WORK = frozenset(Role) - {Role.OPERATOR}
PLANNERS = frozenset({Role.AGENCY_STAFF, Role.FACILITATOR, Role.LEA_LEADER, Role.COORDINATOR})


def a_partnership(tenant: Tenant) -> dict[str, int]:
    return {"pk": make_partnership(tenant).pk}


def a_meeting(tenant: Tenant) -> dict[str, int]:
    return {"pk": first_meeting(tenant).pk}


CASES = {
    "partnership:list": Case(own=AT_WORK, other=AT_WORK),
    "partnership:overview": Case(own=AT_WORK, arguments=a_partnership),
    "partnership:propose_meeting": Case(own=PLANNERS, arguments=a_partnership, methods=("GET", "POST")),
    "partnership:meeting": Case(own=AT_WORK, arguments=a_meeting),
    "partnership:meeting_calendar": Case(own=AT_WORK, arguments=a_meeting),
    "partnership:change_meeting": Case(own=PLANNERS, arguments=a_meeting, methods=("GET", "POST")),
    "partnership:confirm_meeting": Case(own=PLANNERS, arguments=a_meeting, methods=("POST",)),
    "partnership:cancel_meeting": Case(own=PLANNERS, arguments=a_meeting, methods=("GET", "POST")),
}
