"""My account: language, positions, requests, and the way to what the sign-in library keeps."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _

from commonground.site.directory.access import SIGNED_IN, access, person_of
from commonground.site.directory.actions import people as actions
from commonground.site.directory.forms.people import AccountForm
from commonground.site.directory.queries import people as queries


@access(SIGNED_IN, methods=("GET", "POST"))
def account(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    form = AccountForm(request.POST or None, instance=person)
    if form.is_valid():
        actions.change_account(person=form.instance, fields=list(form.changed_data))
        with translation.override(form.instance.language):
            messages.success(request, _("Your changes are saved."))
        return redirect("directory:account")
    requests = person.position_requests.select_related("organization")
    shown = {"form": form, "terms": queries.terms_of(person), "requests": requests}
    return render(request, "directory/account.html", shown)
