"""Which entries of the audit trail somebody reads."""

from datetime import timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from commonground.site.audit.models import Entry


def entries(tenants: QuerySet[Any], *, verb: str = "", days: int = 0) -> QuerySet[Entry]:
    """The entries of these organizations, newest first: of one verb, and of the last so many days, or all."""
    wanted = Q(tenant_id__in=tenants.values("pk"))
    if verb:
        wanted &= Q(verb=verb)
    if days:
        wanted &= Q(at__gte=timezone.now() - timedelta(days=days))
    return Entry.objects.filter(wanted)


def verbs_among(tenants: QuerySet[Any]) -> list[str]:
    found = Entry.objects.filter(tenant_id__in=tenants.values("pk")).order_by("verb")
    return list(found.values_list("verb", flat=True).distinct())
