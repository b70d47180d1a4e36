"""`python -m tools.translations update|compile|check`."""

import click

from tools.translations import catalogs, checks


@click.group()
def main() -> None:
    """Keep the Spanish of Common Ground."""


@main.command()
@click.argument("features", nargs=-1)
def update(features: tuple[str, ...]) -> None:
    """Bring the catalogs of FEATURES (all without any) up to date with the sources, keeping every translation."""
    for path, texts, missing in catalogs.update(features):
        click.echo(f"{path}: {texts} texts, {missing} without Spanish")


@main.command("compile")
def compile_() -> None:
    """Compile the catalogs, so that the site speaks Spanish."""
    catalogs.compile_all()


@main.command()
def check() -> None:
    """Say what is missing or wrong, one line each; fail if anything is."""
    found = checks.problems()
    for problem in found:
        click.echo(problem)
    raise SystemExit(bool(found))


if __name__ == "__main__":
    main()
