"""Facilitators: offer, list, change, and who accompanies which group."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from commonground.site.directory.access import SIGNED_IN, access
from commonground.site.directory.actions.people import person_with
from commonground.site.directory.models import Organization
from commonground.site.directory.roles import Role
from commonground.site.formation.actions import drafts
from commonground.site.formation.actions import facilitators as actions
from commonground.site.formation.forms.facilitators import FacilitatorForm, NewPersonForm
from commonground.site.formation.models import Draft, Facilitator
from commonground.site.formation.models.choices import RoundState
from commonground.site.formation.models.stages import RefusedError
from commonground.site.formation.queries import facilitators as queries
from commonground.site.formation.queries.drafts import Table, the_draft
from commonground.site.formation.views.common import person
from commonground.site.formation.views.proposals import needs_market, number_in, version_of


@access("formation.see_facilitators")
def index(request: HttpRequest) -> HttpResponse:
    rows = queries.of_staff(person(request))
    busy = queries.groups_now(rows)
    agencies = [held.organization for held in person(request).positions if held.role == Role.AGENCY_STAFF]
    context = {"rows": [(row, busy[row.pk]) for row in rows.prefetch_related("topics")], "agencies": agencies}
    return render(request, "formation/facilitators.html", context)


@access(SIGNED_IN, find=queries.the_agency, methods=("GET", "POST"))
def offer(request: HttpRequest, agency: Organization) -> HttpResponse:
    """Somebody offers to facilitate for this agency; whoever did before changes what they said."""
    me = person(request)
    known = Facilitator.objects.filter(agency=agency, person=me).first()
    form = FacilitatorForm(request.POST or None, agency=agency, instance=known)
    if request.method == "POST" and form.is_valid():
        row = actions.save(by=me, agency=agency, person=me, **form.said())
        messages.success(request, _("Thank you. The agency's staff have your offer; you can change it here."))
        return redirect(row)
    return render(request, "formation/facilitator_form.html", {"form": form, "agency": agency, "row": known})


@access("formation.add_facilitator", find=queries.the_agency, methods=("GET", "POST"))
def add(request: HttpRequest, agency: Organization) -> HttpResponse:
    """Staff type in an offer that came on paper or by phone."""
    who = NewPersonForm(request.POST or None)
    form = FacilitatorForm(request.POST or None, agency=agency)
    if request.method == "POST" and who.is_valid() and form.is_valid():
        them = person_with(who.cleaned_data["email"], who.cleaned_data["name"])
        row = actions.save(by=person(request), agency=agency, person=them, **form.said())
        actions.accept(row, by=person(request))
        messages.success(request, _("%(name)s can now be assigned to groups.") % {"name": them})
        return redirect("formation:facilitators")
    return render(request, "formation/facilitator_form.html", {"form": form, "who": who, "agency": agency})


@access("formation.change_facilitator", find=queries.the_facilitator, methods=("GET", "POST"))
def page(request: HttpRequest, row: Facilitator) -> HttpResponse:
    form = FacilitatorForm(request.POST or None, agency=row.agency, instance=row)
    if request.method == "POST" and form.is_valid():
        actions.save(by=person(request), agency=row.agency, person=row.person, **form.said())
        messages.success(request, _("Saved."))
        return redirect(row)
    fresh = queries.the_facilitator(row.pk)  # the form has written on the first one
    return render(request, "formation/facilitator_form.html", {"form": form, "agency": row.agency, "row": fresh})


@access("formation.accept_facilitator", find=queries.the_facilitator, methods=("POST",))
def accept(request: HttpRequest, row: Facilitator) -> HttpResponse:
    actions.accept(row, by=person(request))
    messages.success(request, _("%(name)s can now be assigned to groups.") % {"name": row})
    return redirect("formation:facilitators")


@access("formation.accept_facilitator", find=queries.the_facilitator, methods=("POST",))
def rest(request: HttpRequest, row: Facilitator) -> HttpResponse:
    actions.rest(row, by=person(request))
    messages.success(request, _("%(name)s gets no new groups until you change this.") % {"name": row})
    return redirect("formation:facilitators")


@access("formation.run_round", find=the_draft, methods=("GET", "POST"))
@needs_market
def assignment(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Who accompanies which group of this draft, and why; staff choose, refuse or let the assignment choose again."""
    if request.method == "POST":
        _decide(request, draft)
        return redirect("formation:draft_facilitators", draft.pk)
    version, table = version_of(draft), Table(draft.round)
    context = {
        "draft": draft,
        "round": draft.round,
        "version": version,
        "assignment": queries.assignment(table, version),
        "may_change": draft.round.state == RoundState.PROPOSALS,
    }
    return render(request, "formation/draft_facilitators.html", context)


def _decide(request: HttpRequest, draft: Draft) -> None:
    group, who = number_in(request.POST.get("group", "")), number_in(request.POST.get("facilitator", ""))
    act, seen = request.POST.get("act"), number_in(request.POST.get("seen", "")) or 0
    if group is None or (who and not Facilitator.objects.filter(pk=who, agency=draft.round.agency).exists()):
        return
    try:
        if act == "choose":
            drafts.choose_facilitator(draft, by=person(request), seen=seen, group=group, facilitator=who)
        elif act == "refuse" and who:
            drafts.refuse_facilitator(draft, by=person(request), seen=seen, group=group, facilitator=who)
        else:
            return
        messages.success(request, _("Done. You can undo it."))
    except RefusedError as refusal:
        messages.warning(request, str(refusal))
