"""People who are willing to facilitate, each in a position of the host agency."""

from typing import ClassVar

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from commonground.site.directory.models import Organization, Person, Position
from commonground.site.formation.models.choices import Language
from commonground.site.formation.models.topics import Topic


class FacilitatorState(models.TextChoices):
    OFFERED = "offered", _("Offered to facilitate")
    ACTIVE = "active", _("Can be assigned")
    RESTING = "resting", _("Not at the moment")


@pghistory.track()
class Facilitator(models.Model):
    """One willing person: where, on what, in which languages, for how many groups, and with whom a conflict would arise.

    The seat (`position`) comes when the agency's staff accept the offer; a partnership then belongs to the seat, and this row tells
    what its holder brings. A successor in the seat fills in an offer of their own.
    """

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"person", "about"})

    agency = models.ForeignKey(Organization, models.CASCADE, related_name="facilitators", verbose_name=_("agency"))
    person = models.ForeignKey(Person, models.CASCADE, related_name="facilitator_offers", verbose_name=_("person"))
    position = models.ForeignKey(
        Position, models.PROTECT, null=True, blank=True, related_name="facilitators", verbose_name=_("position")
    )
    state = models.CharField(_("state"), max_length=8, choices=FacilitatorState, default=FacilitatorState.OFFERED)
    city = models.CharField(_("city or town you start from"), max_length=100)
    latitude = models.FloatField(_("latitude"))
    longitude = models.FloatField(_("longitude"))
    radius_km = models.PositiveSmallIntegerField(_("how far you travel, in kilometers"), default=80)
    topics = models.ManyToManyField(Topic, blank=True, related_name="facilitators", verbose_name=_("topics you know"))
    areas = ArrayField(
        models.SlugField(max_length=40), default=list, blank=True, verbose_name=_("focus areas you know")
    )
    languages = ArrayField(
        models.CharField(max_length=5, choices=Language), default=list, verbose_name=_("languages you work in")
    )
    caseload = models.PositiveSmallIntegerField(_("most groups at the same time"), default=1)
    employers = models.ManyToManyField(
        Organization, blank=True, related_name="+", verbose_name=_("organizations you work for")
    )
    worked_with = models.ManyToManyField(
        Organization, blank=True, related_name="+", verbose_name=_("organizations you worked well with")
    )
    about = models.TextField(_("about you"), max_length=1000, blank=True)
    changed_at = models.DateTimeField(_("last change"), auto_now=True)

    class Meta:
        ordering = ("person__name", "pk")
        verbose_name = _("facilitator")
        verbose_name_plural = _("facilitators")
        constraints = (
            models.UniqueConstraint(fields=["agency", "person"], name="one_offer_per_person_and_agency"),
            models.CheckConstraint(condition=Q(caseload__range=(1, 20)), name="facilitator_caseload_is_sensible"),
            models.CheckConstraint(condition=Q(radius_km__gt=0), name="facilitator_travels_somewhere"),
            # Only a seat can be assigned: the agency answers for who facilitates.
            models.CheckConstraint(
                condition=~Q(state=FacilitatorState.ACTIVE) | Q(position__isnull=False),
                name="active_facilitator_has_a_seat",
            ),
        )

    def __str__(self) -> str:
        return str(self.person)

    def get_absolute_url(self) -> str:
        return reverse("formation:facilitator", args=[self.pk])
