"""Who may open the directory's pages."""

from typing import Any

from tests.site.conftest import Tenant
from tests.site.test_access_matrix import everybody


def its_school(tenant: Tenant) -> dict[str, Any]:
    return {"pk": tenant.school.pk}


CASES = {
    "directory:search": everybody(),
    "directory:profile": everybody(arguments=its_school),
}
