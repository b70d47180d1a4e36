"""Mails that could not be delivered: what staff see of them, and another try."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from commonground.site.directory.access import access, person_of
from commonground.site.directory.queries import undelivered as queries
from commonground.site.ui import mail

PAGE = 50


@access("directory.see_undelivered")
def undelivered(request: HttpRequest) -> HttpResponse:
    page = Paginator(queries.undelivered(person_of(request)), PAGE).get_page(request.GET.get("page"))
    return render(request, "directory/undelivered.html", {"page": page})


@access("directory.see_undelivered", methods=("POST",))
def send_again(request: HttpRequest, pk: int) -> HttpResponse:
    letter = queries.in_reach(person_of(request)).filter(pk=pk).first()
    if letter is None:
        raise Http404
    mail.send_again(letter)
    messages.success(request, _("The mail to %(name)s is on its way again.") % {"name": letter.to})
    return redirect("directory:undelivered")
