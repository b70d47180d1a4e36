"""Where the directory's facts come from: a published file, or a person who entered them."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.formats import date_format
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _


class Source(models.Model):
    """One file that was imported, or one day's entries of one person. `day` is the date of the facts where the source states it."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"entered_by"})

    title = models.CharField(_("title"), max_length=200)
    file_name = models.CharField(_("file"), max_length=255, blank=True)
    digest = models.CharField(_("checksum of the file"), max_length=64, blank=True)
    day = models.DateField(_("date of these facts"), null=True, blank=True)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("entered by")
    )
    added_at = models.DateTimeField(_("added"), auto_now_add=True)

    class Meta:
        ordering = ("-added_at",)
        verbose_name = _("source")
        verbose_name_plural = _("sources")
        constraints = (
            # The same file read twice is one source: facts must not look newer than they are.
            models.UniqueConstraint(
                fields=["digest", "title", "day"],
                name="one_source_per_file",
                condition=~models.Q(digest=""),
                nulls_distinct=False,
            ),
            # What one person enters on one day is one source, also with two windows open.
            models.UniqueConstraint(
                fields=["title", "entered_by", "day"],
                name="one_source_per_person_and_day",
                condition=models.Q(digest=""),
            ),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def dated(self) -> str:
        """The date in words: the facts' own where the source states it, otherwise when they came in."""
        if self.day:
            return date_format(self.day, "DATE_FORMAT")
        return _t("added %(day)s; the source states no date") % {"day": date_format(self.added_at, "DATE_FORMAT")}
