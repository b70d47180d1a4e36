"""An equity report as a static site: opens from a folder, prints, in English and Spanish."""

from commonground.reports.equity.building import build_site

__all__ = ["build_site"]
