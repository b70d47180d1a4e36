"""The audit trail: who did what at one's own organizations, as a page and as a file."""

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from commonground.site.audit import queries as audit
from commonground.site.audit.forms import TrailForm
from commonground.site.audit.models import Entry
from commonground.site.audit.verbs import shown
from commonground.site.directory.access import access, person_of
from commonground.site.directory.queries.trail import trail_of
from commonground.tables.writing import csv_bytes

PAGE = 50


def chosen(request: HttpRequest) -> tuple[TrailForm, QuerySet[Entry]]:
    """The filter as the address says it, and the entries that it lets through; an address with a mistake shows the last 30 days."""
    reach = trail_of(person_of(request))
    form = TrailForm(request.GET or {"days": "30"}, verbs=audit.verbs_among(reach))
    wanted = form.cleaned_data if form.is_valid() else {"verb": "", "days": 30}
    return form, audit.entries(reach, **wanted)


@access("directory.see_trail")
def trail(request: HttpRequest) -> HttpResponse:
    form, entries = chosen(request)
    page = Paginator(entries, PAGE).get_page(request.GET.get("page"))
    rows = [(entry, shown(entry.verb)) for entry in page]
    return render(request, "audit/trail.html", {"form": form, "page": page, "rows": rows})


@access("directory.see_trail")
def trail_file(request: HttpRequest) -> HttpResponse:
    """What the page shows, all of it, as CSV."""
    _form, entries = chosen(request)
    header = [_("When"), _("Who"), _("Position at the time"), _("What was done"), _("To what"), _("Details")]
    rows = (
        [
            localtime(entry.at).isoformat(timespec="seconds"),
            entry.actor_name,
            entry.authority,
            shown(entry.verb),
            entry.subject_name,
            "; ".join(f"{name}={value}" for name, value in entry.details.items()),
        ]
        for entry in entries.iterator()
    )
    answer = HttpResponse(csv_bytes(header, rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="audit-trail.csv"'
    return answer
