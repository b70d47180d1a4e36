"""Which entries of the audit trail somebody reads."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from commonground.site.audit.models import Entry


@dataclass(frozen=True)
class Reach:
    """What a reader may see: everything of the organizations in `whole`, and of those in `listed` only what was done to their
    entries in the directory, their positions and their people.
    """

    whole: QuerySet[Any]
    listed: QuerySet[Any]

    def entries(self) -> QuerySet[Entry]:
        listed = Q(tenant_id__in=self.listed.values("pk"), subject_type__startswith="directory.")
        return Entry.objects.filter(Q(tenant_id__in=self.whole.values("pk")) | listed)


def entries(reach: Reach, *, verb: str = "", days: int = 0) -> QuerySet[Entry]:
    """The entries within reach, newest first: of one verb, and of the last so many days, or all."""
    wanted = Q()
    if verb:
        wanted &= Q(verb=verb)
    if days:
        wanted &= Q(at__gte=timezone.now() - timedelta(days=days))
    return reach.entries().filter(wanted)


def verbs_among(reach: Reach) -> list[str]:
    return list(reach.entries().order_by("verb").values_list("verb", flat=True).distinct())
