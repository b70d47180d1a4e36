"""Rounds, the taxonomy of problems of practice, and what organizations say when they sign up."""

from commonground.site.formation.models.rounds import Blackout, FocusArea, Round
from commonground.site.formation.models.signups import PastRelation, RankedArea, SignUp, TeamMember, TopicChoice
from commonground.site.formation.models.topics import Topic

__all__ = [
    "Blackout",
    "FocusArea",
    "PastRelation",
    "RankedArea",
    "Round",
    "SignUp",
    "TeamMember",
    "Topic",
    "TopicChoice",
]
