"""What every test may use. The site's own fixtures are in tests/site/conftest.py: engine tests run without Django."""

import os
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings

# Laws are tried on the same examples in every run: a change is judged by itself, not by its luck. For others, give
# --hypothesis-profile wide. A failing example is made smaller but not explained: that takes an hour where one takes a second.
_PHASES = tuple(phase for phase in Phase if phase is not Phase.explain)
# The first call of a compiled function takes seconds, and folders of a test are made for each example.
_UNHEALTHY = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
settings.register_profile("steady", deadline=None, derandomize=True, phases=_PHASES, suppress_health_check=_UNHEALTHY)
settings.register_profile("wide", deadline=None, phases=_PHASES, suppress_health_check=_UNHEALTHY, print_blob=True)
settings.load_profile("steady")

PUBLIC_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


LOCAL = ("127.", "::1", "localhost", "0.0.0.0")


def stay_on_this_machine(event: str, arguments: tuple[Any, ...]) -> None:
    """Refuse a connection to anywhere else: a test that needs the network fails on the day when the network does."""
    if event == "socket.connect" and isinstance(arguments[1], tuple) and not str(arguments[1][0]).startswith(LOCAL):
        raise PermissionError(f"A test tried to reach {arguments[1][0]}. Tests use this machine only.")


def pytest_configure(config: pytest.Config) -> None:
    sys.addaudithook(stay_on_this_machine)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Public files are no part of the repository: where they are absent, their tests are left out and counted as such."""
    if PUBLIC_DATA.is_dir():
        return
    wanting = [item for item in items if "public_data" in getattr(item, "fixturenames", ())]
    if wanting:
        config.hook.pytest_deselected(items=wanting)
        items[:] = [item for item in items if item not in wanting]


@pytest.fixture(scope="session")
def public_data() -> Path:
    """The folder of public files beside the checkout."""
    return PUBLIC_DATA


if find_spec("playwright"):

    @pytest.fixture(scope="session")
    def chromium() -> Iterator[Any]:
        """One browser for all tests of a worker: a second one beside it would not start."""
        from playwright.sync_api import sync_playwright

        from tests.journeys.browsers import FLAGS, find_chromium

        # Playwright runs an event loop in this thread, and Django would take any query of a test for one from asynchronous code.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
            yield browser
            browser.close()


if find_spec("django"):

    @pytest.fixture(scope="session")
    def django_db_modify_db_settings(django_db_modify_db_settings: Any) -> None:
        """Start the private server when the first test asks for a database; parallel workers share it."""
        from tests.settings import TEST_SERVER

        if TEST_SERVER.url == os.environ["DATABASE_URL"]:
            TEST_SERVER.start()

    @pytest.fixture(autouse=True)
    def in_english() -> Iterator[None]:
        """A page asked for in Spanish leaves Spanish behind in its thread: the next test begins anew."""
        yield
        from django.utils import translation

        translation.deactivate()

    @pytest.fixture(autouse=True)
    def no_jobs_stay(request: pytest.FixtureRequest, django_db_blocker: Any) -> Iterator[None]:
        """After a test that commits Django empties the tables of its own models: the queue's are the library's."""
        yield
        marker = request.node.get_closest_marker("django_db")
        if (marker and marker.kwargs.get("transaction")) or "live_server" in request.fixturenames:
            from django.db import connection

            with django_db_blocker.unblock(), connection.cursor() as cursor:
                cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")

    @pytest.fixture(autouse=True)
    def mail_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
        """No worker runs beside a test: mail leaves when the transaction has succeeded. test_letters.py undoes this."""
        from django.db import transaction

        from commonground.site.ui import mail

        def order(letter: Any) -> None:
            transaction.on_commit(lambda: mail.deliver(letter.pk), robust=True)

        monkeypatch.setattr(mail, "order", order)


def pytest_unconfigure(config: pytest.Config) -> None:
    """The run that started the server stops it; its parallel workers do not."""
    if find_spec("django") and not hasattr(config, "workerinput"):
        from tests.settings import TEST_SERVER

        TEST_SERVER.stop()
