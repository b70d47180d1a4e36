"""The taxonomy: problems of practice that organizations seek help with or can share.

Every agency has a taxonomy of its own, which starts as a copy of the standard set, so that one agency's merging and renaming
never changes another's rounds. The codes of the standard set stay, so that a study across agencies can line them up.
"""

from typing import ClassVar

import pghistory
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from commonground.site.directory.models import Organization
from commonground.site.formation.models.bilingual import Bilingual
from commonground.site.formation.models.choices import TopicFamily


class TopicQuerySet(models.QuerySet["Topic"]):
    def offered(self) -> "TopicQuerySet":
        """Topics that a new answer may choose."""
        return self.filter(retired=False, merged_into__isnull=True)

    def gone(self) -> "TopicQuerySet":
        """Topics that were retired or merged."""
        return self.filter(Q(retired=True) | Q(merged_into__isnull=False))


@pghistory.track()
class Topic(Bilingual):
    """One problem of practice. A merged topic stays, so that an old link, file or study still finds where it went."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    agency = models.ForeignKey(Organization, models.CASCADE, related_name="topics", verbose_name=_("agency"))
    code = models.SlugField(_("code"), max_length=40)
    family = models.CharField(_("family"), max_length=20, choices=TopicFamily)
    retired = models.BooleanField(_("retired"), default=False)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged", verbose_name=_("merged into")
    )

    objects = TopicQuerySet.as_manager()

    class Meta:
        ordering = ("family", "name_en", "pk")
        verbose_name = _("topic")
        verbose_name_plural = _("topics")
        constraints = (
            models.UniqueConstraint(fields=["agency", "code"], name="one_topic_per_code"),
            models.CheckConstraint(condition=~Q(merged_into=F("id")), name="topic_not_merged_into_itself"),
        )

    @property
    def is_offered(self) -> bool:
        return not self.retired and self.merged_into_id is None
