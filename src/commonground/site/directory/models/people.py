"""People, the positions that organizations have, and who holds a position from when to when.

What a position owns (a sign-up, a seat in a partnership, a commitment) stays with the position: whoever holds it next inherits it
without anybody copying anything. So a permission always asks "does this person hold such a position today?".
"""

from datetime import date
from typing import Any, ClassVar

import pghistory
import rules
from allauth.account.models import EmailAddress
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Upper
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from commonground.site.directory.models.organization import Organization
from commonground.site.directory.roles import Role


class PersonManager(BaseUserManager["Person"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "Person":
        person = self.model(email=self.normalize_email(email).lower(), **fields)
        person.set_password(password)  # None makes a password that nothing matches: sign-in by mailed code
        person.save()
        # Unverified: the first mailed code verifies it. Without this row the sign-in library would ask for a second code.
        EmailAddress.objects.create(user=person, email=person.email, primary=True)
        return person

    def get_by_natural_key(self, username: str | None) -> "Person":
        return self.get(email__iexact=username)


class Person(AbstractBaseUser):
    """Somebody who can sign in. Holds no role of its own: roles come from the positions held today."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"name", "email", "phone", "password", "last_login"})

    email = models.EmailField(_("email address"), unique=True)
    name = models.CharField(_("name"), max_length=200)
    phone = models.CharField(_("phone"), max_length=30, blank=True)
    language = models.CharField(_("language for mail and pages"), max_length=5, default="en")
    is_active = models.BooleanField(_("may sign in"), default=True)
    joined_at = models.DateTimeField(_("joined"), default=timezone.now)

    objects = PersonManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = (models.UniqueConstraint(models.functions.Lower("email"), name="one_person_per_email"),)

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return str(self)

    def has_perm(self, perm: str, obj: object = None) -> bool:
        return self.is_active and bool(rules.has_perm(perm, self, obj))

    def has_perms(self, perm_list: list[str], obj: object = None) -> bool:
        return all(self.has_perm(perm, obj) for perm in perm_list)

    @cached_property
    def positions(self) -> "list[Position]":
        """The positions held today; read once per request."""
        return list(Position.objects.held_by(self).select_related("organization__parent"))

    def holds(self, role: Role, organization: Organization | None = None) -> bool:
        """Does this person hold a position of this role today, at this organization (or anywhere, without one)?"""
        return any(
            held.role == role and (organization is None or held.organization_id == organization.pk)
            for held in self.positions
        )

    def authority(self) -> str:
        """The positions held today, in words, for the audit trail."""
        return "; ".join(str(held) for held in self.positions)[:300]


class PositionQuerySet(models.QuerySet["Position"]):
    def held_by(self, person: Person, on: date | None = None) -> "PositionQuerySet":
        return self.filter(pk__in=Term.objects.on(on or timezone.localdate()).filter(person=person).values("position"))


@pghistory.track()
class Position(models.Model):
    """A seat in an organization, such as "Superintendent": held by one person at a time, and by others before and after."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="positions", verbose_name=_("organization")
    )
    role = models.CharField(_("role"), max_length=30, choices=Role)
    title = models.CharField(_("title"), max_length=120)

    objects = PositionQuerySet.as_manager()

    class Meta:
        ordering = ("organization", "role", "title")
        verbose_name = _("position")
        verbose_name_plural = _("positions")
        constraints = (
            # One seat, one row: with a twin, each of two people would hold "the" position.
            models.UniqueConstraint("organization", "role", Upper("title"), name="one_position_per_title"),
        )

    def __str__(self) -> str:
        return f"{self.title}, {self.organization}"

    def holder(self, on: date | None = None) -> Person | None:
        term = self.terms.on(on or timezone.localdate()).select_related("person").first()
        return term.person if term else None


class TermQuerySet(models.QuerySet["Term"]):
    def on(self, day: date) -> "TermQuerySet":
        return self.filter(Q(ends__isnull=True) | Q(ends__gt=day), starts__lte=day)


class DateRange(Func):
    function = "daterange"
    output_field = DateRangeField()


@pghistory.track()
class Term(models.Model):
    """One person's time in a position, from the first day up to but not including the last."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"person"})

    position = models.ForeignKey(Position, models.CASCADE, related_name="terms", verbose_name=_("position"))
    person = models.ForeignKey(Person, models.CASCADE, related_name="terms", verbose_name=_("person"))
    starts = models.DateField(_("from"))
    ends = models.DateField(_("until (not included)"), null=True, blank=True)

    objects = TermQuerySet.as_manager()

    class Meta:
        ordering = ("-starts",)
        verbose_name = _("term")
        verbose_name_plural = _("terms")
        constraints = (
            models.CheckConstraint(
                condition=Q(ends__isnull=True) | Q(ends__gt=F("starts")), name="term_ends_after_start"
            ),
            # Two people in one seat would make "who signs?" a matter of chance. A second seat is a second position.
            ExclusionConstraint(
                name="one_holder_at_a_time",
                expressions=[
                    ("position", RangeOperators.EQUAL),
                    (DateRange("starts", "ends"), RangeOperators.OVERLAPS),
                ],
            ),
        )

    def __str__(self) -> str:
        return f"{self.person}: {self.position}"
