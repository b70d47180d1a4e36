"""The one door to every view: it finds the thing, asks whether this person may, and only then calls the view.

    @access("formation.change_round", find=the_round)
    def change(request, round): ...

A signed-out visitor is sent to sign in. Somebody who may not know that the thing exists gets 404, exactly as if it did not. A form
that comes twice is acted on once.
The rule stays on the view as `view.access`, so that a test can walk the URL configuration and fail on a view that has none.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import rules
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from commonground.site.directory.models import Person
from commonground.site.ui.once import once

View = Callable[..., HttpResponse]
PUBLIC = "public"
SIGNED_IN = "signed in"


@dataclass(frozen=True)
class Access:
    """The rule of one view: a permission's name, or PUBLIC, or SIGNED_IN; and the methods that it answers."""

    permission: str
    methods: tuple[str, ...]


def person_of(request: HttpRequest) -> Person:
    """Who acts, in a view whose rule lets nobody in who has not signed in."""
    assert isinstance(request.user, Person)
    return request.user


def allowed(request: HttpRequest, permission: str, thing: object) -> bool:
    if permission == PUBLIC:
        return True
    if permission == SIGNED_IN:
        return request.user.is_authenticated
    if not rules.perm_exists(permission):
        raise LookupError(f"No rule named {permission!r}: add it to the feature's permissions.py.")
    return request.user.is_authenticated and request.user.has_perm(permission, thing)


def access(
    permission: str, *, find: Callable[..., Any] | None = None, methods: tuple[str, ...] = ("GET",)
) -> Callable[[View], View]:
    """Guard a view. `find` takes the URL's arguments and returns the thing (or raises Http404); the view gets the thing instead."""
    names = (*methods, "HEAD") if "GET" in methods else methods

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def guarded(request: HttpRequest, **arguments: Any) -> HttpResponse:
            if permission != PUBLIC and not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())

            def act() -> HttpResponse:
                thing = find(**arguments) if find else None
                if not allowed(request, permission, thing):
                    raise Http404
                return view(request, thing) if find else view(request, **arguments)

            return once(request, act)

        answered = require_http_methods(list(names))(guarded)
        answered.access = Access(permission, methods)  # type: ignore[attr-defined]
        return answered

    return decorate
