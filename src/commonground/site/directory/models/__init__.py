"""Organizations, the people in them, the positions that people hold there, and where the facts come from."""

from commonground.site.directory.models.organization import Organization
from commonground.site.directory.models.people import Person, Position, Term
from commonground.site.directory.models.requests import PositionRequest
from commonground.site.directory.models.source import Source
from commonground.site.directory.models.uploads import Change, Import, ImportFile

__all__ = ["Change", "Import", "ImportFile", "Organization", "Person", "Position", "PositionRequest", "Source", "Term"]
