"""Common Ground: software for school districts and charter schools that work together."""

__version__ = "0.1.0"
