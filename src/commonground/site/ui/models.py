"""What pages need to remember, whatever they are about."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class Submission(models.Model):
    """One form that somebody sent, and where its answer led. The same form sent again leads there too, and does nothing more."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    digest = models.CharField(_("checksum of who sent what, from which page"), max_length=64, primary_key=True)
    location = models.TextField(_("where the answer led"), blank=True)
    at = models.DateTimeField(_("sent"), auto_now=True, db_index=True)

    class Meta:
        ordering = ("-at",)
        verbose_name = _("submission")
        verbose_name_plural = _("submissions")

    def __str__(self) -> str:
        return self.digest[:12]
