"""Tools for those who work on Common Ground; nothing here is installed with it."""
