"""What every template may use."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from commonground.site.ui import navigation


def site(request: HttpRequest) -> dict[str, Any]:
    return {
        "demo": settings.DEMO,
        "menu": lambda: navigation.entries(request),  # called only by a page that has a menu
    }
