"""Tagged PDF of a page, with parts that not every installation has."""

from pathlib import Path
from types import ModuleType

from commonground.i18n import N_

MISSING = N_("A PDF needs the extra parts: pip install '.[pdf]' in Common Ground's folder, and Pango on the machine.")


class NoPdfError(RuntimeError):
    """The parts that make a PDF are not installed."""


def require() -> ModuleType:
    """The library that makes PDF, for a command to ask before its long work. Raises NoPdfError."""
    try:
        import weasyprint
    except (ImportError, OSError) as error:
        raise NoPdfError(MISSING) from error
    module: ModuleType = weasyprint
    return module


def tagged(page: str, base: Path | None = None) -> bytes:
    """An HTML page as PDF/UA; its links and styles are looked for beside `base`. Raises NoPdfError."""
    document = require().HTML(string=page, base_url=str(base) if base else None)
    made: bytes = document.write_pdf(pdf_variant="pdf/ua-1")
    return made
