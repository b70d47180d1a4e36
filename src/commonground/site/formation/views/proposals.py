"""Searches and drafts, as staff see them."""

import functools
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from commonground.engines.formation import MarketError
from commonground.formats.formed import pack
from commonground.site.directory.access import access
from commonground.site.formation import plan as plans
from commonground.site.formation.actions import drafts as actions
from commonground.site.formation.actions import searches
from commonground.site.formation.forms.proposals import NoteForm, SearchForm
from commonground.site.formation.models import Draft, Round, Search, Version
from commonground.site.formation.models.choices import RoundState
from commonground.site.formation.models.stages import RefusedError
from commonground.site.formation.queries import drafts as queries
from commonground.site.formation.queries.destinations import destinations
from commonground.site.formation.queries.drafts import Table
from commonground.site.formation.queries.maps import map_of
from commonground.site.formation.queries.rounds import the_round
from commonground.site.formation.queries.wording import Wording
from commonground.site.formation.views.common import person

MOST_COMPARED = 4
GROUPS_ON_A_PAGE = 40  # a round of a thousand schools has 250 groups


def needs_market(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Where the sign-ups cannot be read as members (one has no place, say), tell staff what to repair instead of failing."""

    @functools.wraps(view)
    def shown(request: HttpRequest, thing: Any) -> HttpResponse:
        try:
            return view(request, thing)
        except MarketError as refusal:
            round = thing if isinstance(thing, Round) else thing.round
            messages.warning(request, Wording(round).say(refusal.reason))
            return redirect(round)

    return shown


def version_of(draft: Draft) -> Version:
    if draft.current is None:
        raise Http404
    return draft.current


@access("formation.run_round", find=the_round)
def index(request: HttpRequest, round: Round) -> HttpResponse:
    drafts = list(round.drafts.select_related("current__by"))
    context = {
        "round": round,
        "drafts": drafts,
        "searches": round.searches.select_related("asked_by", "result")[:10],
        "signups": round.signups.submitted().count(),
        "form": SearchForm(),
        "may_search": round.state in (RoundState.CLOSED, RoundState.PROPOSALS),
    }
    return render(request, "formation/proposals.html", context)


@access("formation.run_round", find=the_round, methods=("POST",))
def start_search(request: HttpRequest, round: Round) -> HttpResponse:
    form = SearchForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose how long to search, and for how many proposals."))
        return redirect("formation:proposals", round.pk)
    try:
        search = searches.start(round, by=person(request), **form.cleaned_data)
    except RefusedError as refusal:
        messages.warning(request, str(refusal))
        return redirect("formation:proposals", round.pk)
    return redirect(search)


def shown(search: Search) -> dict[str, Any]:
    """What the page and its partial show of a search."""
    progress = search.progress
    members = [member for group in progress.get("groups", []) for member in group]
    return {
        "search": search,
        "round": search.round,
        "progress": progress,
        "placed": len(members),
        "found": len(progress.get("groups", [])),
        "percent": min(99, int(100 * progress.get("seconds", 0) / search.seconds)),
        "is_checking": progress.get("seconds", 0) >= search.seconds,
        "refusal": Wording(search.round).say(search.refusal) if search.refusal else "",
    }


@access("formation.run_round", find=queries.the_search)
def search_page(request: HttpRequest, search: Search) -> HttpResponse:
    return render(request, "formation/search.html", shown(search))


@access("formation.run_round", find=queries.the_search)
def search_progress(request: HttpRequest, search: Search) -> HttpResponse:
    """The part of the page that changes; htmx asks for it every two seconds and stops at status 286."""
    if not search.is_under_way:
        response = render(request, "formation/search_progress.html", shown(search), status=286)
        response["HX-Refresh"] = "true"
        return response
    return render(request, "formation/search_progress.html", shown(search))


@access("formation.run_round", find=queries.the_search, methods=("POST",))
def stop_search(request: HttpRequest, search: Search) -> HttpResponse:
    searches.stop(search, by=person(request))
    messages.info(request, _("The search ends now and keeps the best groups that it has found."))
    return redirect(search)


@access("formation.run_round", find=queries.the_draft)
@needs_market
def draft_page(request: HttpRequest, draft: Draft) -> HttpResponse:
    version = version_of(draft)
    table = Table(draft.round)
    plan, history = table.plan(version), _line(version)
    wanted = request.GET.get("q", "").strip()
    page = Paginator(table.with_member(plan, wanted) if wanted else plan, GROUPS_ON_A_PAGE).get_page(
        request.GET.get("page")
    )
    proven = next((each for each in history if each.proof is not None), None)
    parts = table.parts(plan)
    context = {
        "draft": draft,
        "round": draft.round,
        "version": version,
        "proven": proven,
        "groups": len(plan),
        "page": page,
        "wanted": wanted,
        "is_long": len(plan) > GROUPS_ON_A_PAGE,
        "cards": table.cards(version, page.object_list),
        "unplaced": table.unplaced(version),
        "gone": table.gone(version),
        "score": sum(points for _part, points in parts),
        "parts": parts,
        "broken": table.broken(plan, version.wishes),
        "placed": sum(len(planned.members) for planned in plan),
        "apart": [table.names(set(pair) & table.ids) for pair in version.wishes["apart"]],
        "map": map_of(table, plan),
        "outdated": version.inputs != table.fingerprint,
        "problems": table.wording.say_all(version.proof or []),
        "history": history,
        "notes": draft.notes.select_related("by"),
        "note_form": NoteForm(),
        "others": draft.round.drafts.exclude(pk=draft.pk),
        "may_change": draft.round.state == RoundState.PROPOSALS,
    }
    return render(request, "formation/draft.html", context)


def _line(version: Version) -> list[Version]:
    """The version and those it was made from, newest first."""
    heavy = ("groups", "unplaced", "certificate")
    known = {each.pk: each for each in version.draft.versions.select_related("by").defer(*heavy)}
    line, current = [], known.get(version.pk)
    while current is not None:
        line.append(current)
        current = known.get(current.parent_id) if current.parent_id else None
    return line


@access("formation.run_round", find=queries.the_draft)
@needs_market
def certificate(request: HttpRequest, draft: Draft) -> HttpResponse:
    """The last answer of the engine in this draft with members, rules and proof, as `commonground form check` reads it."""
    proven = next((each for each in _line(version_of(draft)) if each.proof is not None), None)
    if proven is None or proven.certificate is None:
        raise Http404
    table = Table(draft.round)
    if proven.inputs != table.fingerprint:
        messages.warning(request, _("Sign-ups or rules have changed since. Form the groups again to get a new proof."))
        return redirect(draft)
    packed = pack(queries.formed(table, proven))
    response = HttpResponse(packed, content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="proposal-{draft.number}.zip"'
    return response


@access("formation.run_round", find=the_round)
@needs_market
def compare(request: HttpRequest, round: Round) -> HttpResponse:
    numbers = {int(number) for number in request.GET.getlist("draft") if number.isdecimal() and len(number) < 6}
    drafts = round.drafts.select_related("current").exclude(current=None)
    chosen = [draft for draft in drafts if not numbers or draft.number in numbers][:MOST_COMPARED]
    if not chosen:
        return render(request, "formation/compare.html", {"round": round})
    table = Table(round)
    columns = [queries.column(table, draft) for draft in chosen]
    rows = [(part[0], [column.parts[i][1] for column in columns]) for i, part in enumerate(columns[0].parts)]
    context = {"round": round, "columns": columns, "rows": rows, "drafts": drafts, "unit": table.unit}
    context["differences"] = _differences(table, columns)
    return render(request, "formation/compare.html", context)


def _differences(table: Table, columns: list[queries.Column]) -> list[tuple[str, list[str]]]:
    """Each member that is with other partners in one of the drafts, and with whom in each."""
    partners = []
    for column in columns:
        mates = {
            m.id: [o.member.name for o in card.members if o is not m] for card in column.cards for m in card.members
        }
        partners.append(mates)
    found = []
    for member in table.by_name(table.ids):
        each = [mates.get(member, []) for mates in partners]
        if any(one != each[0] for one in each):
            found.append((table.members[member].name, [", ".join(names) for names in each]))
    return found


@access("formation.run_round", find=queries.the_draft, methods=("GET", "POST"))
@needs_market
def move(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Where could this member go? First the list with what each would do, then one of them in full, then it is done."""
    version, table = version_of(draft), Table(draft.round)
    asked = request.POST if request.method == "POST" else request.GET
    member, to, other = asked.get("member", ""), asked.get("to", ""), asked.get("swap", "")
    if member not in table.ids or (other and other not in table.ids):
        return redirect(draft)
    if request.method == "POST":
        return _move_now(request, draft, table, member, to, other)
    context = {
        "draft": draft,
        "round": draft.round,
        "version": version,
        "member": table.view(member),
        "to": to,
        "swap": other,
    }
    plan = table.plan(version)
    if not to and not other:
        context["destinations"] = destinations(table, version, member)
        context["home"] = plans.home_of(plan, member)
        return render(request, "formation/move.html", context)
    after = plans.swapped(plan, member, other) if other else plans.moved(plan, member, number_in(to))
    context |= {"preview": queries.preview(table, version, after), "other": table.view(other) if other else None}
    return render(request, "formation/move_preview.html", context)


def _move_now(request: HttpRequest, draft: Draft, table: Table, member: str, to: str, other: str) -> HttpResponse:
    by, seen = person(request), number_in(request.POST.get("seen", "")) or 0
    try:
        if other:
            actions.swap(draft, by=by, seen=seen, member=member, other=other, table=table)
        else:
            actions.move(draft, by=by, seen=seen, member=member, to=number_in(to), table=table)
        messages.success(request, _("Done. You can undo it."))
    except RefusedError as refusal:
        messages.warning(request, str(refusal))
    return redirect(draft)


def number_in(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 9 else None


@access("formation.run_round", find=queries.the_draft, methods=("POST",))
@needs_market
def change(request: HttpRequest, draft: Draft) -> HttpResponse:
    """The small decisions about a draft: keep, pin, set apart, must be placed, undo, note."""
    act = ACTS.get(request.POST.get("act", ""))
    if act is None:
        return redirect(draft)
    try:
        messages.success(request, act(request, draft))
    except RefusedError as refusal:
        messages.warning(request, str(refusal))
    return redirect(draft)


def _keep(request: HttpRequest, draft: Draft) -> str:
    group = number_in(request.POST.get("group", "")) or 0
    made = actions.keep(draft, **_who(request), group=group, table=Table(draft.round))
    kept = group in made.wishes["kept"]
    return _("This group stays as it is when you form the others again.") if kept else _("This group may change again.")


def _pin(request: HttpRequest, draft: Draft) -> str:
    actions.pin(draft, **_who(request), members=request.POST.getlist("member"), table=Table(draft.round))
    return _("These members stay together when you form groups again.")


def _unpin(request: HttpRequest, draft: Draft) -> str:
    actions.unpin(draft, **_who(request), members=request.POST.getlist("member"), table=Table(draft.round))
    return _("These members need not stay together any more.")


def _apart(request: HttpRequest, draft: Draft) -> str:
    actions.set_apart(draft, **_who(request), members=request.POST.getlist("member"), table=Table(draft.round))
    return _("Noted. Form the groups again to see the effect.")


def _must(request: HttpRequest, draft: Draft) -> str:
    actions.must_place(draft, **_who(request), member=request.POST.get("member", ""), table=Table(draft.round))
    return _("Noted. Form the groups again to see the effect.")


def _undo(request: HttpRequest, draft: Draft) -> str:
    actions.undo(draft, **_who(request))
    return _("The last change is undone.")


def _note(request: HttpRequest, draft: Draft) -> str:
    form = NoteForm(request.POST)
    if not form.is_valid():
        raise RefusedError(_("Write something first; a note has at most 2,000 characters."))
    actions.note(draft, by=person(request), text=form.cleaned_data["text"])
    return _("The note is kept.")


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"by": person(request), "seen": number_in(request.POST.get("seen", "")) or 0}


ACTS: dict[str, Callable[[HttpRequest, Draft], str]] = {
    "keep": _keep,
    "pin": _pin,
    "unpin": _unpin,
    "apart": _apart,
    "must": _must,
    "undo": _undo,
    "note": _note,
}


@access("formation.run_round", find=queries.the_draft, methods=("POST",))
def again(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Form the groups again around what staff keep."""
    try:
        search = searches.start(
            draft.round, by=person(request), seconds=searches.SECONDS_AROUND, base=version_of(draft)
        )
    except RefusedError as refusal:
        messages.warning(request, str(refusal))
        return redirect(draft)
    return redirect(search)
