"""The option with which a command's reader chooses a language."""

import click

from commonground.i18n import ENGLISH, LANGUAGES

option = click.option(
    "--language", default=ENGLISH, show_default=True, type=click.Choice(LANGUAGES), help="Language of what is said."
)
