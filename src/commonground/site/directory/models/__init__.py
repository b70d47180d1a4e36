"""Organizations, the people in them, and the positions that people hold there."""

from commonground.site.directory.models.organization import Organization
from commonground.site.directory.models.people import Person, Position, Term

__all__ = ["Organization", "Person", "Position", "Term"]
