"""Agencies, LEAs and schools: everybody who can host, join or be named in a partnership.

They share one table because a partnership, a position, a search and a tenant each take any of them. What only schools have
(grades, meal counts) is empty elsewhere. A charter operator with one school has two rows, as in the public directories: the LEA
and the school.
"""

from typing import ClassVar

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Func, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from commonground.site.directory.models.area import Area, Spot
from commonground.site.directory.models.source import Source

GRADES = ("PK", "KG", "01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12", "13", "UG", "AE")


class Kind(models.TextChoices):
    AGENCY = "agency", _("Agency")
    DISTRICT = "district", _("School district")
    CHARTER_OPERATOR = "charter_operator", _("Charter operator")
    OTHER_LEA = "other_lea", _("Other local education agency")
    SCHOOL = "school", _("School")


LEA_KINDS = (Kind.DISTRICT, Kind.CHARTER_OPERATOR, Kind.OTHER_LEA)


class Sector(models.TextChoices):
    """How a school is governed. Agencies have none."""

    DISTRICT = "district", _("District")
    CHARTER = "charter", _("Charter")
    PRIVATE = "private", _("Private")


class Status(models.TextChoices):
    OPEN = "open", _("Open")
    NEW = "new", _("New")
    REOPENED = "reopened", _("Reopened")
    CHANGED_LEA = "changed_lea", _("Changed LEA")
    FUTURE = "future", _("Opens in the future")
    INACTIVE = "inactive", _("Temporarily closed")
    CLOSED = "closed", _("Closed")


RUNNING = (Status.OPEN, Status.NEW, Status.REOPENED, Status.CHANGED_LEA)


class Locale(models.IntegerChoices):
    """The twelve locale codes of the National Center for Education Statistics."""

    CITY_LARGE = 11, _("City: large")
    CITY_MIDSIZE = 12, _("City: midsize")
    CITY_SMALL = 13, _("City: small")
    SUBURB_LARGE = 21, _("Suburb: large")
    SUBURB_MIDSIZE = 22, _("Suburb: midsize")
    SUBURB_SMALL = 23, _("Suburb: small")
    TOWN_FRINGE = 31, _("Town: fringe")
    TOWN_DISTANT = 32, _("Town: distant")
    TOWN_REMOTE = 33, _("Town: remote")
    RURAL_FRINGE = 41, _("Rural: fringe")
    RURAL_DISTANT = 42, _("Rural: distant")
    RURAL_REMOTE = 43, _("Rural: remote")


class Plain(Func):
    """A text without case and accents, for searching: "Peña" and "PENA" are one. The function is made by migration 0001."""

    function = "directory_plain"
    arity = 1
    output_field = models.TextField()


class Words(Func):
    """Several texts in one, plain: what a search by name looks through, so that "lincoln fresno" finds the one in Fresno."""

    function = "directory_plain"
    arg_joiner = " || ' ' || "
    output_field = models.TextField()


# Every change keeps the row as it was before. A new date of the same fact is no change: `sources` is left out.
@pghistory.track(
    pghistory.UpdateEvent("changed", row=pghistory.Old),
    pghistory.DeleteEvent("removed"),
    exclude=["sources"],
)
class Organization(models.Model):
    """One agency, LEA or school, as it is now; what it was before is in its history table."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    name = models.CharField(_("name"), max_length=200)
    sector = models.CharField(_("sector"), max_length=10, choices=Sector, blank=True)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="schools", verbose_name=_("belongs to")
    )
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.OPEN)
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    category = models.CharField(_("type, as the source calls it"), max_length=60, blank=True)
    nces_id = models.CharField(_("NCES ID"), max_length=12, null=True, blank=True, unique=True)
    state_id = models.CharField(_("state ID"), max_length=40, blank=True)
    area = ArrayField(
        models.CharField(max_length=100),
        verbose_name=_("counties that the agency serves"),
        default=list,
        blank=True,
        help_text=_("Leave empty for an agency that serves its whole state."),
    )

    street = models.CharField(_("street address"), max_length=200, blank=True)
    city = models.CharField(_("city"), max_length=100, blank=True)
    county = models.CharField(_("county"), max_length=100, blank=True)
    state = models.CharField(_("state"), max_length=2, blank=True)
    zip_code = models.CharField(_("ZIP code"), max_length=10, blank=True)
    phone = models.CharField(_("phone"), max_length=30, blank=True)
    website = models.URLField(_("website"), blank=True)
    latitude = models.FloatField(_("latitude"), null=True, blank=True)
    longitude = models.FloatField(_("longitude"), null=True, blank=True)
    locale = models.PositiveSmallIntegerField(_("locale"), choices=Locale, null=True, blank=True)

    low_grade = models.CharField(_("lowest grade"), max_length=2, blank=True)
    high_grade = models.CharField(_("highest grade"), max_length=2, blank=True)
    enrollment = models.PositiveIntegerField(_("students"), null=True, blank=True)
    teachers = models.FloatField(_("teachers (full-time equivalent)"), null=True, blank=True)
    free_lunch = models.PositiveIntegerField(_("students with free lunch"), null=True, blank=True)
    reduced_lunch = models.PositiveIntegerField(_("students with reduced-price lunch"), null=True, blank=True)
    directly_certified = models.PositiveIntegerField(_("students directly certified"), null=True, blank=True)

    # The name of a field above to the key of the source its value came from: every fact can say where it is from.
    sources = models.JSONField(_("where each fact comes from"), default=dict, blank=True)

    class Meta:
        ordering = ("name", "pk")
        verbose_name = _("organization")
        verbose_name_plural = _("organizations")
        indexes = (
            GinIndex(OpClass(Words("name", "city"), name="gin_trgm_ops"), name="organization_words"),
            models.Index(fields=["kind", "state", "county"], name="organization_place"),
            models.Index(fields=["state", "state_id"], name="organization_state_id"),
        )
        constraints = (
            # A school without an LEA has nobody who answers for it; an LEA inside another is a reading error.
            models.CheckConstraint(
                condition=Q(kind=Kind.SCHOOL) | Q(parent__isnull=True), name="only_schools_belong_to_an_lea"
            ),
            models.CheckConstraint(
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
                name="organization_place_is_on_earth",
            ),
            models.CheckConstraint(condition=Q(kind=Kind.AGENCY) | Q(area=[]), name="only_agencies_serve_an_area"),
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True) | Q(status=Status.CLOSED),
                name="only_closed_organizations_have_an_end",
            ),
        )

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("directory:profile", args=[self.pk])

    @property
    def is_school(self) -> bool:
        return self.kind == Kind.SCHOOL

    @property
    def is_lea(self) -> bool:
        return self.kind in LEA_KINDS

    @property
    def is_agency(self) -> bool:
        return self.kind == Kind.AGENCY

    @property
    def is_running(self) -> bool:
        """Do students or staff go there today? Not where it is closed, resting or still planned."""
        return self.status in RUNNING

    @property
    def lea(self) -> "Organization | None":
        """The LEA that answers for this organization: itself, its parent, or nobody for an agency."""
        return self.parent if self.is_school else (self if self.is_lea else None)

    @property
    def has_place(self) -> bool:
        return self.latitude is not None and self.longitude is not None

    @property
    def served_area(self) -> Area:
        return Area(self.state, frozenset(self.area))

    def spots(self) -> set[Spot]:
        """Where it counts as being: a school without a county where its LEA is, an LEA without one where its schools are."""
        own = {Spot(self.state, self.county)}
        if self.county:
            return own
        if self.parent:
            return {Spot(self.parent.state, self.parent.county)}
        schools = self.schools.all() if self.pk else ()
        return {Spot(school.state, school.county) for school in schools} or own

    def serves(self, other: "Organization") -> bool:
        """Is that organization in the area of this agency: in its state and, where it names counties, in one of them?

        A school that its source places in no county counts as where its LEA is.
        """
        if not self.is_agency or self.state != other.state:
            return False
        county = other.county or (other.parent.county if other.parent else "")
        return not self.area or county in self.area

    def source_of(self, fact: str) -> Source | None:
        """Where the value of the field of this name comes from. For many rows, use `queries.sources_of`."""
        key = self.sources.get(fact)
        return Source.objects.filter(pk=key).first() if key else None
