"""Marks the English texts of the engines and the table reader, so that a translator finds them.

An engine never translates: it gives a code, values and an English template. Whoever shows the text looks the
template up in its own catalog and fills in the values afterwards, so that one result can be read in any language.
"""


def N_(text: str) -> str:  # noqa: N802 (the keyword that text collectors know)
    """The text itself. The name is the keyword that tools which collect texts for translation look for."""
    return text
