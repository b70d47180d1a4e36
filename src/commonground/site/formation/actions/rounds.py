"""What staff do with a round. Every act is one transaction with one entry in the audit trail."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from commonground.site.audit.actions import record
from commonground.site.directory.models import Organization, Person
from commonground.site.formation import standard
from commonground.site.formation.actions.topics import ensure_standard
from commonground.site.formation.models import Blackout, FocusArea, Round
from commonground.site.formation.models.choices import RoundState
from commonground.site.formation.models.stages import RefusedError, Section

NOT_COPIED = frozenset({"id", "state", "created_by", "created_at", "name", "opens_on", "closes_on", "decide_by"})


@transaction.atomic
def create(*, by: Person, agency: Organization, kind: str, **fields: Any) -> Round:
    """Start a draft with the usual rules of its kind; `fields` are name, purpose, contact and the three days."""
    usual = standard.STANDARD[kind]
    least, best, most = usual.sizes
    round = Round.objects.create(
        agency=agency,
        kind=kind,
        created_by=by,
        kinds=list(usual.kinds),
        size_min=least,
        size_target=best,
        size_max=most,
        sector_min=dict(usual.sector_min),
        share_area=usual.share_area,
        travel_limit_km=usual.travel_limit_km,
        weights=weights(usual.preset),
        **fields,
    )
    if usual.has_areas:
        _add_areas(round, ((text.code, vars(text)) for text in standard.areas()))
    ensure_standard(agency)
    record("round created", by=by, on=round, tenant=agency, kind=kind)
    return round


def weights(preset: str) -> dict[str, float]:
    """The weights of a named preset."""
    return next(dict(one.weights) for one in standard.PRESETS if one.key == preset)


@transaction.atomic
def copy(round: Round, *, by: Person, name: str, opens_on: date, closes_on: date, decide_by: date) -> Round:
    """A new draft with the rules, focus areas and blackout pairs of an old round, and none of its sign-ups."""
    kept = {
        field.attname: getattr(round, field.attname)
        for field in Round._meta.concrete_fields
        if field.name not in NOT_COPIED
    }
    fresh = Round.objects.create(
        created_by=by, name=name, opens_on=opens_on, closes_on=closes_on, decide_by=decide_by, **kept
    )
    _add_areas(fresh, ((area.code, vars(area)) for area in round.areas.all()))
    Blackout.objects.bulk_create(
        Blackout(round=fresh, first_id=pair.first_id, second_id=pair.second_id, reason=pair.reason)
        for pair in round.blackouts.all()
    )
    record("round copied", by=by, on=fresh, tenant=round.agency, source=round.pk)
    return fresh


@transaction.atomic
def change(round: Round, *, by: Person, section: str, values: Mapping[str, Any]) -> Round:
    """Set fields of one section, if the stage of the round allows it."""
    current = locked(round)
    _must_be_changeable(current, section)
    changed = [name for name, value in values.items() if getattr(current, name) != value]
    for name in changed:
        setattr(current, name, values[name])
    if changed:
        current.save(update_fields=changed)
        record("round changed", by=by, on=current, tenant=current.agency, section=section, fields=changed)
    return current


@transaction.atomic
def replace_areas(round: Round, *, by: Person, areas: Iterable[Mapping[str, Any]]) -> None:
    """Make these the round's focus areas, in this order; each is a mapping of the texts, with its code if it has one."""
    current = locked(round)
    _must_be_changeable(current, Section.AREAS)
    current.areas.all().delete()
    taken: set[str] = set()
    coded = []
    for texts in areas:
        code = texts.get("code") or _area_code(str(texts["name_en"]), taken)
        taken.add(code)
        coded.append((code, texts))
    _add_areas(current, coded)
    record("round changed", by=by, on=current, tenant=current.agency, section=Section.AREAS, areas=sorted(taken))


@transaction.atomic
def keep_apart(round: Round, *, by: Person, one: Organization, other: Organization, reason: str = "") -> Blackout:
    """Add a blackout pair; doing it twice changes nothing but the reason."""
    current = locked(round)
    _must_be_changeable(current, Section.BLACKOUTS)
    if one.pk == other.pk:
        raise RefusedError(_("A pair needs two different organizations."))
    first, second = sorted((one, other), key=lambda organization: organization.pk)
    pair, _is_new = Blackout.objects.update_or_create(
        round=current, first=first, second=second, defaults={"reason": reason}
    )
    record("blackout pair added", by=by, on=current, tenant=current.agency, pair=[first.pk, second.pk])
    return pair


@transaction.atomic
def allow_together(blackout: Blackout, *, by: Person) -> None:
    """Take a blackout pair away."""
    current = locked(blackout.round)
    _must_be_changeable(current, Section.BLACKOUTS)
    pair = [blackout.first_id, blackout.second_id]
    if not current.blackouts.filter(pk=blackout.pk).delete()[0]:
        return  # a colleague was faster
    record("blackout pair removed", by=by, on=current, tenant=current.agency, pair=pair)


@transaction.atomic
def advance(round: Round, *, to: str, by: Person) -> Round:
    """Bring a round to its next stage. Raises RefusedError where the stages do not follow each other."""
    current = locked(round)
    if not current.may_become(to):
        text = _(
            "This round is at the stage “%(now)s” and cannot go to “%(then)s”. Reload the page to see where it is."
        )
        raise RefusedError(text % {"now": current.get_state_display(), "then": RoundState(to).label})
    before, current.state = current.state, RoundState(to)
    current.save(update_fields=["state"])
    record(f"round: {to}", by=by, on=current, tenant=current.agency, before=before)
    return current


@transaction.atomic
def reopen(round: Round, *, by: Person, closes_on: date) -> Round:
    """Take sign-ups again until a new deadline."""
    current = advance(round, to=RoundState.OPEN, by=by)
    return change(current, by=by, section=Section.DATES, values={"closes_on": closes_on})


@transaction.atomic
def discard(round: Round, *, by: Person) -> str:
    """Delete a draft and return its name. What has been announced stays."""
    current = locked(round)
    if current.state != RoundState.DRAFT:
        raise RefusedError(_("Only a draft can be deleted. Close this round instead."))
    record("round deleted", by=by, on=current, tenant=current.agency)
    current.delete()
    return current.name


def locked(round: Round) -> Round:
    """The round as it is now, held until the transaction ends, so that two clicks act one after the other."""
    return Round.objects.select_for_update(of=("self",)).select_related("agency").get(pk=round.pk)


def _must_be_changeable(round: Round, section: str) -> None:
    if not round.may_change(section):
        text = _("“%(section)s” can no longer be changed at the stage “%(stage)s”.")
        raise RefusedError(text % {"section": Section(section).label, "stage": round.get_state_display()})


def _add_areas(round: Round, areas: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
    texts = ("name_en", "name_es", "explanation_en", "explanation_es")
    FocusArea.objects.bulk_create(
        FocusArea(round=round, code=code, position=position, **{name: area.get(name, "") for name in texts})
        for position, (code, area) in enumerate(areas)
    )


def _area_code(name: str, taken: set[str]) -> str:
    stem = slugify(name).replace("-", "_")[:36] or "area"
    numbered = (f"{stem}_{number}" for number in range(2, len(taken) + 3))
    return stem if stem not in taken else next(code for code in numbered if code not in taken)
