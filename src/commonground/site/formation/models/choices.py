"""The fixed lists of forming partnerships: what kinds there are, and the words people choose from."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class RoundKind(models.TextChoices):
    """What a round forms."""

    QUADS = "quads", _("Quads of schools")
    TRIADS = "triads", _("Triads of schools")
    DISTRICTS = "districts", _("District partnerships")
    NETWORKS = "networks", _("Networks")


class RoundState(models.TextChoices):
    """The stages of a round, in order."""

    DRAFT = "draft", _("Draft")
    OPEN = "open", _("Open for sign-up")
    CLOSED = "closed", _("Closed for sign-up")
    PROPOSALS = "proposals", _("Proposals")
    RELEASED = "released", _("Released to members")
    FINISHED = "finished", _("Finished")


class SignUpState(models.TextChoices):
    STARTED = "started", _("Started")
    SUBMITTED = "submitted", _("Submitted")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Source(models.TextChoices):
    """How the answers came in."""

    ONLINE = "online", _("Typed in by the organization")
    PAPER = "paper", _("Typed in by staff from a paper form")
    FILE = "file", _("Imported from a file")


class Side(models.TextChoices):
    """Everybody may be on both sides of a topic: seek in one part of it and offer in another."""

    NEED = "need", _("Need")
    STRENGTH = "strength", _("Strength")


class Importance(models.IntegerChoices):
    """How much a need or a strength counts. The numbers go to the engine, where 1 is ordinary."""

    SOME = 1, _("Somewhat")
    STRONG = 2, _("Very")
    MOST = 3, _("Most of all")


# The same three steps in words that fit the question.
LEVELS = {
    Side.NEED: {1: _("Would help"), 2: _("Important"), 3: _("Most important")},
    Side.STRENGTH: {1: _("We have something to share"), 2: _("We do this well"), 3: _("One of our best")},
}


class GradeBand(models.TextChoices):
    """The same bands as in files of sign-ups (`commonground.formats`)."""

    ELEMENTARY = "elementary", _("Elementary (up to grade 5)")
    MIDDLE = "middle", _("Middle (grades 6–8)")
    HIGH = "high", _("High (grades 9–12)")


class Language(models.TextChoices):
    """Languages that a team can work in; the most spoken at home by students in US schools, and ASL."""

    ENGLISH = "en", _("English")
    SPANISH = "es", _("Spanish")
    ARABIC = "ar", _("Arabic")
    CHINESE = "zh", _("Chinese")
    HAITIAN = "ht", _("Haitian Creole")
    HMONG = "hmn", _("Hmong")
    KOREAN = "ko", _("Korean")
    PORTUGUESE = "pt", _("Portuguese")
    PUNJABI = "pa", _("Punjabi")
    RUSSIAN = "ru", _("Russian")
    SOMALI = "so", _("Somali")
    TAGALOG = "tl", _("Tagalog")
    VIETNAMESE = "vi", _("Vietnamese")
    ASL = "ase", _("American Sign Language")


class Capacity(models.TextChoices):
    """Time that the team can give, together, in an ordinary month."""

    LOW = "low", _("Up to 4 hours a month")
    MEDIUM = "medium", _("About 1 day a month")
    HIGH = "high", _("About 2 days a month")
    VERY_HIGH = "very_high", _("More than 2 days a month")


class ReadinessLevel(models.IntegerChoices):
    """How far a statement about readiness is true."""

    NOT_YET = 0, _("Not yet")
    LITTLE = 1, _("A little")
    MOSTLY = 2, _("Mostly")
    FULLY = 3, _("Fully")


class Outcome(models.TextChoices):
    """How working together went, in the eyes of the one who says so."""

    GOOD = "good", _("It went well")
    BAD = "bad", _("It did not go well")


class TopicFamily(models.TextChoices):
    """Families keep forty topics readable on a phone. Staff add topics, not families."""

    BELONGING = "belonging", _("Attendance and belonging")
    LITERACY = "literacy", _("Reading, writing and languages")
    MATH_SCIENCE = "math_science", _("Mathematics, science and technology")
    LEARNERS = "learners", _("Learners who need more")
    CLIMATE = "climate", _("Climate and well-being")
    PATHWAYS = "pathways", _("Courses, college and careers")
    FAMILIES = "families", _("Families and community")
    STAFF = "staff", _("Teachers and leaders")
    SYSTEMS = "systems", _("Data and shared systems")
