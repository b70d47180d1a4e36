"""One meeting: read it, put it into a calendar, propose, change, confirm and cancel it."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from commonground.site.directory.access import access
from commonground.site.partnership import queries
from commonground.site.partnership.actions import meetings as actions
from commonground.site.partnership.actions.meetings import ChangedMeanwhileError
from commonground.site.partnership.forms import MeetingForm
from commonground.site.partnership.models import Meeting, Partnership
from commonground.site.partnership.views.partnerships import reader, the_partnership


def the_meeting(pk: int) -> Meeting:
    try:
        return Meeting.objects.select_related("partnership__agency", "partnership__facilitator").get(pk=pk)
    except Meeting.DoesNotExist:
        raise Http404 from None


def seen(request: HttpRequest) -> int:
    """The version of the meeting that the page showed; -1, which is never current, for anything else."""
    value = request.POST.get("seen", "")
    return int(value) if value.isdecimal() and len(value) < 10 else -1


@access("partnership.read", find=the_meeting)
def page(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    may_plan = reader(request).has_perm("partnership.plan_meetings", meeting)
    people = queries.invited(meeting.partnership)
    return render(request, "partnership/meeting.html", {"meeting": meeting, "people": people, "may_plan": may_plan})


@access("partnership.read", find=the_meeting)
def calendar_file(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    response = HttpResponse(actions.file_of(meeting), content_type="text/calendar; charset=utf-8; method=PUBLISH")
    response["Content-Disposition"] = f'attachment; filename="meeting-{meeting.pk}.ics"'
    return response


@access("partnership.plan_meetings", find=the_partnership, methods=("GET", "POST"))
def propose(request: HttpRequest, partnership: Partnership) -> HttpResponse:
    form = MeetingForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        meeting = actions.propose(by=reader(request), partnership=partnership, **form.said())
        messages.success(request, _("The meeting is proposed, and everybody concerned was invited by mail."))
        return redirect(meeting)
    people = queries.invited(partnership)
    return render(
        request, "partnership/meeting_form.html", {"form": form, "partnership": partnership, "people": people}
    )


@access("partnership.plan_meetings", find=the_meeting, methods=("GET", "POST"))
def change(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    if not meeting.is_open:
        messages.info(request, _("This meeting was cancelled. Propose a new one."))
        return redirect(meeting)
    form = MeetingForm(request.POST or None, instance=meeting)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change(by=reader(request), meeting=meeting, seen=seen(request), **form.said())
        except ChangedMeanwhileError as refusal:
            messages.warning(request, str(refusal))
        else:
            messages.success(request, _("The meeting is changed, and everybody got the change by mail."))
        return redirect(meeting)
    context = {"form": form, "partnership": meeting.partnership, "meeting": meeting}
    return render(request, "partnership/meeting_form.html", context | {"people": queries.invited(meeting.partnership)})


@access("partnership.plan_meetings", find=the_meeting, methods=("POST",))
def confirm(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    try:
        actions.confirm(by=reader(request), meeting=meeting, seen=seen(request))
        messages.success(request, _("The meeting is confirmed."))
    except ChangedMeanwhileError as refusal:
        messages.warning(request, str(refusal))
    return redirect(meeting)


@access("partnership.plan_meetings", find=the_meeting, methods=("GET", "POST"))
def cancel(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    if request.method != "POST":
        people = queries.invited(meeting.partnership)
        return render(request, "partnership/cancel_meeting.html", {"meeting": meeting, "people": people})
    try:
        actions.cancel(by=reader(request), meeting=meeting, seen=seen(request))
        messages.success(request, _("The meeting is cancelled, and everybody was told by mail."))
    except ChangedMeanwhileError as refusal:
        messages.warning(request, str(refusal))
    return redirect(meeting)
