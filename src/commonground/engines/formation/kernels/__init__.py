"""Compiled loops of the search and of the bound. Arrays in, arrays out; no Python objects, no lock held."""
