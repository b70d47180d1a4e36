"""Who may open the directory's pages."""

from typing import Any

from commonground.site.directory.models import Import, PositionRequest
from commonground.site.directory.roles import Role
from commonground.site.ui.models import Letter
from tests.site.conftest import Tenant
from tests.site.test_access_matrix import SIGNED_IN, Case, everybody


def its_school(tenant: Tenant) -> dict[str, Any]:
    return {"pk": tenant.school.pk}


def an_import(tenant: Tenant) -> dict[str, Any]:
    return {"pk": Import.objects.create(stage="cancelled", agency=tenant.agency).pk}


def its_district(tenant: Tenant) -> dict[str, Any]:
    return {"pk": tenant.district.pk}


def its_position(tenant: Tenant) -> dict[str, Any]:
    return {"pk": tenant.people[Role.DATA_STEWARD].terms.get().position_id}


def its_request(tenant: Tenant) -> dict[str, Any]:
    asked, _is_new = PositionRequest.objects.get_or_create(
        person=tenant.people[Role.FACILITATOR], organization=tenant.school, role=Role.SCHOOL_STAFF, title="Teacher"
    )
    return {"pk": asked.pk}


def a_letter(tenant: Tenant) -> dict[str, Any]:
    """A mail to the cast's leader that the server refused; each click sends it again, so there is one for every role."""
    leader = tenant.people[Role.LEA_LEADER]
    letter = Letter.objects.create(to=leader, template="t", subject="Your term", text="", html="", state="refused")
    return {"pk": letter.pk}


APPOINTERS = frozenset({Role.AGENCY_STAFF, Role.LEA_LEADER})
THEIR_PEOPLE = APPOINTERS | {Role.COORDINATOR, Role.SCHOOL_STAFF, Role.DATA_STEWARD}
STAFF = frozenset({Role.AGENCY_STAFF})
OPERATORS = frozenset({Role.OPERATOR})
ENTERERS = STAFF | {Role.OPERATOR}
FORM = ("GET", "POST")
CASES = {
    "directory:people": Case(own=THEIR_PEOPLE, arguments=its_district),
    "directory:appoint": Case(own=APPOINTERS, arguments=its_district, methods=FORM),
    "directory:ask": Case(own=SIGNED_IN, other=SIGNED_IN, arguments=its_school, methods=FORM),
    "directory:successor": Case(own=APPOINTERS, arguments=its_position, methods=FORM),
    "directory:end_term": Case(own=APPOINTERS, arguments=its_position, methods=FORM),
    "directory:requests": Case(own=APPOINTERS | {Role.OPERATOR}, other=APPOINTERS | {Role.OPERATOR}),
    "directory:answer": Case(own=APPOINTERS, arguments=its_request, methods=FORM),
    "directory:trail": Case(own=APPOINTERS, other=APPOINTERS),
    "directory:trail_file": Case(own=APPOINTERS, other=APPOINTERS),
    "directory:undelivered": Case(own=ENTERERS, other=ENTERERS),
    "directory:send_again": Case(own=ENTERERS, other=OPERATORS, arguments=a_letter, methods=("POST",)),
    "directory:account": Case(own=SIGNED_IN, other=SIGNED_IN, methods=FORM),
    "directory:search": everybody(),
    "directory:add": Case(own=ENTERERS, other=ENTERERS, methods=FORM),
    "directory:change": Case(own=STAFF, arguments=its_school, methods=FORM),
    "directory:close": Case(own=STAFF, arguments=its_school, methods=FORM),
    "directory:imports": Case(own=ENTERERS, other=ENTERERS, methods=FORM),
    "directory:import": Case(own=ENTERERS, other=OPERATORS, arguments=an_import),
    "directory:match_columns": Case(own=ENTERERS, other=OPERATORS, arguments=an_import, methods=("POST",)),
    "directory:apply_import": Case(own=ENTERERS, other=OPERATORS, arguments=an_import, methods=("POST",)),
    "directory:cancel_import": Case(own=ENTERERS, other=OPERATORS, arguments=an_import, methods=("POST",)),
    "directory:profile": everybody(arguments=its_school),
}
