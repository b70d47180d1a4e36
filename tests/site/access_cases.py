"""Who may open the pages that belong to no feature."""

from tests.site.test_access_matrix import everybody

CASES = {
    "home": everybody(),
    "health": everybody(),
    "components": everybody(),
    "set_language": everybody(methods=("POST",)),
}
