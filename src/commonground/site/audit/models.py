"""Who did what, when, and by whose authority.

An entry outlives what it describes and who did it: it keeps names as they were, and no foreign key to the thing. It holds no
personal data beyond the actor's name and position: details are codes, numbers and identifiers.
"""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Entry(models.Model):
    """One act. Rows are only ever added; a trigger refuses change and deletion."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"actor", "actor_name"})

    at = models.DateTimeField(_("when"), auto_now_add=True, db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("who"),
        db_constraint=False,  # the entry stays, with its actor's name, when the account goes
    )
    actor_name = models.CharField(_("name at the time"), max_length=200)
    authority = models.CharField(_("position at the time"), max_length=300, blank=True)
    verb = models.CharField(_("what was done"), max_length=80, db_index=True)
    subject_type = models.CharField(_("kind of thing"), max_length=80)
    subject_id = models.CharField(_("identifier of the thing"), max_length=40)
    subject_name = models.CharField(_("name of the thing"), max_length=300, blank=True)
    tenant_id = models.BigIntegerField(_("organization whose record this is"), null=True, db_index=True)
    details = models.JSONField(_("details"), default=dict)

    class Meta:
        ordering = ("-at", "-pk")
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        indexes = (models.Index(fields=["subject_type", "subject_id"], name="audit_entry_subject"),)
        triggers = (pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),)

    def __str__(self) -> str:
        return f"{self.verb} {self.subject_name}"
