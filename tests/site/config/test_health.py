"""The page that monitors ask: what it says when all is well, when the worker is away, and when the database is."""

from datetime import timedelta
from unittest.mock import patch

import pytest
from django.db import OperationalError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client, override_settings
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from commonground.site.config import health


def worker_seen(seconds_ago: int) -> None:
    """Procrastinate's models are read-only: workers write their heartbeat in SQL."""
    with connection.cursor() as cursor:
        seen = timezone.now() - timedelta(seconds=seconds_ago)
        cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (%s)", [seen])


@pytest.mark.django_db
def test_all_is_well_while_a_worker_was_seen_just_now(client: Client) -> None:
    worker_seen(seconds_ago=5)
    assert client.get("/health/").json() == {"healthy": True, "worker": True}


@pytest.mark.django_db
def test_a_worker_that_was_seen_long_ago_is_away_but_pages_are_answered(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    worker_seen(seconds_ago=300)
    answer = client.get("/health/")
    assert (answer.status_code, answer.json()) == (200, {"healthy": True, "worker": False})
    assert "no-store" in answer["Cache-Control"]
    assert caplog.records[0].failed == ["worker"]  # type: ignore[attr-defined]


@pytest.mark.django_db
def test_tables_that_are_not_what_this_version_needs_are_not_well(client: Client) -> None:
    with patch.dict(health.CHECKS, {"migrations": lambda: False}):
        assert client.get("/health/").status_code == 503


@pytest.mark.django_db
def test_a_migration_that_was_not_applied_is_not_well(client: Client) -> None:
    MigrationRecorder.Migration.objects.filter(app="directory").latest("pk").delete()
    assert client.get("/health/").status_code == 503


@pytest.mark.django_db
def test_asking_often_costs_little(client: Client, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    client.get("/health/")
    with (
        django_assert_max_num_queries(5),
        patch.object(MigrationLoader, "build_graph", side_effect=AssertionError("reads all migrations again")),
    ):
        assert client.get("/health/").status_code == 200


def test_without_its_database_the_site_says_no_more_than_that_it_is_not_well(client: Client) -> None:
    def away() -> bool:
        raise OperationalError("connection to server at 10.0.0.7 failed")

    with patch.dict(health.CHECKS, {"database": away}):
        answer = client.get("/health/")
    assert (answer.status_code, answer.json()) == (503, {"healthy": False, "worker": False})


@pytest.mark.django_db
@override_settings(SECURE_SSL_REDIRECT=True)
def test_health_is_answered_without_tls_and_nothing_else_is(client: Client) -> None:
    assert client.get("/health/").status_code == 200
    assert client.get("/").status_code == 301
