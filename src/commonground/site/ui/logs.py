"""Log lines as JSON, without the addresses of people.

Code logs identifiers, never names. Libraries and tracebacks may still carry an email address, so it is taken out of the finished
line, wherever in it the address stands.
"""

import logging
import re
from typing import Any

from pythonjsonlogger.json import JsonFormatter

ADDRESS = re.compile(r"[\w.+%-]+(?:@|%40)[\w-]+(?:\.[\w-]+)+")  # as written, and as it stands in a URL
REMOVED = "[address removed]"


class WithoutAddresses(JsonFormatter):
    """One JSON object per line."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        # As \u00e9, the letters of an address would hide it from the pattern, or leave half an escape behind.
        super().__init__(*arguments, json_ensure_ascii=False, **options)

    def format(self, record: logging.LogRecord) -> str:
        return ADDRESS.sub(REMOVED, super().format(record))
