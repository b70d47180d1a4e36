"""From a round and its sign-ups to what the engine takes: a market of members, and rules.

A member's id is the number of its organization, as text. A topic is known by its code, after merges; words that staff have not
assigned to a topic yet stay with staff and do not count. Ways are minutes of driving where staff brought a file of them; otherwise
great-circle distances times a road factor of the places' locale: an estimate, and labelled so wherever it is shown.
"""

from collections.abc import Iterable
from statistics import fmean

from commonground.engines.formation import Market, Member, Rules, Weights, pairs
from commonground.site.directory.models import Organization
from commonground.site.formation.models import Round, SignUp, Topic
from commonground.site.formation.models.choices import Outcome, Side
from commonground.site.formation.queries.topics import final_topics
from commonground.site.formation.queries.travel import drive_times_of, travel_of

LOCALES = {1: "city", 2: "suburb", 3: "town", 4: "rural"}  # the first digit of an NCES locale code
NO_SECTOR = "other"


def market_of(round: Round) -> Market:
    """All submitted sign-ups of the round as a market.

    Raises the engine's MarketError where a sign-up cannot be read as a member (no place, nobody at all); `queries.checks` finds
    those beforehand and says what staff can do.
    """
    signups = list(
        round.signups.submitted()
        .select_related("organization")
        .prefetch_related("choices", "ranked_areas__area", "past_relations")
    )
    organizations = [signup.organization for signup in signups]
    places = places_of(organizations)
    speaks_for = _speaks_for(organizations)
    topics = final_topics(round.agency)
    return Market(
        tuple(_member(signup, places[signup.organization_id], topics, speaks_for) for signup in signups),
        travel=travel_of(round),
    )


def rules_of(round: Round) -> Rules:
    """The round's rules and weights. Pinned, forbidden and fixed members are added by whoever prepares a proposal."""
    organizations = [signup.organization for signup in round.signups.submitted().select_related("organization")]
    speaks_for = _speaks_for(organizations)
    kept_apart = {
        (one, other)
        for first, second in round.blackouts.values_list("first", "second")
        for one in speaks_for.get(first, ())
        for other in speaks_for.get(second, ())
        if one != other
    }
    return Rules(
        size_min=round.size_min,
        size_target=round.size_target,
        size_max=round.size_max,
        sector_min={sector: count for sector, count in round.sector_min.items() if count},
        share_area=round.share_area and round.asks_for_areas,
        travel_limit=known.limit if (known := drive_times_of(round)) else round.travel_limit_km,
        different_leas=round.different_leas,
        blackouts=pairs(*kept_apart),
        unplaced_penalty=round.unplaced_penalty,
        weights=Weights(**round.weights),
    )


def places_of(organizations: Iterable[Organization]) -> dict[int, tuple[float, float] | None]:
    """Latitude and longitude of each; an LEA without a place of its own lies in the middle of its schools."""
    listed = list(organizations)
    placeless = [organization.pk for organization in listed if organization.latitude is None]
    schools: dict[int, list[tuple[float, float]]] = {}
    for school in Organization.objects.filter(parent__in=placeless):
        if school.parent_id and school.latitude is not None and school.longitude is not None:
            schools.setdefault(school.parent_id, []).append((school.latitude, school.longitude))
    return {organization.pk: _place(organization, schools.get(organization.pk, [])) for organization in listed}


def _place(organization: Organization, schools: list[tuple[float, float]]) -> tuple[float, float] | None:
    if organization.latitude is not None and organization.longitude is not None:
        return organization.latitude, organization.longitude
    if schools:
        return fmean(place[0] for place in schools), fmean(place[1] for place in schools)
    return None


def _speaks_for(organizations: Iterable[Organization]) -> dict[int, frozenset[str]]:
    """The members that an organization stands for: itself, and an LEA also for its schools that signed up."""
    found: dict[int, set[str]] = {}
    for organization in organizations:
        found.setdefault(organization.pk, set()).add(str(organization.pk))
        if organization.parent_id:
            found.setdefault(organization.parent_id, set()).add(str(organization.pk))
    return {pk: frozenset(members) for pk, members in found.items()}


def _member(
    signup: SignUp,
    place: tuple[float, float] | None,
    topics: dict[int, Topic],
    speaks_for: dict[int, frozenset[str]],
) -> Member:
    organization = signup.organization
    bad = _past(signup, Outcome.BAD, speaks_for)
    return Member(
        id=str(organization.pk),
        name=organization.name,
        sector=organization.sector or NO_SECTOR,
        latitude=place[0] if place else None,
        longitude=place[1] if place else None,
        locale=LOCALES.get((organization.locale or 0) // 10, ""),
        lea=str(organization.parent_id or organization.pk),
        areas=tuple(ranked.area.code for ranked in signup.ranked_areas.all()),
        needs=_importances(signup, Side.NEED, topics),
        strengths=_importances(signup, Side.STRENGTH, topics),
        grade_bands=frozenset(signup.grade_bands),
        enrollment=organization.enrollment,
        readiness=signup.readiness_score,
        languages=frozenset(signup.languages),
        good_with=_past(signup, Outcome.GOOD, speaks_for) - bad,  # a bad word weighs more than a colleague's good one
        bad_with=bad,
        travel_limit=signup.travel_limit_km,
    )


def _importances(signup: SignUp, side: Side, topics: dict[int, Topic]) -> dict[str, float]:
    """Code of a topic to its importance; of two topics that were merged, the greater counts."""
    found: dict[str, float] = {}
    for choice in signup.choices.all():
        if choice.side == side and choice.topic_id is not None:
            code = topics[choice.topic_id].code
            found[code] = max(found.get(code, 0.0), float(choice.importance))
    return found


def _past(signup: SignUp, outcome: Outcome, speaks_for: dict[int, frozenset[str]]) -> frozenset[str]:
    others = (
        speaks_for.get(relation.other_id, frozenset())
        for relation in signup.past_relations.all()
        if relation.outcome == outcome
    )
    return frozenset().union(*others) - {str(signup.organization_id)}
