"""The Spanish of Common Ground: finds the English texts, keeps the catalogs, compiles them, and says what is missing.

Each feature has its own catalog, `src/commonground/site/FEATURE/locale/es/LC_MESSAGES/django.po`, so that people who work on
different features seldom meet in one file. Needs Babel only: no gettext programs.
"""
