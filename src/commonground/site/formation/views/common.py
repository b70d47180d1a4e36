"""What several views of this feature need."""

import functools
from collections.abc import Callable
from typing import Any, TypeVar

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _

from commonground.site.directory.models import Person
from commonground.site.formation.models.stages import RefusedError
from commonground.tables import Problem

Result = TypeVar("Result")
_KEPT = "formation_typed"
_MOST_KEPT = 12_000  # characters; a sign-up's longest page has about 8,000
_MOST_TIMES = 20  # an hour from one address: anybody may send us such a form, and each is a row of ours for two weeks


def person(request: HttpRequest) -> Person:
    """Who is signed in; only behind a rule that asks for somebody."""
    assert isinstance(request.user, Person)
    return request.user


def attempt(request: HttpRequest, act: Callable[[], Result]) -> Result | None:
    """Act; if it is refused, say why on the next page and return None."""
    try:
        return act()
    except RefusedError as refused:
        messages.error(request, str(refused))
        return None


def said(problem: Problem) -> dict[str, Any]:
    """A problem of a file in the reader's language. The template is looked up first and filled afterwards."""
    return {"row": problem.row, "column": problem.column, "text": _(problem.template).format(**problem.values)}


def keeps_typed(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Whoever was signed out while typing signs in again and finds what they typed, on the same page.

    It is kept in the browser's own session, and only the page it was typed on, with its own rule about who may open it, shows it.
    """

    @functools.wraps(view)
    def kept(request: HttpRequest, **arguments: Any) -> HttpResponse:
        if request.method == "POST" and not request.user.is_authenticated:
            _keep(request)
            return redirect_to_login(request.path)
        return view(request, **arguments)

    return kept


def _keep(request: HttpRequest) -> None:
    """Keep what was typed, within bounds, or say that it is not kept."""
    typed = request.POST.urlencode()
    if len(typed) <= _MOST_KEPT and _is_seldom(request):
        request.session[_KEPT] = {"path": request.path, "typed": typed}
    else:
        messages.warning(request, _("You were signed out, and what you typed is too much to keep. Go back to copy it."))


def _is_seldom(request: HttpRequest) -> bool:
    key = f"kept-{get_adapter(request).get_client_ip(request)}"
    cache.add(key, 0, timeout=3600)
    return cache.incr(key) <= _MOST_TIMES


def typed_before(request: HttpRequest) -> QueryDict | None:
    """What was typed on this page before a sign-in got in between; given once."""
    kept = request.session.get(_KEPT)
    if not kept or kept["path"] != request.path:
        return None
    del request.session[_KEPT]
    return QueryDict(kept["typed"])
