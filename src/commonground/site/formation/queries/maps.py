"""A draft's groups on a map."""

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commonground.engines.formation.map import MapPoint, MapTexts, draw_map
from commonground.site.directory.models.organization import Sector
from commonground.site.formation.plan import Plan
from commonground.site.formation.queries.drafts import Table


def map_of(table: Table, plan: Plan, prefix: str = "map") -> SafeString:
    """The map as SVG without inline styles; the page's tables say the same in words."""
    where = {member: planned.number for planned in plan for member in planned.members}
    points = [
        MapPoint(member.name, member.sector, member.latitude, member.longitude, where.get(member.id))
        for member in table.market.members
        if member.latitude is not None and member.longitude is not None
    ]
    texts = MapTexts(
        title=_("Map of the groups"),
        description=ngettext(
            "{schools} member in {groups} groups; lines join the members of a group to its number.",
            "{schools} members in {groups} groups; lines join the members of a group to its number.",
            len(points),
        ),
        without=_("{count} have no group."),
        empty=_("No member has a place on the map."),
        alone=_("no group"),
        sectors={str(value): str(label).lower() for value, label in Sector.choices},
        groups={planned.number: _("Group %(number)s") % {"number": planned.number} for planned in plan},
    )
    return mark_safe(draw_map(points, texts=texts, prefix=prefix))  # noqa: S308 - the engine escapes every name
