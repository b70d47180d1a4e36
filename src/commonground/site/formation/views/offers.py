"""Releasing, the answers as staff see them, and a proposal as its leader sees it."""

from contextlib import suppress

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from commonground.engines.formation import MarketError
from commonground.site.directory.access import access
from commonground.site.formation.actions import offers as actions
from commonground.site.formation.actions import release as releasing
from commonground.site.formation.forms.offers import DeclineForm, MessageForm
from commonground.site.formation.models import Draft, Offer, Place, Round
from commonground.site.formation.models.choices import RoundState
from commonground.site.formation.queries import offers as queries
from commonground.site.formation.queries import refill as refills
from commonground.site.formation.queries.drafts import Table, the_draft
from commonground.site.formation.queries.facilitators import assignment
from commonground.site.formation.queries.rounds import the_round
from commonground.site.formation.views.common import attempt, person
from commonground.site.formation.views.proposals import needs_market, number_in, version_of


@access("formation.run_round", find=the_draft, methods=("GET", "POST"))
@needs_market
def release(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Say who would get mail; then release."""
    version, table = version_of(draft), Table(draft.round)
    if request.method == "POST":
        seen = number_in(request.POST.get("seen", "")) or 0
        released = attempt(request, lambda: releasing.release(draft, by=person(request), seen=seen, table=table))
        if released is None:
            return redirect(draft)
        messages.success(request, _("The proposals are released, and the leaders of all members were asked by mail."))
        return redirect("formation:answers", draft.round_id)
    asked = releasing.who_is_asked(table, version)
    context = {
        "draft": draft,
        "round": draft.round,
        "version": version,
        "asked": asked,
        "silent": [each.name for each in asked if not each.people],
        "rows": assignment(table, version).rows,
        "broken": table.broken(table.plan(version), version.wishes),
        "gone": table.gone(version),
        "unplaced": table.unplaced(version),
        "may_release": draft.round.state == RoundState.PROPOSALS,
        "is_late": draft.round.decide_by < timezone.localdate(),
    }
    return render(request, "formation/release.html", context)


@access("formation.run_round", find=the_round)
@needs_market
def board(request: HttpRequest, round: Round) -> HttpResponse:
    """All groups that were released, and where their answers stand."""
    if not round.offers.exists():
        return render(request, "formation/answers.html", {"round": round})
    table = Table(round)
    rows = queries.board(round, table)
    context = {
        "round": round,
        "rows": rows,
        "free": sum(row.free for row in rows if row.offer.is_open),
        "questions": [place for row in rows for place in row.open_questions],
        "may_finish": round.state == RoundState.RELEASED and not any(row.offer.is_open for row in rows),
        "waiting": [table.members[member].name for member in queries.waiting(round, table)],
    }
    return render(request, "formation/answers.html", context)


@access("formation.run_round", find=the_round, methods=("GET", "POST"))
@needs_market
def refill(request: HttpRequest, round: Round) -> HttpResponse:
    """Show who would take the free places; then ask them."""
    if not refills.with_free_places(round):
        return render(request, "formation/refill.html", {"round": round})
    if request.method == "POST":
        joining: dict[int, list[str]] = {}
        for pair in request.POST.getlist("join"):
            offer, _colon, member = pair.partition(":")
            joining.setdefault(number_in(offer) or 0, []).append(member)
        if not joining:
            messages.warning(request, _("Mark whom you want to ask."))
            return redirect("formation:refill", round.pk)
        asked = attempt(request, lambda: actions.refill(round, by=person(request), joining=joining))
        if asked is not None:
            messages.success(request, _("They were asked by mail, and the members who stay were told what changed."))
        return redirect("formation:answers", round.pk)
    table = Table(round)
    suggested = [(each, [table.view(member) for member in each.joining]) for each in refills.suggestions(table)]
    context = {"round": round, "suggestions": suggested, "anybody": any(joining for _each, joining in suggested)}
    return render(request, "formation/refill.html", context)


@access("formation.run_round", find=queries.the_offer, methods=("POST",))
@needs_market
def go_on(request: HttpRequest, offer: Offer) -> HttpResponse:
    if attempt(request, lambda: actions.go_on(offer, by=person(request))):
        messages.success(request, _("The group goes on with the members that it has."))
    return redirect("formation:answers", offer.round_id)


@access("formation.run_round", find=queries.the_offer, methods=("POST",))
def end(request: HttpRequest, offer: Offer) -> HttpResponse:
    if attempt(request, lambda: actions.end(offer, by=person(request))):
        messages.success(request, _("The group is given up. Its members were told, and can be asked for another one."))
    return redirect("formation:answers", offer.round_id)


@access("formation.run_round", find=the_round, methods=("POST",))
def finish(request: HttpRequest, round: Round) -> HttpResponse:
    if attempt(request, lambda: actions.finish(round, by=person(request))):
        messages.success(request, _("The round is finished."))
    return redirect(round)


@access("formation.see_answers")
def mine(request: HttpRequest) -> HttpResponse:
    return render(request, "formation/places.html", {"places": queries.of_leader(person(request))})


@access("formation.read_place", find=queries.the_place)
def place(request: HttpRequest, place: Place) -> HttpResponse:
    return _place_page(request, place, DeclineForm(), MessageForm())


def _proposal(place: Place) -> queries.Proposal | None:
    """What is proposed; nothing where the place is past, or where another sign-up of the round cannot be read just now."""
    with suppress(MarketError):
        return queries.proposal_for(place) if place.is_live else None
    return None


def _place_page(request: HttpRequest, place: Place, decline: DeclineForm, message: MessageForm) -> HttpResponse:
    may_answer = person(request).has_perm("formation.answer_place", place)
    late = place.answer == "asked" and place.due_on < timezone.localdate()
    context = {
        "place": place,
        "offer": place.offer,
        "round": place.offer.round,
        "proposal": _proposal(place),
        "facilitator": place.offer.facilitator.holder() if place.offer.facilitator else None,
        "decline_form": decline,
        "message_form": message,
        "thread": place.messages.select_related("by"),
        "is_late": late,
        "may_answer": may_answer and place.is_live and place.offer.is_open and not late,
        "is_leader": may_answer,
    }
    return render(request, "formation/place.html", context)


@access("formation.answer_place", find=queries.the_place, methods=("POST",))
def answer(request: HttpRequest, place: Place) -> HttpResponse:
    """Accept, or decline with a reason."""
    by = person(request)
    if request.POST.get("answer") == "accept":
        accepted = attempt(request, lambda: actions.accept(place, by=by))
        if accepted and accepted.offer.partnership:
            messages.success(request, _("All members have accepted: your partnership has begun."))
            return redirect(accepted.offer.partnership)
        if accepted:
            messages.success(request, _("Thank you. You have accepted; the others still have to answer."))
        return redirect(place)
    form = DeclineForm(request.POST)
    if request.POST.get("answer") != "decline":
        return redirect(place)
    if not form.is_valid():
        return _place_page(request, place, form, MessageForm())
    if attempt(request, lambda: actions.decline(place, by=by, reason=form.cleaned_data["reason"])):
        messages.success(request, _("You have declined. The host agency knows your reason."))
    return redirect(place)


@access("formation.read_place", find=queries.the_place, methods=("POST",))
def write(request: HttpRequest, place: Place) -> HttpResponse:
    """A question of the leader, or an answer of staff."""
    form = MessageForm(request.POST)
    if not form.is_valid():
        return _place_page(request, place, DeclineForm(), form)
    by, text = person(request), form.cleaned_data["text"]
    from_staff = not by.has_perm("formation.answer_place", place)
    if attempt(request, lambda: actions.write(place, by=by, text=text, from_staff=from_staff)):
        messages.success(request, _("Your message is sent."))
    return redirect(place)
