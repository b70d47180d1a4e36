"""What pages need to remember, whatever they are about."""

from typing import ClassVar

from django.conf import settings
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


class LetterState(models.TextChoices):
    WAITING = "waiting", _("On its way")
    REFUSED = "refused", _("Could not be delivered")


class Letter(models.Model):
    """A mail that has not left yet, as it was written: kept in the transaction of what it tells, and gone once it is sent.

    Without an `address` it goes to the person's own on the day of sending; the news that this one has changed goes to the old one.
    `files` are [{"name", "kind", "content" (base64)}].
    """

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"to", "address", "subject", "text", "html", "files"})

    to = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("to"))
    address = models.EmailField(_("another address than the person's own"), blank=True)
    template = models.CharField(_("kind of mail"), max_length=100)
    subject = models.CharField(_("subject"), max_length=400)
    text = models.TextField(_("text"))
    html = models.TextField(_("text as HTML"))
    files = models.JSONField(_("attachments"), default=list)
    state = models.CharField(_("state"), max_length=8, choices=LetterState, default=LetterState.WAITING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    problem = models.CharField(_("what the mail server said"), max_length=80, blank=True)
    written_at = models.DateTimeField(_("written"), auto_now_add=True)

    class Meta:
        ordering = ("-written_at", "-pk")
        verbose_name = _("mail")
        verbose_name_plural = _("mails")

    def __str__(self) -> str:
        return self.subject
