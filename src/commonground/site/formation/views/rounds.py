"""Rounds as staff see them."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from commonground.site.directory.access import access
from commonground.site.directory.models import Person
from commonground.site.formation.models import Round
from commonground.site.formation.queries import rounds as queries


def person(request: HttpRequest) -> Person:
    """Who is signed in; only behind a rule that asks for somebody."""
    assert isinstance(request.user, Person)
    return request.user


@access("formation.see_rounds")
def index(request: HttpRequest) -> HttpResponse:
    return render(request, "formation/rounds.html", {"hosted": queries.hosted_by(person(request))})


@access("formation.run_round", find=queries.the_round)
def page(request: HttpRequest, round: Round) -> HttpResponse:
    return render(request, "formation/round.html", {"round": round})
