"""Jobs of the directory: reading and applying imports. Each can run again after its worker was killed."""

from procrastinate.contrib.django import app

from commonground.site.directory.actions import imports
from commonground.site.directory.models import Import, Person


@app.task(name="directory.read_import", queue="imports")
def read_import(upload: int) -> None:
    imports.read(Import.objects.get(pk=upload))


@app.task(name="directory.apply_import", queue="imports")
def apply_import(upload: int, by: int | None) -> None:
    """Apply, or read once more where the directory has moved since the preview: then somebody looks again."""
    waiting = Import.objects.get(pk=upload)
    if not imports.apply(waiting, by=Person.objects.get(pk=by) if by else None):
        imports.read(waiting)
