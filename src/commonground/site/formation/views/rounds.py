"""Rounds as staff see and run them."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commonground.engines.formation import MarketError
from commonground.site.directory.access import access
from commonground.site.directory.roles import Role
from commonground.site.formation.actions import rounds as actions
from commonground.site.formation.actions import signups as signup_actions
from commonground.site.formation.actions import travel as travel_actions
from commonground.site.formation.forms import rounds as forms
from commonground.site.formation.forms.files import DriveTimesForm
from commonground.site.formation.models import Blackout, Round
from commonground.site.formation.models.choices import RoundState, SignUpState
from commonground.site.formation.models.stages import Section
from commonground.site.formation.queries import rounds as queries
from commonground.site.formation.queries.checks import findings
from commonground.site.formation.queries.describe import lines_of
from commonground.site.formation.queries.market import market_of
from commonground.site.formation.queries.travel import drive_times_of
from commonground.site.formation.queries.wording import Wording
from commonground.site.formation.views.common import attempt, person, said
from commonground.tables import Problem

PAGE = 20  # sign-ups


@dataclass(frozen=True)
class SectionPage:
    """One section of one round, on its way to be changed."""

    round: Round
    section: Section


def the_section(pk: int, section: str) -> SectionPage:
    if section not in Section.values:
        raise Http404
    return SectionPage(queries.the_round(pk), Section(section))


@access("formation.see_rounds")
def index(request: HttpRequest) -> HttpResponse:
    """Staff find the rounds they run, leaders those that they can join."""
    reader = person(request)
    context = {
        "is_staff": reader.holds(Role.AGENCY_STAFF),
        "hosted": queries.hosted_by(reader),
        "is_leader": reader.holds(Role.LEA_LEADER) or reader.holds(Role.COORDINATOR),
        "invitations": queries.invitations(reader),
    }
    return render(request, "formation/rounds.html", context)


@access("formation.run_rounds", methods=("GET", "POST"))
def new(request: HttpRequest) -> HttpResponse:
    agencies = [held.organization for held in person(request).positions if held.role == Role.AGENCY_STAFF]
    form = forms.NewRoundForm(agencies, request.POST or None)
    if request.method == "POST" and form.is_valid():
        round = actions.create(by=person(request), **form.cleaned_data)
        messages.success(request, _("The draft is ready, with the usual rules of its kind. Check them, then open it."))
        return redirect(round)
    return render(request, "formation/new_round.html", {"form": form})


@access("formation.run_round", find=queries.the_round)
def page(request: HttpRequest, round: Round) -> HttpResponse:
    """Where a round stands: its stage, its sign-ups, what to look at, and what comes next."""
    signups = list(round.signups.select_related("organization__parent", "submitted_by").order_by("organization__name"))
    context = {
        "round": round,
        "labels": [state.label for state in RoundState],
        "current": RoundState.values.index(round.state) + 1,
        "counts": Counter(signup.state for signup in signups),
        # A plain dict: a template asking a Counter for "items" would be told that there are none of them.
        "sectors": dict(
            Counter(
                signup.organization.get_sector_display() for signup in signups if signup.state == SignUpState.SUBMITTED
            )
        ),
        "signups": Paginator(signups, PAGE).get_page(request.GET.get("page")),
        "findings": findings(round) if round.state in {RoundState.OPEN, RoundState.CLOSED} else [],
        "sections": [
            {"section": section, "lines": lines_of(round, section), "may_change": round.may_change(section)}
            for section in Section
        ],
        "takes_paper": round.state in {RoundState.OPEN, RoundState.CLOSED},
    }
    return render(request, "formation/round.html", context)


@access("formation.run_round", find=the_section, methods=("GET", "POST"))
def section(request: HttpRequest, page: SectionPage) -> HttpResponse:
    """Change one section of a round."""
    if not page.round.may_change(page.section):
        messages.info(request, _("This part of the round can no longer be changed."))
        return redirect(page.round)
    if page.section == Section.AREAS:
        return _areas(request, page.round)
    if page.section == Section.BLACKOUTS:
        return _blackouts(request, page.round)
    if page.section == Section.TRAVEL:
        return _travel(request, page.round)
    form = _form(page, request.POST or None)
    if request.method == "POST" and form.is_valid():
        by = person(request)
        values = form.cleaned_data
        if attempt(request, lambda: actions.change(page.round, by=by, section=page.section, values=values)):
            messages.success(request, _("Saved."))
            return redirect(page.round)
    return render(request, "formation/section.html", {"round": page.round, "section": page.section, "form": form})


def _form(page: SectionPage, data: Any) -> Form:
    if page.section in forms.FORMS:
        form: Form = forms.FORMS[page.section](page.round, data)
        return form
    kind = forms.BasicsForm if page.section == Section.BASICS else forms.DatesForm
    form = kind(data, initial={name: getattr(page.round, name) for name in kind.base_fields})
    if isinstance(form, forms.DatesForm):
        form.round = page.round
    return form


def _areas(request: HttpRequest, round: Round) -> HttpResponse:
    initial = [{name: getattr(area, name) for name in forms.AREA_TEXTS} for area in round.areas.all()]
    formset = forms.AreaFormSet(request.POST or None, initial=initial)
    if request.method == "POST" and formset.is_valid():
        kept = [form.cleaned_data for form in formset.ordered_forms if form.cleaned_data.get("name_en")]
        by = person(request)
        attempt(request, lambda: actions.replace_areas(round, by=by, areas=kept))
        return redirect(round)
    return render(request, "formation/areas.html", {"round": round, "formset": formset})


def _blackouts(request: HttpRequest, round: Round) -> HttpResponse:
    form = forms.BlackoutForm(round, request.POST or None)
    if request.method == "POST" and form.is_valid():
        by, pair = person(request), form.cleaned_data
        if attempt(request, lambda: actions.keep_apart(round, by=by, **pair)):
            messages.success(request, _("The pair is kept apart."))
        return redirect("formation:section", pk=round.pk, section=Section.BLACKOUTS)
    pairs = round.blackouts.select_related("first__parent", "second__parent")
    return render(request, "formation/blackouts.html", {"round": round, "form": form, "pairs": pairs})


def _travel(request: HttpRequest, round: Round) -> HttpResponse:
    by, removes = person(request), request.POST.get("act") == "remove"
    if removes:
        attempt(request, lambda: travel_actions.take_away(round, by=by))
        return redirect("formation:section", pk=round.pk, section=Section.TRAVEL)
    form = DriveTimesForm(round, request.POST or None, request.FILES or None)
    problems: tuple[Problem, ...] = ()
    if request.method == "POST" and form.is_valid():
        try:
            found = attempt(request, lambda: travel_actions.bring(round, by=by, market=market_of(round), **form.said()))
        except MarketError as refusal:
            messages.warning(request, Wording(round).say(refusal.reason))
            return redirect(round)
        if found == ():
            messages.success(request, _("These drive times are used from now on."))
            return redirect(round)
        problems = found or ()
    context = {"round": round, "section": Section.TRAVEL, "form": form, "known": drive_times_of(round)}
    return render(request, "formation/travel.html", context | {"problems": [said(problem) for problem in problems]})


def the_blackout(pk: int) -> Blackout:
    try:
        return Blackout.objects.select_related("round__agency").get(pk=pk)
    except Blackout.DoesNotExist:
        raise Http404 from None


@access("formation.run_round", find=the_blackout, methods=("POST",))
def remove_blackout(request: HttpRequest, blackout: Blackout) -> HttpResponse:
    round = blackout.round
    attempt(request, lambda: actions.allow_together(blackout, by=person(request)))
    return redirect("formation:section", pk=round.pk, section=Section.BLACKOUTS)


@access("formation.run_round", find=queries.the_round, methods=("POST",))
def open_round(request: HttpRequest, round: Round) -> HttpResponse:
    """Announce a draft."""
    if attempt(request, lambda: actions.advance(round, to=RoundState.OPEN, by=person(request))):
        messages.success(request, _("The round is announced. Send its public page to those you want to invite."))
    return redirect(round)


@access("formation.run_round", find=queries.the_round, methods=("GET", "POST"))
def close(request: HttpRequest, round: Round) -> HttpResponse:
    """End sign-up, after a look at what still stands in the way."""
    if request.method == "POST":
        if attempt(request, lambda: actions.advance(round, to=RoundState.CLOSED, by=person(request))):
            messages.success(request, _("Sign-up is closed."))
        return redirect(round)
    return render(request, "formation/close.html", {"round": round, "findings": findings(round)})


@access("formation.run_round", find=queries.the_round, methods=("GET", "POST"))
def reopen(request: HttpRequest, round: Round) -> HttpResponse:
    form = forms.ReopenForm(round, request.POST or None)
    if request.method == "POST" and form.is_valid():
        day = form.cleaned_data["closes_on"]
        if attempt(request, lambda: actions.reopen(round, by=person(request), closes_on=day)):
            messages.success(request, _("The round takes sign-ups again."))
        return redirect(round)
    return render(request, "formation/reopen.html", {"round": round, "form": form})


@access("formation.run_round", find=queries.the_round, methods=("GET", "POST"))
def copy(request: HttpRequest, round: Round) -> HttpResponse:
    form = forms.CopyRoundForm(request.POST or None, initial=forms.usual_dates())
    if request.method == "POST" and form.is_valid():
        fresh = actions.copy(round, by=person(request), **form.cleaned_data)
        messages.success(request, _("The new draft has the same rules. Check them, then open it."))
        return redirect(fresh)
    return render(request, "formation/copy_round.html", {"round": round, "form": form})


@access("formation.run_round", find=queries.the_round, methods=("POST",))
def discard(request: HttpRequest, round: Round) -> HttpResponse:
    name = attempt(request, lambda: actions.discard(round, by=person(request)))
    if name is None:
        return redirect(round)
    messages.success(request, _("The draft “%(name)s” is deleted.") % {"name": name})
    return redirect("formation:rounds")


@access("formation.run_round", find=queries.the_round, methods=("POST",))
def remind(request: HttpRequest, round: Round) -> HttpResponse:
    """Write to those who started and did not submit."""
    count = attempt(request, lambda: signup_actions.remind(round, by=person(request)))
    if count is not None:
        text = ngettext(
            "A reminder went out for %(count)s sign-up.", "Reminders went out for %(count)s sign-ups.", count
        )
        messages.success(request, text % {"count": count})
    return redirect(round)
