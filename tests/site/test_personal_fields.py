"""Of every field it is decided whether it is personal; addresses and log lines carry none of them."""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db.models import Field, Model
from django.urls import URLPattern, URLResolver, get_resolver

OURS = "commonground.site."
# What identifies or describes a person by its very kind; such a field is personal wherever it stands.
TELLING_NAMES = {"email", "phone", "first_name", "last_name", "birth_date", "password", "person", "actor", "message"}
TELLING_KINDS = {"EmailField"}
# An organization's phone is printed on its door.
NOT_ABOUT_PEOPLE = {"directory.Organization.phone"}


def models() -> list[type[Model]]:
    """Every model that we wrote; the history tables are made from these and hold the same fields."""
    return [
        model
        for model in apps.get_models()
        if model.__module__.startswith(OURS) and not hasattr(model, "pgh_tracked_model")
    ]


def fields(model: type[Model]) -> Iterator["Field[object, object]"]:
    yield from (field for field in model._meta.get_fields() if isinstance(field, Field))


@pytest.mark.parametrize("model", models(), ids=lambda model: model._meta.label)
def test_every_model_says_which_of_its_fields_are_personal(model: type[Model]) -> None:
    assert "PERSONAL" in vars(model), f"add PERSONAL to {model._meta.label}: the names of its personal fields"
    unknown = model.PERSONAL - {field.name for field in fields(model)}  # type: ignore[attr-defined]
    assert not unknown, f"PERSONAL of {model._meta.label} names fields that it does not have: {unknown}"


@pytest.mark.parametrize("model", models(), ids=lambda model: model._meta.label)
def test_what_plainly_is_about_a_person_is_called_personal(model: type[Model]) -> None:
    telling = {
        field.name
        for field in fields(model)
        if (field.name in TELLING_NAMES or field.get_internal_type() in TELLING_KINDS)
        and f"{model._meta.label}.{field.name}" not in NOT_ABOUT_PEOPLE
    }
    assert telling <= model.PERSONAL  # type: ignore[attr-defined]


def patterns(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[str]:
    for pattern in (resolver or get_resolver()).url_patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield path
        else:
            yield from patterns(pattern, path)


def test_addresses_carry_numbers_and_codes_and_never_a_name() -> None:
    ours = [path for path in patterns() if not path.startswith("account/")]
    assert not [path for path in ours if any(word in path for word in ("email", "<str:name", "phone"))]
