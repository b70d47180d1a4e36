"""What every template may use."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from commonground.site.ui import navigation


def site(request: HttpRequest) -> dict[str, Any]:
    return {  # the menus are read only by a page that shows them
        "demo": settings.DEMO,
        "menu": lambda: navigation.items(request),
        "account_menu": lambda: navigation.items(request, "account"),
    }
