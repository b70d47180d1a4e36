"""Pure computation: no Django, no database, no clock, no hidden chance. Data in, result and reasons out."""
