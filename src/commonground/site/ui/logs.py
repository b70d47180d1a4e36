"""Log lines as JSON, without the addresses of people.

Code logs identifiers, never names. Libraries and tracebacks may still carry an email address, so it is taken out of the finished
line, wherever in it the address stands.
"""

import logging
import re

from pythonjsonlogger.json import JsonFormatter

ADDRESS = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
REMOVED = "[address removed]"


class WithoutAddresses(JsonFormatter):
    """One JSON object per line."""

    def format(self, record: logging.LogRecord) -> str:
        return ADDRESS.sub(REMOVED, super().format(record))
