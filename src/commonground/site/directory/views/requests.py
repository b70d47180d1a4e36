"""Asking for a position, and answering."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from commonground.site.directory.access import SIGNED_IN, access, person_of
from commonground.site.directory.actions import people as actions
from commonground.site.directory.forms.people import AnswerForm, AskForm
from commonground.site.directory.models import Organization, PositionRequest
from commonground.site.directory.queries import people as queries
from commonground.site.directory.views.organizations import the_organization


def the_request(pk: int) -> PositionRequest:
    found = PositionRequest.objects.select_related("person", "organization__parent").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@access(SIGNED_IN, find=the_organization, methods=("GET", "POST"))
def ask(request: HttpRequest, organization: Organization) -> HttpResponse:
    form = AskForm(request.POST or None, organization=organization)
    if form.is_valid():
        try:
            actions.ask_for_position(organization=organization, by=person_of(request), **form.cleaned_data)
        except ValidationError as problem:
            form.add_error(None, problem)
        else:
            messages.success(request, _("Your request is sent. You get an email with the answer."))
            return redirect("directory:account")
    return render(request, "directory/ask.html", {"organization": organization, "form": form})


@access("directory.see_requests")
def waiting(request: HttpRequest) -> HttpResponse:
    return render(request, "directory/requests.html", {"requests": queries.open_requests(person_of(request))})


@access("directory.answer_request", find=the_request, methods=("GET", "POST"))
def answer(request: HttpRequest, asked: PositionRequest) -> HttpResponse:
    form = AnswerForm(request.POST or None)
    if form.is_valid():
        approve = form.cleaned_data["decision"] == "approve"
        try:
            actions.answer(asked=asked, approve=approve, reason=form.cleaned_data["reason"], by=person_of(request))
        except ValidationError as problem:
            form.add_error("decision", problem)
        else:
            messages.success(request, _("Your answer is on its way."))
            return redirect("directory:requests")
    return render(request, "directory/answer.html", {"asked": asked, "form": form})
