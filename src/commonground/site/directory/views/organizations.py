"""Finding organizations, and the page of one."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from commonground.site.directory.access import PUBLIC, access
from commonground.site.directory.models import Organization


def the_organization(pk: int) -> Organization:
    found = Organization.objects.select_related("parent").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@access(PUBLIC)
def search(request: HttpRequest) -> HttpResponse:
    return render(request, "directory/search.html", {"organizations": Organization.objects.all()[:50]})


@access(PUBLIC, find=the_organization)
def profile(request: HttpRequest, organization: Organization) -> HttpResponse:
    return render(request, "directory/profile.html", {"organization": organization})
