"""What the main menu offers, and to whom. A feature adds its entries when it starts; the menu shows only what a person may open."""

from dataclasses import dataclass

import rules
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise


@dataclass(frozen=True, order=True)
class Entry:
    """One entry: `order` sorts the menu, `permission` hides what would answer 404 ("" shows it to everybody)."""

    order: int
    url_name: str
    label: "Promise | str"
    permission: str = ""

    def url(self) -> str:
        return reverse(self.url_name)

    def is_for(self, request: HttpRequest) -> bool:
        if not self.permission:
            return True
        return request.user.is_authenticated and bool(rules.has_perm(self.permission, request.user))


_entries: dict[str, Entry] = {}


def add(entry: Entry) -> None:
    _entries[entry.url_name] = entry


def entries(request: HttpRequest) -> list[Entry]:
    shown = (entry for entry in _entries.values() if entry.is_for(request))
    return sorted(shown, key=lambda entry: entry.order)
