"""The pages that belong to no feature."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import check_for_language
from django.views.i18n import set_language

from commonground.site.directory.access import PUBLIC, access
from commonground.site.ui.sample_components import examples


@access(PUBLIC)
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "ui/home.html")


@access(PUBLIC)
def components(request: HttpRequest) -> HttpResponse:
    """Every component in the language in force, for whoever writes a page or checks the look."""
    return render(request, "ui/components.html", examples())


@access(PUBLIC, methods=("POST",))
def language(request: HttpRequest) -> HttpResponse:
    """Switch the language: kept in a cookie, and with the person who is signed in."""
    chosen = request.POST.get("language", "")
    if request.user.is_authenticated and check_for_language(chosen):
        request.user.language = chosen
        request.user.save(update_fields=["language"])
    return set_language(request)
