"""Ordering a search, following it, and saving its whole result or nothing."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from commonground.engines.formation import FormationError, Progress, Reason
from commonground.site.audit.actions import record
from commonground.site.directory.models import Person
from commonground.site.formation import plan as plans
from commonground.site.formation.actions.rounds import locked
from commonground.site.formation.models import Draft, Round, Search, Version
from commonground.site.formation.models.choices import RoundState
from commonground.site.formation.models.proposals import UNDER_WAY, How, SearchState, fresh_wishes
from commonground.site.formation.models.stages import RefusedError
from commonground.site.formation.queries.drafts import Table, wished
from commonground.site.formation.solver import Found, Order

TASK = "formation.search"
MOST_ATTEMPTS = 3
SECONDS_AROUND = 20  # what "form again around what is kept" takes at most


@transaction.atomic
def start(round: Round, *, by: Person, seconds: int, wanted: int = 1, base: Version | None = None) -> Search:
    """Order a search. While one is under way, that one is returned: a second click starts nothing."""
    current = locked(round)
    if current.state not in (RoundState.CLOSED, RoundState.PROPOSALS):
        raise RefusedError(_("Groups are formed between the end of sign-up and the release. Close the sign-up first."))
    running = current.searches.filter(state__in=UNDER_WAY).first()
    if running:
        return running
    search = Search.objects.create(round=current, base=base, seconds=seconds, wanted=wanted, asked_by=by)
    job = app.configure_task(TASK, lock=f"round-{current.pk}", queueing_lock=f"search-{search.pk}")
    job.defer(search_id=search.pk)
    record("search started", by=by, on=current, tenant=current.agency, seconds=seconds, wanted=wanted)
    return search


@transaction.atomic
def stop(search: Search, *, by: Person) -> None:
    """Ask a search to end with the best that it has. One that still waits for its turn is taken back."""
    current = Search.objects.select_for_update(of=("self",)).select_related("round__agency").get(pk=search.pk)
    if not current.is_under_way or current.stop_asked:
        return
    current.stop_asked = True
    if current.state == SearchState.WAITING:
        current.state, current.ended_at = SearchState.REFUSED, timezone.now()
        current.refusal = {"code": "taken_back", "data": {}}
    current.save()
    record("search stopped", by=by, on=current.round, tenant=current.round.agency)


@transaction.atomic
def begin(search_id: int) -> Search | None:
    """Take up a search: for the first time, or again after a worker died. None where there is nothing (more) to do."""
    search = Search.objects.select_for_update(of=("self",)).select_related("round__agency", "base__draft")
    current = search.filter(pk=search_id, state__in=UNDER_WAY).first()
    if current is None:
        return None
    current.attempts += 1
    current.state, current.started_at, current.progress = SearchState.RUNNING, timezone.now(), {}
    if current.attempts > MOST_ATTEMPTS:
        _end_refused(current, {"code": "search_broke", "data": {}})
        return None
    current.save()
    return current


def order_of(search: Search, table: Table) -> Order:
    """What the engine is asked. Raises FormationError where a decision of staff cannot be a rule."""
    if search.base is None:
        return Order(table.market, table.rules, search.seconds, search.wanted)
    plan = table.plan(search.base)
    rules = wished(table.rules, search.base.wishes, plan, table.ids)
    return Order(table.market, rules, search.seconds, start=plans.groups(plan))


def report(search: Search, progress: Progress | None) -> bool:
    """Show how far it is; False when somebody asked it to stop. No transaction: progress may be lost, the result may not."""
    if progress is not None:
        shown = {
            "seconds": round(progress.seconds, 1),
            "score": progress.score,
            "bound": progress.bound,
            "groups": [list(group.members) for group in progress.groups],
        }
        Search.objects.filter(pk=search.pk, state=SearchState.RUNNING).update(progress=shown)
    return not Search.objects.filter(pk=search.pk, stop_asked=True).exists()


@transaction.atomic
def save(search: Search, found: Sequence[Found], table: Table) -> None:
    """Save all answers and end the search; or, where it was ended meanwhile, nothing."""
    round = locked(search.round)
    current = Search.objects.select_for_update(of=("self",)).select_related("base__draft").get(pk=search.pk)
    if current.state != SearchState.RUNNING:
        return
    drafts = [_keep(current, round, each, table) for each in found]
    current.state, current.ended_at, current.result = SearchState.DONE, timezone.now(), drafts[0]
    current.progress = {}
    current.save()
    if round.state == RoundState.CLOSED:
        round.state = RoundState.PROPOSALS
        round.save(update_fields=["state"])
    record(
        "groups formed",
        by=current.asked_by,
        on=round,
        tenant=round.agency,
        drafts=[draft.number for draft in drafts],
        score=found[0].solution.score,
        bound=found[0].solution.bound,
    )


def _keep(search: Search, round: Round, found: Found, table: Table) -> Draft:
    if search.base:
        draft, parent = search.base.draft, search.base
        before, wishes, how = table.plan(parent), parent.wishes, How.AROUND
    else:
        number = (round.drafts.aggregate(most=Max("number"))["most"] or 0) + 1
        draft, parent = Draft.objects.create(round=round, number=number), None
        before, wishes, how = (), fresh_wishes(), How.SEARCHED
    answer = found.solution
    plan = plans.numbered(answer.groups, before)
    add_version(
        draft,
        by=search.asked_by,
        how=how,
        parent=parent,
        groups=plans.to_json(plan),
        unplaced=[{"member": u.member, "reasons": [_plain(why) for why in u.reasons]} for u in answer.unplaced],
        wishes=wishes,
        score=answer.score,
        bound=answer.bound,
        status=answer.status,
        seconds=answer.seconds,
        certificate=answer.to_json(),
        proof=[_plain(why) for why in found.problems],
        inputs=table.fingerprint,
    )
    return draft


def add_version(draft: Draft, **fields: Any) -> Version:
    """The next version of a draft, made its current one. The caller holds the round's lock."""
    number = (draft.versions.aggregate(most=Max("number"))["most"] or 0) + 1
    version = Version.objects.create(draft=draft, number=number, **fields)
    draft.current = version
    draft.save(update_fields=["current"])
    return version


def _plain(why: Reason) -> dict[str, Any]:
    return {"code": why.code, "data": dict(why.data)}


@transaction.atomic
def refuse(search: Search, why: FormationError | None) -> None:
    """End a search without a result: the engine's reason, or that it broke down."""
    current = Search.objects.select_for_update().get(pk=search.pk)
    if current.state == SearchState.RUNNING:
        _end_refused(current, _plain(why.reason) if why else {"code": "search_broke", "data": {}})


@transaction.atomic
def give_up(search_id: int) -> None:
    """The job killed its worker too often: end the search, so that the round can start another one."""
    current = Search.objects.select_for_update().filter(pk=search_id, state__in=UNDER_WAY).first()
    if current:
        _end_refused(current, {"code": "search_broke", "data": {}})


def _end_refused(search: Search, refusal: dict[str, Any]) -> None:
    search.state, search.ended_at, search.refusal, search.progress = SearchState.REFUSED, timezone.now(), refusal, {}
    search.save()


def end_orphans() -> int:
    """Searches under way whose job is gone for good (deleted, or given up) would block their round for ever: end them."""
    ended = 0
    for search in Search.objects.filter(state__in=UNDER_WAY):
        jobs = ProcrastinateJob.objects.filter(task_name=TASK, args__search_id=search.pk)
        if not jobs.filter(status__in=["todo", "doing"]).exists():
            with transaction.atomic():
                current = Search.objects.select_for_update().get(pk=search.pk)
                if current.is_under_way:
                    _end_refused(current, {"code": "search_broke", "data": {}})
                    ended += 1
    return ended
