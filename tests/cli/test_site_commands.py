"""The operator's commands: what they do without a site, and that they reach Django with one."""

import importlib
import socket

import click
import pytest
from click.testing import CliRunner

from commonground.cli import django, main


def run(*arguments: str) -> str:
    result = CliRunner().invoke(main, list(arguments))
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.parametrize("name", ["health", "manage", "migrate", "serve", "worker"])
def test_every_site_command_says_what_it_does_without_touching_the_site(name: str) -> None:
    module = importlib.import_module("commonground.cli.site")
    command = getattr(module, name)
    assert isinstance(command, click.Command)
    assert command.get_short_help_str(200)


@pytest.mark.django_db
def test_manage_passes_its_words_on_to_django() -> None:
    assert "identified no issues" in run("manage", "check")


def test_without_the_site_installed_a_command_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(django, "find_spec", lambda name: None)
    result = CliRunner().invoke(main, ["migrate"])
    assert result.exit_code == 1
    assert "pip install '.[site]'" in result.output


def test_health_names_the_site_that_does_not_answer() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        host, port = nobody.getsockname()
    result = CliRunner().invoke(main, ["health", "--at", f"{host}:{port}"])
    assert result.exit_code == 1
    assert f"The site at {host}:{port} does not answer" in result.output
