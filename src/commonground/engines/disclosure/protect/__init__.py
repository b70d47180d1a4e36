"""Figures in, publication out: withheld, coded or told coarsely, so that no small group of students can be worked out.

    publication, exposed = protect(figures, Settings(), title="Equity report", made="2025-10-01")

What an outsider is taken to know: every published figure of this and of earlier releases, everything that adds up,
that students are whole and numerators lie between 0 and the denominator, and how we round.
"""

from commonground.engines.disclosure.protect.protecting import Exposed, Protected, ProtectionError, protect
from commonground.engines.disclosure.protect.settings import Settings, SettingsError, parse_settings, read_settings

__all__ = [
    "Exposed",
    "Protected",
    "ProtectionError",
    "Settings",
    "SettingsError",
    "parse_settings",
    "protect",
    "read_settings",
]
