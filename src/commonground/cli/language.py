"""The reader's language on the command line: the catalogs of the site, read without the site."""

import gettext
from collections.abc import Callable
from pathlib import Path

import click

import commonground

LANGUAGES = ("en", "es")
_CATALOGS = Path(commonground.__file__).parent / "site" / "locale"

option = click.option(
    "--language", default="en", show_default=True, type=click.Choice(LANGUAGES), help="Language of what is said."
)


def translator(language: str) -> Callable[[str], str]:
    """What turns an English text that `N_` marks into the language; the engines' texts are in the shared catalog."""
    if language == "en":
        return str
    try:
        return gettext.translation("django", _CATALOGS, [language]).gettext
    except FileNotFoundError:
        raise click.ClickException(
            f"The texts in “{language}” are not compiled. Run `make translations`, or leave --language out."
        ) from None
