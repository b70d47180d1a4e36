"""My partnerships, and the page of one."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from commonground.site.directory.access import access
from commonground.site.directory.models import Person
from commonground.site.partnership import queries
from commonground.site.partnership.models import Partnership


def reader(request: HttpRequest) -> Person:
    """Who is signed in; only behind a rule that asks for somebody."""
    assert isinstance(request.user, Person)
    return request.user


def the_partnership(pk: int) -> Partnership:
    try:
        return Partnership.objects.select_related("agency", "facilitator__organization").get(pk=pk)
    except Partnership.DoesNotExist:
        raise Http404 from None


@access("partnership.see_list")
def index(request: HttpRequest) -> HttpResponse:
    return render(request, "partnership/list.html", {"partnerships": queries.partnerships_for(reader(request))})


@access("partnership.read", find=the_partnership)
def overview(request: HttpRequest, partnership: Partnership) -> HttpResponse:
    now = timezone.now()
    meetings = list(partnership.meetings.all())
    return render(
        request,
        "partnership/overview.html",
        {
            "partnership": partnership,
            "members": queries.members_with_leaders(partnership),
            "facilitator": partnership.facilitator.holder() if partnership.facilitator else None,
            "coming": [meeting for meeting in meetings if meeting.ends_at >= now],
            "past": [meeting for meeting in meetings if meeting.ends_at < now],
            "origin": partnership.origin.all(),
            "may_plan": reader(request).has_perm("partnership.plan_meetings", partnership),
        },
    )
