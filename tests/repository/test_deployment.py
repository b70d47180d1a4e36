"""The compose file, as far as it can be checked without a container engine: its shape, its commands and its variables."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from commonground.cli import COMMANDS
from commonground.cli.site import GET_READY
from tests.repository.test_settings import NAME, documented

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = sorted(name for name, service in SERVICES.items() if service["image"] == "commonground")
# What the Compose Specification knows of a service, as far as ours are concerned.
KEYS = {
    "build", "command", "depends_on", "env_file", "environment", "healthcheck", "image", "ports", "restart", "shm_size",
    "stop_grace_period", "volumes",
}  # fmt: skip
CONDITIONS = {"service_started", "service_healthy", "service_completed_successfully"}


def test_it_has_the_services_that_the_operators_guide_speaks_of() -> None:
    assert set(SERVICES) == {"database", "migrate", "site", "worker", "proxy"}
    assert OURS == ["migrate", "site", "worker"]


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_service_says_only_what_compose_understands(name: str) -> None:
    service = SERVICES[name]
    assert set(service) <= KEYS
    for other, wanted in service.get("depends_on", {}).items():
        assert wanted["condition"] in CONDITIONS
        if wanted["condition"] == "service_healthy":
            assert "test" in SERVICES[other]["healthcheck"]


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_volume_is_declared_or_a_file_of_this_folder(name: str) -> None:
    for volume in SERVICES[name].get("volumes", []):
        source = volume.split(":")[0]
        assert source in COMPOSE["volumes"] or (DEPLOY / source).exists(), volume


def commands(service: dict[str, Any]) -> list[list[str]]:
    """What the service starts and what looks after it, as arguments of `commonground`."""
    found = [service.get("command", ["serve"])]
    check = service.get("healthcheck", {}).get("test", [])
    return [*found, *([check[2:]] if check[1:2] == ["commonground"] else [])]


@pytest.mark.parametrize("name", OURS)
def test_every_command_is_one_of_the_operators_commands(name: str) -> None:
    for arguments in commands(SERVICES[name]):
        assert arguments[0] in COMMANDS, arguments


def test_the_image_runs_the_operators_command() -> None:
    text = (DEPLOY / "Containerfile").read_text()
    assert 'ENTRYPOINT ["commonground"]' in text
    (start,) = re.findall(r'^CMD \["(\w+)"', text, re.MULTILINE)
    assert start in COMMANDS
    for copied in re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE):
        assert all((DEPLOY.parent / name).exists() for name in copied.split()), copied


def test_what_is_compiled_stays_in_the_image() -> None:
    text = (DEPLOY / "Containerfile").read_text()
    (folder,) = re.findall(r"NUMBA_CACHE_DIR=(\S+)", text)
    assert f"install -d -o commonground {folder}" in text  # the loops are compiled by the user who later runs them
    (ready,) = re.findall(r'^RUN python -c "(.+)"$', text, re.MULTILINE)
    assert ready in GET_READY
    assert text.index("USER commonground") < text.index(ready)
    assert not any(volume.endswith(folder) for service in SERVICES.values() for volume in service.get("volumes", []))


def test_every_variable_is_a_documented_setting() -> None:
    """Those that the containers are given, and those that the compose file takes from the example's."""
    given = {variable for name in OURS for variable in SERVICES[name]["environment"]}
    assert given <= documented()
    asked = set(re.findall(r"\$\{(\w+)", (DEPLOY / "compose.yaml").read_text()))
    example = dict(line.split("=", 1) for line in (DEPLOY / "example.env").read_text().splitlines() if "=" in line[:40])
    assert asked <= {name.strip() for name in example}
    assert set(NAME.findall((DEPLOY / "Containerfile").read_text())) <= documented()


def test_the_proxy_asks_only_for_variables_of_the_example() -> None:
    asked = set(re.findall(r"\{\$(\w+)", (DEPLOY / "Caddyfile").read_text()))
    assert asked <= set(re.findall(r"^(\w+)=", (DEPLOY / "example.env").read_text(), re.MULTILINE))
