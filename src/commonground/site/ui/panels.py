"""Parts of a page that come from features above the page's own.

An organization's page shows its partnerships, although the directory knows no partnerships: the feature adds a panel when it
starts, and the page asks for all panels of its place.

    panels.add(Panel(place="organization", order=30, template="partnership/of_organization.html", context=partnerships_of))

In the page: `{% load panels %}{% panels "organization" organization %}`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest


@dataclass(frozen=True)
class Panel:
    """One part of a page: `context` gets the request and the page's thing, and returns what the template shows or None."""

    place: str
    order: int
    template: str
    context: Callable[[HttpRequest, Any], dict[str, Any] | None]


_panels: dict[tuple[str, str], Panel] = {}


def add(panel: Panel) -> None:
    _panels[panel.place, panel.template] = panel


def of(place: str) -> list[Panel]:
    """The panels of a place, in their order on the page."""
    return sorted((panel for panel in _panels.values() if panel.place == place), key=lambda panel: panel.order)
