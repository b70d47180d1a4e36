"""The taxonomy of an agency, and the words that volunteers used instead of it."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from commonground.site.directory.access import access
from commonground.site.directory.models import Organization
from commonground.site.directory.models.organization import Kind
from commonground.site.directory.roles import Role
from commonground.site.formation.actions import topics as actions
from commonground.site.formation.forms.topics import AssignForm, MergeForm, TopicForm
from commonground.site.formation.models import Round, Topic, TopicChoice
from commonground.site.formation.queries import rounds as round_queries
from commonground.site.formation.queries.topics import by_family, usage
from commonground.site.formation.views.common import attempt, person


def the_topic(pk: int) -> Topic:
    try:
        return Topic.objects.select_related("agency", "merged_into").get(pk=pk)
    except Topic.DoesNotExist:
        raise Http404 from None


def the_agency(agency: int) -> Organization:
    try:
        return Organization.objects.get(pk=agency, kind=Kind.AGENCY)
    except Organization.DoesNotExist:
        raise Http404 from None


def the_choice(pk: int) -> TopicChoice:
    try:
        return TopicChoice.objects.select_related("signup__round__agency", "signup__organization").get(pk=pk)
    except TopicChoice.DoesNotExist:
        raise Http404 from None


@access("formation.run_rounds")
def index(request: HttpRequest) -> HttpResponse:
    """The topics of every agency whose staff this person is."""
    agencies = [held.organization for held in person(request).positions if held.role == Role.AGENCY_STAFF]
    for agency in agencies:
        actions.ensure_standard(agency)
    pages = [
        {
            "agency": agency,
            "families": by_family(agency),
            "gone": Topic.objects.filter(agency=agency).gone().select_related("merged_into"),
        }
        for agency in agencies
    ]
    return render(request, "formation/topics.html", {"pages": pages})


@access("formation.change_topics", find=the_agency, methods=("GET", "POST"))
def new(request: HttpRequest, agency: Organization) -> HttpResponse:
    form = TopicForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        topic = actions.add(by=person(request), agency=agency, **form.cleaned_data)
        messages.success(request, _("“%(topic)s” can be chosen from now on.") % {"topic": topic})
        return redirect("formation:topics")
    return render(request, "formation/topic.html", {"form": form, "topic": None})


@access("formation.change_topic", find=the_topic, methods=("GET", "POST"))
def change(request: HttpRequest, topic: Topic) -> HttpResponse:
    form = TopicForm(request.POST or None, instance=topic)
    if request.method == "POST" and form.is_valid():
        actions.change(topic, by=person(request), **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("formation:topics")
    return render(
        request, "formation/topic.html", {"form": form, "topic": topic, "used": usage(topic.agency)[topic.pk]}
    )


@access("formation.change_topic", find=the_topic, methods=("GET", "POST"))
def merge(request: HttpRequest, topic: Topic) -> HttpResponse:
    form = MergeForm(topic, request.POST or None)
    if request.method == "POST" and form.is_valid():
        into = form.cleaned_data["into"]
        if attempt(request, lambda: actions.merge(topic, into=into, by=person(request))):
            text = _("“%(topic)s” is now part of “%(into)s”.")
            messages.success(request, text % {"topic": topic, "into": into})
        return redirect("formation:topics")
    return render(request, "formation/merge_topic.html", {"form": form, "topic": topic})


@access("formation.change_topic", find=the_topic, methods=("POST",))
def retire(request: HttpRequest, topic: Topic) -> HttpResponse:
    actions.retire(topic, by=person(request))
    messages.success(request, _("“%(topic)s” is no longer offered. Old sign-ups keep it.") % {"topic": topic})
    return redirect("formation:topics")


@access("formation.change_topic", find=the_topic, methods=("POST",))
def restore(request: HttpRequest, topic: Topic) -> HttpResponse:
    actions.restore(topic, by=person(request))
    messages.success(request, _("“%(topic)s” can be chosen again.") % {"topic": topic})
    return redirect("formation:topics")


@access("formation.run_round", find=round_queries.the_round)
def words(request: HttpRequest, round: Round) -> HttpResponse:
    """Needs and strengths in own words, each with a choice of topics."""
    choices = (
        TopicChoice.objects.filter(signup__round=round)
        .exclude(words="")
        .select_related("signup__organization", "topic")
    )
    rows = [(choice, AssignForm(round.agency, prefix=f"c{choice.pk}")) for choice in choices.order_by("topic_id", "pk")]
    return render(request, "formation/words.html", {"round": round, "rows": rows})


@access("formation.run_round", find=the_choice, methods=("POST",))
def assign(request: HttpRequest, choice: TopicChoice) -> HttpResponse:
    round = choice.signup.round
    form = AssignForm(round.agency, request.POST, prefix=f"c{choice.pk}")
    if not form.is_valid():
        messages.error(request, _("Choose a topic for “%(words)s”.") % {"words": choice.words})
    elif attempt(request, lambda: actions.assign(choice, topic=form.cleaned_data["topic"], by=person(request))):
        text = _("“%(words)s” counts as “%(topic)s”.")
        messages.success(request, text % {"words": choice.words, "topic": form.cleaned_data["topic"]})
    return redirect("formation:words", pk=round.pk)
