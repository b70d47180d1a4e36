"""A bar chart as SVG, drawn by hand: the report must open without a network and the engines need no chart library."""

from collections.abc import Sequence
from html import escape

from markupsafe import Markup

ROW, LABEL, WIDTH, LETTERS = 26, 230, 720, 26
BLUE = "#005ea2"


def bars(rows: Sequence[tuple[str, int]], title: str) -> Markup:
    """Horizontal bars with their numbers. Readers of the page hear the title; the numbers follow in a table."""
    if not rows:
        return Markup("")
    most = max(count for _, count in rows) or 1
    height = ROW * len(rows) + 8
    parts = [
        f'<svg role="img" aria-label="{escape(title)}" viewBox="0 0 {WIDTH} {height}" xmlns="http://www.w3.org/2000/svg" '
        f'font-size="13" fill="#1b1b1b">'  # here and not in the style sheet, which the printer does not apply to pictures
    ]
    for at, (name, count) in enumerate(rows):
        top, length = ROW * at + 4, (WIDTH - LABEL - 80) * count / most
        shown = name if len(name) <= LETTERS else name[: LETTERS - 1] + "…"
        parts.append(f'<text x="{LABEL - 8}" y="{top + 15}" text-anchor="end">{escape(shown)}</text>')
        parts.append(f'<rect x="{LABEL}" y="{top}" width="{length:.1f}" height="{ROW - 6}" fill="{BLUE}"/>')
        parts.append(f'<text x="{LABEL + length + 6:.1f}" y="{top + 15}">{count:,}</text>')
    return Markup("".join([*parts, "</svg>"]))  # noqa: S704 (every text in it is escaped above)
