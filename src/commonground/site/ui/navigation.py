"""What the menus offer, and to whom. A feature adds its entries when it starts; a menu shows only what a person may open."""

from dataclasses import dataclass
from typing import Literal

import rules
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise

Menu = Literal["main", "account"]
SIGNED_IN = "signed in"


@dataclass(frozen=True, order=True)
class Entry:
    """One entry: `order` sorts the menu, `permission` hides what would answer 404.

    "" shows it to everybody, SIGNED_IN to whoever signed in. `menu` is the main menu or the one under a person's name.
    """

    order: int
    url_name: str
    label: "Promise | str"
    permission: str = ""
    menu: Menu = "main"

    def url(self) -> str:
        return reverse(self.url_name)

    def is_for(self, request: HttpRequest) -> bool:
        if not self.permission:
            return True
        if not request.user.is_authenticated:
            return False
        return self.permission == SIGNED_IN or bool(rules.has_perm(self.permission, request.user))


@dataclass(frozen=True)
class Item:
    """An entry as one page shows it. `current` is a value of aria-current: "page", "true" for a page below it, or ""."""

    label: "Promise | str"
    url: str
    current: str


_entries: dict[str, Entry] = {}


def add(entry: Entry) -> None:
    _entries[entry.url_name] = entry


def items(request: HttpRequest, menu: Menu = "main") -> list[Item]:
    shown = [entry for entry in _entries.values() if entry.menu == menu and entry.is_for(request)]
    found = [(entry, entry.url()) for entry in sorted(shown, key=lambda entry: entry.order)]
    above = [url for _entry, url in found if url != "/" and request.path.startswith(url)]
    nearest = max(above, key=len, default="")  # an entry's page can lie below another entry's
    here = "page" if request.path == nearest else "true"
    return [Item(entry.label, url, here if url == nearest else "") for entry, url in found]
