"""Documents for readers: what engines found, as pages, tables and files that open without a network."""
