"""A picture as SVG that stands inside an HTML page: no script, no font, nothing fetched."""

from html import escape

from sidecar.seo.pictures import Picture

WIDTH, BAR, GAP, LABEL, NUMBER = 460, 16, 6, 170, 52


def svg(picture: Picture) -> str:
    """Bars lying one below the other, their numbers behind them."""
    height = (BAR + GAP) * len(picture.bins) + GAP
    largest = 1.0 if picture.shares else max([*picture.values, 1])
    room = WIDTH - LABEL - NUMBER
    rows = []
    for number, (name, value) in enumerate(zip(picture.bins, picture.values, strict=True)):
        top = GAP + number * (BAR + GAP)
        width = room * value / largest
        told = f"{value:.0%}" if picture.shares else f"{value:g}"
        kind = ' class="bad"' if name in picture.bad and value else ""
        rows.append(
            f'<text x="{LABEL - 8}" y="{top + 12}" text-anchor="end">{escape(name)}</text>'
            f'<rect{kind} x="{LABEL}" y="{top}" width="{width:.1f}" height="{BAR}" rx="2"/>'
            f'<text x="{LABEL + width + 6:.1f}" y="{top + 12}">{told}</text>'
        )
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img" '
        f'aria-label="{escape(picture.title, quote=True)}">{"".join(rows)}</svg>'
    )
