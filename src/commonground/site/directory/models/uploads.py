"""Imports of directory files: what was sent, what it would change, and how far it is.

An import is read first and applied later, by somebody who has seen what it changes. The changes that were shown are the
changes that are applied: they are rows of their own, and `directory_version` tells whether the directory has moved since.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class Stage(models.TextChoices):
    """How far an import is."""

    WAITING = "waiting", _("Waiting to be read")
    READING = "reading", _("Reading")
    MAPPING = "mapping", _("Columns need to be matched")
    FAULTY = "faulty", _("The file has mistakes")
    READY = "ready", _("Ready to be looked at")
    APPLYING = "applying", _("Being applied")
    DONE = "done", _("Applied")
    CANCELLED = "cancelled", _("Cancelled")


UNDER_WAY = (Stage.WAITING, Stage.READING, Stage.APPLYING)
CAN_BE_CANCELLED = (Stage.WAITING, Stage.READING, Stage.MAPPING, Stage.FAULTY, Stage.READY)


class Import(models.Model):
    """One set of files that somebody sent for the directory. Files are dropped once it is applied or cancelled."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"created_by"})

    stage = models.CharField(_("stage"), max_length=10, choices=Stage, default=Stage.WAITING)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("sent by")
    )
    # Whose organizations it may change; without an agency those of the whole directory, which only operators may.
    agency = models.ForeignKey(
        "directory.Organization", models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("agency")
    )
    created_at = models.DateTimeField(_("sent"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    day = models.DateField(_("date of the facts"), null=True, blank=True)
    close_missing = models.BooleanField(_("mark what is missing from the file as closed"), default=False)
    rows_read = models.PositiveIntegerField(_("rows read"), default=0)
    rows_total = models.PositiveIntegerField(_("rows in all"), default=0)
    counts = models.JSONField(_("how many of each kind of change"), default=dict)
    problems = models.JSONField(_("what is wrong with the files"), default=list)
    notes = models.JSONField(_("what was read with a grain of salt"), default=list)
    directory_version = models.CharField(_("state of the directory when this was read"), max_length=50, blank=True)

    class Meta:
        ordering = ("-created_at",)
        verbose_name = _("directory import")
        verbose_name_plural = _("directory imports")

    def __str__(self) -> str:
        return ", ".join(file.name for file in self.files.all()) or str(self._meta.verbose_name)

    def get_absolute_url(self) -> str:
        return reverse("directory:import", args=[self.pk])

    @property
    def is_under_way(self) -> bool:
        return self.stage in UNDER_WAY

    @property
    def can_be_cancelled(self) -> bool:
        return self.stage in CAN_BE_CANCELLED

    @property
    def percent(self) -> int:
        return min(100, 100 * self.rows_read // self.rows_total) if self.rows_total else 0


class ImportFile(models.Model):
    """One file of an import; `mapping` names a fact for each header that no known format claims."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    upload = models.ForeignKey(Import, models.CASCADE, related_name="files", verbose_name=_("import"))
    name = models.CharField(_("name"), max_length=255)
    content = models.BinaryField(_("content"), null=True)
    format = models.CharField(_("format"), max_length=40, blank=True)
    mapping = models.JSONField(_("columns matched by hand"), default=dict, blank=True)
    sample = models.JSONField(_("headers and first rows"), default=dict, blank=True)

    class Meta:
        ordering = ("pk",)
        verbose_name = _("file of an import")
        verbose_name_plural = _("files of imports")

    def __str__(self) -> str:
        return self.name


class ChangeKind(models.TextChoices):
    NEW = "new", _("New")
    CHANGED = "changed", _("Changed")
    MISSING = "missing", _("Missing from the file")
    UNCHANGED = "unchanged", _("Unchanged")


class ChangeQuerySet(models.QuerySet["Change"]):
    def to_apply(self) -> "ChangeQuerySet":
        """What may be done; the rest is only shown."""
        return self.filter(outside=False)

    def left_alone(self) -> "ChangeQuerySet":
        return self.filter(outside=True).exclude(kind=ChangeKind.UNCHANGED)


class Change(models.Model):
    """What an import would do to one organization.

    `facts` is field to value for a new one, field to [old, new] for a changed one. `sources` is field to position of the file
    in the import, also where the value stays: the newer file confirms it.
    """

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    upload = models.ForeignKey(Import, models.CASCADE, related_name="changes", verbose_name=_("import"))
    kind = models.CharField(_("kind"), max_length=10, choices=ChangeKind)
    organization_kind = models.CharField(max_length=20)
    organization = models.ForeignKey(
        "directory.Organization", models.CASCADE, null=True, related_name="+", verbose_name=_("organization")
    )
    name = models.CharField(_("name"), max_length=200)
    nces_id = models.CharField(_("NCES ID"), max_length=12, blank=True)
    facts = models.JSONField(default=dict)
    sources = models.JSONField(default=dict)
    parent_key = models.CharField(_("identifier of the LEA"), max_length=60, blank=True)
    key = models.CharField(_("identifier within the import"), max_length=60, blank=True)
    outside = models.BooleanField(_("another agency's business, and left alone"), default=False)

    objects = ChangeQuerySet.as_manager()

    class Meta:
        ordering = ("upload", "kind", "name", "pk")
        verbose_name = _("change by an import")
        verbose_name_plural = _("changes by imports")
        indexes = (models.Index(fields=["upload", "kind", "name"], name="change_of_import"),)

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.name}"
