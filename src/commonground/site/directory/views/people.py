"""An organization's positions: who holds them, who held them, and who comes next."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from commonground.site.directory.access import access, person_of
from commonground.site.directory.actions import people as actions
from commonground.site.directory.forms.people import AppointForm, EndForm, SuccessorForm
from commonground.site.directory.models import Organization, Position
from commonground.site.directory.queries import people as queries
from commonground.site.directory.views.organizations import the_organization


def the_position(pk: int) -> Position:
    found = Position.objects.select_related("organization__parent").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@access("directory.see_people", find=the_organization)
def positions(request: HttpRequest, organization: Organization) -> HttpResponse:
    may_appoint = request.user.has_perm("directory.appoint", organization)
    shown = {"organization": organization, "seats": queries.seats(organization), "may_appoint": may_appoint}
    return render(request, "directory/people.html", shown)


@access("directory.appoint", find=the_organization, methods=("GET", "POST"))
def appoint(request: HttpRequest, organization: Organization) -> HttpResponse:
    form = AppointForm(request.POST or None, organization=organization, by=person_of(request))
    if form.is_valid():
        try:
            term = actions.appoint(organization=organization, by=person_of(request), **form.cleaned_data)
        except ValidationError as problem:
            form.add_error("title", problem)
        else:
            messages.success(request, _("%(name)s is appointed and gets an invitation.") % {"name": term.person})
            return redirect("directory:people", organization.pk)
    return render(request, "directory/appoint.html", {"organization": organization, "form": form})


@access("directory.change_position", find=the_position, methods=("GET", "POST"))
def successor(request: HttpRequest, position: Position) -> HttpResponse:
    form = SuccessorForm(request.POST or None, position=position)
    if form.is_valid():
        try:
            term = actions.name_successor(position=position, by=person_of(request), **form.cleaned_data)
        except ValidationError as problem:
            form.add_error("starts", problem)
        else:
            messages.success(request, _("%(name)s is named and gets an invitation.") % {"name": term.person})
            return redirect("directory:people", position.organization_id)
    return render(request, "directory/successor.html", {"position": position, "holder": form.holder, "form": form})


@access("directory.change_position", find=the_position, methods=("GET", "POST"))
def end(request: HttpRequest, position: Position) -> HttpResponse:
    term = position.terms.on(timezone.localdate()).select_related("person").first()
    if term is None:
        messages.info(request, _("Nobody holds this position today."))
        return redirect("directory:people", position.organization_id)
    form = EndForm(request.POST or None, term=term)
    if form.is_valid():
        actions.end_term(term=term, by=person_of(request), **form.cleaned_data)
        messages.success(request, _("The end is noted. What the position holds stays with it."))
        return redirect("directory:people", position.organization_id)
    return render(request, "directory/end_term.html", {"position": position, "term": term, "form": form})
