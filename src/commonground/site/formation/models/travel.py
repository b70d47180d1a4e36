"""Drive times that staff bring for a round, in place of distances estimated on the map."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from commonground.site.directory.models import Person
from commonground.site.formation.models.rounds import Round


class DriveTimes(models.Model):
    """Minutes of driving between the members of a round, from one file.

    `minutes` holds one number of 4 bytes (IEEE 754, little-endian) for each pair of `members`, row after row; not a number where
    there is no way. Limits count in minutes while a round has such a table: the round's is `limit`, and a member's own limit in
    kilometers counts as so many minutes, as at 60 km an hour.
    """

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"by"})

    round = models.OneToOneField(Round, models.CASCADE, related_name="drive_times", verbose_name=_("round"))
    file_name = models.CharField(_("file"), max_length=255)
    digest = models.CharField(_("checksum of the file"), max_length=64)
    members = ArrayField(models.BigIntegerField(), verbose_name=_("organizations"))
    minutes = models.BinaryField(_("minutes of driving"))
    limit = models.PositiveSmallIntegerField(_("most minutes between two members"), null=True, blank=True)
    by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+", verbose_name=_("uploaded by"))
    at = models.DateTimeField(_("uploaded"), auto_now_add=True)

    class Meta:
        verbose_name = _("drive times")
        verbose_name_plural = _("drive times")

    def __str__(self) -> str:
        return self.file_name
