"""A partnership: who belongs to it from when to when, where it came from, and its meetings."""

from commonground.site.partnership.models.meeting import Meeting
from commonground.site.partnership.models.origin import OriginStatement
from commonground.site.partnership.models.partnership import Kind, Member, Partnership

__all__ = ["Kind", "Meeting", "Member", "OriginStatement", "Partnership"]
