"""Rounds, the taxonomy of problems of practice, and what organizations say when they sign up."""

from commonground.site.formation.models.facilitators import Facilitator
from commonground.site.formation.models.offers import Offer, Place, PlaceMessage
from commonground.site.formation.models.proposals import Draft, DraftNote, Search, Version
from commonground.site.formation.models.rounds import Blackout, FocusArea, Round
from commonground.site.formation.models.signups import PastRelation, RankedArea, SignUp, TeamMember, TopicChoice
from commonground.site.formation.models.topics import Topic
from commonground.site.formation.models.travel import DriveTimes

__all__ = [
    "Blackout",
    "Draft",
    "DraftNote",
    "DriveTimes",
    "Facilitator",
    "FocusArea",
    "Offer",
    "PastRelation",
    "Place",
    "PlaceMessage",
    "RankedArea",
    "Round",
    "Search",
    "SignUp",
    "TeamMember",
    "Topic",
    "TopicChoice",
    "Version",
]
