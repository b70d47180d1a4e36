"""The pages that belong to no feature."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from commonground.site.directory.access import PUBLIC, access


@access(PUBLIC)
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "ui/home.html")
