"""Texts that staff write in English and, if they can, in Spanish."""

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class Bilingual(models.Model):
    """A name and a one-sentence explanation in both languages of the site; English stands in for a missing Spanish one."""

    name_en = models.CharField(_("name in English"), max_length=120)
    name_es = models.CharField(_("name in Spanish"), max_length=120, blank=True)
    explanation_en = models.CharField(_("explanation in English"), max_length=300, blank=True)
    explanation_es = models.CharField(_("explanation in Spanish"), max_length=300, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return self._in_language("name")

    @property
    def explanation(self) -> str:
        return self._in_language("explanation")

    def _in_language(self, field: str) -> str:
        spanish = (get_language() or "").startswith("es")
        return (getattr(self, f"{field}_es") if spanish else "") or getattr(self, f"{field}_en")
