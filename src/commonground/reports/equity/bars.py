"""One bar per row of a table, as SVG without text: the numbers stand beside it in the same row."""

from markupsafe import Markup

WIDTH, HEIGHT = 200, 10
# Said in the picture itself: what makes PDF does not apply a page's style to a picture in it.
SCALE, REACH, SURE, MARK = "#eff1f3", "#97d4ea", "#005ea2", "#1b1b1b"


def bar(low: float, high: float, mark: float | None, most: float) -> Markup:
    """A bar up to ``low``, lighter up to ``high``, and a line at ``mark``; ``most`` is the right end of the scale."""
    scale = WIDTH / (most or 1)
    end, reach = _within(low * scale), _within(high * scale)
    parts = [
        f'<svg class="bar" viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        f'<rect fill="{SCALE}" width="{WIDTH}" height="{HEIGHT}"/>'
        f'<rect fill="{REACH}" width="{reach:.1f}" height="{HEIGHT}"/>'
        f'<rect fill="{SURE}" width="{end:.1f}" height="{HEIGHT}"/>'
    ]
    if mark is not None:
        at = min(max(_within(mark * scale), 1.5), WIDTH - 1.5)
        parts.append(f'<rect fill="{MARK}" x="{at - 1.5:.1f}" width="3" height="{HEIGHT}"/>')
    return Markup("".join([*parts, "</svg>"]))  # noqa: S704 (numbers only)


def _within(length: float) -> float:
    return min(max(length, 0.0), float(WIDTH))
