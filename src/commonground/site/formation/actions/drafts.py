"""What staff change in a draft by hand. Each act makes a new version; undoing goes back to the one before."""

from collections.abc import Callable
from math import isfinite
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from commonground.site.audit.actions import record
from commonground.site.directory.models import Person
from commonground.site.formation import plan as plans
from commonground.site.formation.actions.rounds import locked
from commonground.site.formation.actions.searches import add_version
from commonground.site.formation.models import Draft, DraftNote, Version
from commonground.site.formation.models.choices import RoundState
from commonground.site.formation.models.proposals import How
from commonground.site.formation.models.stages import RefusedError
from commonground.site.formation.plan import Plan
from commonground.site.formation.queries.drafts import Table

Wishes = dict[str, Any]


def _current(draft: Draft, seen: int) -> Version:
    """The draft's version, with its round held; refused where it is no longer what the page showed."""
    round = locked(draft.round)
    if round.state != RoundState.PROPOSALS:
        raise RefusedError(_("This round is past its proposals: the groups can no longer be changed here."))
    current = Draft.objects.select_for_update(of=("self",)).select_related("current").get(pk=draft.pk).current
    if current is None or current.number != seen:
        raise RefusedError(_("Somebody changed this proposal while you had it open. Here is how it is now."))
    return current


@transaction.atomic
def move(draft: Draft, *, by: Person, seen: int, member: str, to: int | None, table: Table) -> Version:
    """Put a member into another group, or into none."""
    return _change_plan(draft, by=by, seen=seen, how=How.MOVED, table=table, member=member, other=None, to=to)


@transaction.atomic
def swap(draft: Draft, *, by: Person, seen: int, member: str, other: str, table: Table) -> Version:
    """Put two members in each other's places."""
    return _change_plan(draft, by=by, seen=seen, how=How.SWAPPED, table=table, member=member, other=other, to=None)


def _change_plan(
    draft: Draft, *, by: Person, seen: int, how: How, table: Table, member: str, other: str | None, to: int | None
) -> Version:
    version = _current(draft, seen)
    plan = table.plan(version)
    after = plans.swapped(plan, member, other) if other else plans.moved(plan, member, to)
    score = table.score(after)
    if not isfinite(score):
        raise RefusedError(_("Between some members of that group there is no way, as the drive times say."))
    names = table.names([member, *([other] if other else [])])
    touched = {each.number for each in plan if each not in after}
    wishes = {**version.wishes, "kept": [number for number in version.wishes["kept"] if number not in touched]}
    made = add_version(
        version.draft,
        by=by,
        how=how,
        parent=version,
        what=", ".join(names)[:400],
        groups=plans.to_json(after),
        unplaced=_still_unplaced(version, after, table),
        wishes=wishes,
        score=score,
        bound=_bound_still_valid(version, table),
        inputs=table.fingerprint,
    )
    _record("member moved", by=by, made=made, member=member, other=other, to=to, change=made.score - version.score)
    return made


def _still_unplaced(version: Version, after: Plan, table: Table) -> list[dict[str, Any]]:
    """Reasons stay with those who had no group before; whoever staff took out is said to be so."""
    known = {row["member"]: row for row in version.unplaced}
    taken_out = [{"code": "taken_out", "data": {}}]
    left = table.scorer.unplaced(plans.groups(after))
    return [known.get(member) or {"member": member, "reasons": taken_out} for member in left]


def _bound_still_valid(version: Version, table: Table) -> float | None:
    """A bound holds for any groups under the same rules; it says nothing once sign-ups, rules or decisions differ."""
    decided = any(version.wishes[name] for name in ("kept", "together", "apart", "placed"))
    return version.bound if version.inputs == table.fingerprint and not decided else None


def _record(verb: str, *, by: Person, made: Version, **details: Any) -> None:
    draft = made.draft
    record(verb, by=by, on=draft, tenant=draft.round.agency, version=made.number, **details)


def _wish(
    draft: Draft, *, by: Person, seen: int, verb: str, change: Callable[[Version, Wishes], str], how: How = How.WISHED
) -> Version:
    """A new version with the same groups and other decisions; `change` edits a copy and says what in a few words."""
    version = _current(draft, seen)
    wishes: Wishes = {
        name: list(value) if isinstance(value, list) else dict(value) for name, value in version.wishes.items()
    }
    what = change(version, wishes)
    carried = ("groups", "unplaced", "score", "inputs")
    same_rules = all(wishes[name] == version.wishes[name] for name in ("kept", "together", "apart", "placed"))
    proof = ("bound", "status", "seconds", "certificate", "proof") if same_rules else ()
    fields = {name: getattr(version, name) for name in (*carried, *proof)}
    made = add_version(version.draft, by=by, how=how, parent=version, what=what[:400], wishes=wishes, **fields)
    _record(verb, by=by, made=made)
    return made


@transaction.atomic
def keep(draft: Draft, *, by: Person, seen: int, group: int, table: Table) -> Version:
    """Keep a group as it is when the others are formed again; a second time lets it go."""

    def change(version: Version, wishes: Wishes) -> str:
        known = {planned.number for planned in table.plan(version)}
        if group not in known:
            raise RefusedError(_("This group is no longer part of the proposal."))
        kept = set(wishes["kept"]) & known
        wishes["kept"] = sorted(kept ^ {group})
        return _("Group %(number)s") % {"number": group}

    return _wish(draft, by=by, seen=seen, verb="group kept or let go", change=change)


@transaction.atomic
def pin(draft: Draft, *, by: Person, seen: int, members: list[str], table: Table) -> Version:
    """Keep these members in one group, whichever it is."""

    def change(version: Version, wishes: Wishes) -> str:
        chosen = [member for member in members if member in table.ids]
        if len(chosen) < 2:
            raise RefusedError(_("Choose at least two members of the group to keep together."))
        apart = [set(pair) for pair in wishes["apart"]]
        if any(pair <= set(chosen) for pair in apart):
            raise RefusedError(_("Two of these were set apart before. Undo that first."))
        others = [group for group in wishes["together"] if not set(group) & set(chosen)]
        merged = {member for group in wishes["together"] if set(group) & set(chosen) for member in group}
        wishes["together"] = [*others, sorted(merged | set(chosen))]
        return ", ".join(table.names(chosen))

    return _wish(draft, by=by, seen=seen, verb="members pinned", change=change)


@transaction.atomic
def unpin(draft: Draft, *, by: Person, seen: int, members: list[str], table: Table) -> Version:
    """Take back that these members must stay together."""

    def change(version: Version, wishes: Wishes) -> str:
        wishes["together"] = [group for group in wishes["together"] if not set(group) & set(members)]
        return ", ".join(table.names(member for member in members if member in table.ids))

    return _wish(draft, by=by, seen=seen, verb="members unpinned", change=change)


@transaction.atomic
def set_apart(draft: Draft, *, by: Person, seen: int, members: list[str], table: Table) -> Version:
    """Never put these two into one group; asked again, allow it."""

    def change(version: Version, wishes: Wishes) -> str:
        pair = sorted({member for member in members if member in table.ids})
        if len(pair) != 2:
            raise RefusedError(_("Choose exactly two members to set apart."))
        if any(set(pair) <= set(group) for group in wishes["together"]):
            raise RefusedError(_("These two are kept together. Undo that first."))
        known = [sorted(each) for each in wishes["apart"]]
        wishes["apart"] = [each for each in known if each != pair] if pair in known else [*known, pair]
        return ", ".join(table.names(pair))

    return _wish(draft, by=by, seen=seen, verb="members set apart or allowed", change=change)


@transaction.atomic
def must_place(draft: Draft, *, by: Person, seen: int, member: str, table: Table) -> Version:
    """Ask the next search to find a group for this member; asked again, no longer."""

    def change(version: Version, wishes: Wishes) -> str:
        if member not in table.ids:
            raise RefusedError(_("This organization has withdrawn its sign-up."))
        wishes["placed"] = sorted(set(wishes["placed"]) ^ {member})
        return table.names([member])[0]

    return _wish(draft, by=by, seen=seen, verb="member must be placed or need not", change=change)


@transaction.atomic
def choose_facilitator(draft: Draft, *, by: Person, seen: int, group: int, facilitator: int | None) -> Version:
    """Pin a facilitator to a group, or let the assignment choose again (None)."""

    def change(version: Version, wishes: Wishes) -> str:
        chosen = {key: value for key, value in wishes["facilitators"].items() if key != str(group)}
        wishes["facilitators"] = chosen | ({str(group): facilitator} if facilitator else {})
        wishes["not_facilitators"] = [pair for pair in wishes["not_facilitators"] if pair != [group, facilitator]]
        return _("Group %(number)s") % {"number": group}

    return _wish(draft, by=by, seen=seen, verb="facilitator chosen", change=change, how=How.FACILITATORS)


@transaction.atomic
def refuse_facilitator(draft: Draft, *, by: Person, seen: int, group: int, facilitator: int) -> Version:
    """Never this person for this group; asked again, allowed."""

    def change(version: Version, wishes: Wishes) -> str:
        pair, known = [group, facilitator], wishes["not_facilitators"]
        wishes["not_facilitators"] = [each for each in known if each != pair] if pair in known else [*known, pair]
        wishes["facilitators"] = {k: v for k, v in wishes["facilitators"].items() if [int(k), v] != pair}
        return _("Group %(number)s") % {"number": group}

    return _wish(draft, by=by, seen=seen, verb="facilitator refused or allowed", change=change, how=How.FACILITATORS)


@transaction.atomic
def undo(draft: Draft, *, by: Person, seen: int) -> Version:
    """Go back to the version that the current one was made from. Nothing is deleted."""
    version = _current(draft, seen)
    if version.parent is None:
        raise RefusedError(_("There is nothing to undo: this is how the proposal began."))
    held = version.draft
    held.current = version.parent
    held.save(update_fields=["current"])
    record(
        "change undone", by=by, on=held, tenant=held.round.agency, version=version.number, back=version.parent.number
    )
    return version.parent


@transaction.atomic
def note(draft: Draft, *, by: Person, text: str) -> DraftNote:
    written = DraftNote.objects.create(draft=draft, by=by, text=text)
    record("note written", by=by, on=draft, tenant=draft.round.agency)
    return written
