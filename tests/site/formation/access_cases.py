"""Who may open the pages of rounds, topics and sign-ups."""

from commonground.site.directory.roles import Role
from tests.site.conftest import Tenant
from tests.site.formation.factories import make_round
from tests.site.test_access_matrix import Case

STAFF = frozenset({Role.AGENCY_STAFF})
LEADERS = frozenset({Role.LEA_LEADER, Role.COORDINATOR})


def a_round(tenant: Tenant) -> dict[str, int]:
    return {"pk": make_round(tenant.agency).pk}


CASES = {
    "formation:rounds": Case(own=STAFF | LEADERS, other=STAFF | LEADERS),
    "formation:round": Case(own=STAFF, arguments=a_round),
}
