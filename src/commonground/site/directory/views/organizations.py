"""Finding organizations, the page of one, and changing it by hand."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from commonground.site.directory.access import PUBLIC, access, person_of
from commonground.site.directory.actions import organizations as actions
from commonground.site.directory.forms.organizations import CloseForm, FilterForm, OrganizationForm
from commonground.site.directory.maps import Spot, draw
from commonground.site.directory.models import Organization
from commonground.site.directory.queries import facts
from commonground.site.directory.queries import search as queries
from commonground.site.directory.queries.history import history

PAGE = 25
SCHOOLS_SHOWN = 25


def the_organization(pk: int) -> Organization:
    found = Organization.objects.select_related("parent").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@access(PUBLIC)
def search(request: HttpRequest) -> HttpResponse:
    form = FilterForm(request.GET)
    some = queries.found(form.filters())
    page = Paginator(some, PAGE).get_page(request.GET.get("page"))
    as_map = request.GET.get("view") == "map"
    shown = {
        "form": form,
        "page": page,
        "sources": facts.sources_of_fact("enrollment", page.object_list),
        "as_map": as_map,
        "map": draw(queries.spots(some)) if as_map else None,
        "is_empty": not Organization.objects.exists(),
        "may_import": request.user.is_authenticated and request.user.has_perm("directory.import"),
        "may_add": request.user.is_authenticated and request.user.has_perm("directory.add_organization"),
    }
    return render(request, "directory/search.html", shown)


@access(PUBLIC, find=the_organization)
def profile(request: HttpRequest, organization: Organization) -> HttpResponse:
    schools = organization.schools.order_by("name")
    shown = {
        "organization": organization,
        "facts": facts.blocks(organization),
        "schools": schools[:SCHOOLS_SHOWN],
        "school_count": schools.count(),
        "map": draw(_around(organization), least_span=1.2),  # wide enough to show where in the county it lies
        "place_source": facts.sources_of(organization).get("latitude"),
        "history": history(organization),
        "may_change": request.user.is_authenticated
        and request.user.has_perm("directory.change_organization", organization),
    }
    return render(request, "directory/profile.html", shown)


def _around(organization: Organization) -> list[Spot]:
    """An organization and, for an LEA, its schools."""
    return queries.spots(Organization.objects.filter(pk=organization.pk) | organization.schools.all())


@access("directory.add_organization", methods=("GET", "POST"))
def add(request: HttpRequest) -> HttpResponse:
    form = OrganizationForm(request.POST or None, by=person_of(request))
    if form.is_valid():
        try:
            organization = actions.add(by=person_of(request), **form.facts())
        except actions.TakenError as problem:
            form.add_error("nces_id", problem)
        else:
            messages.success(request, _("%(name)s is in the directory now.") % {"name": organization})
            return redirect(organization)
    return render(request, "directory/organization_form.html", {"form": form})


@access("directory.change_organization", find=the_organization, methods=("GET", "POST"))
def change(request: HttpRequest, organization: Organization) -> HttpResponse:
    form = OrganizationForm(request.POST or None, by=person_of(request), instance=organization)
    if form.is_valid():
        try:
            changed = actions.change(organization, by=person_of(request), **form.facts())
        except actions.TakenError as problem:
            form.add_error("nces_id", problem)
        else:
            text = _("The changes are saved, with your name and today's date.")
            messages.success(request, text if changed else _("Nothing was changed."))
            return redirect(organization)
    return render(
        request, "directory/organization_form.html", {"form": form, "organization": the_organization(organization.pk)}
    )


@access("directory.change_organization", find=the_organization, methods=("GET", "POST"))
def close(request: HttpRequest, organization: Organization) -> HttpResponse:
    form = CloseForm(request.POST or None)
    if form.is_valid():
        actions.close(organization, by=person_of(request), on=form.cleaned_data["on"])
        messages.success(request, _("%(name)s is marked as closed.") % {"name": organization})
        return redirect(organization)
    return render(request, "directory/close.html", {"form": form, "organization": organization})
