"""A preview as one HTML file: two lists side by side, a line from where each hit is to where it would be;
one below the other in a narrow window.

All data is in the file. It holds no script, its policy allows none, and every text is escaped; only pictures
come from where the documents say they are.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from importlib import resources

from sidecar.evaluation.preview.model import Badge, Hit, Preview, QueryPreview, Side

ROW = 64
"""Height of a hit with its margin, in pixels; the lines between the lists count on it (page.css)."""
MIDDLE = 84
"""Width between the lists, in pixels."""
MOST_HIDDEN = 12
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src http: https: data:; base-uri 'none'"
WORDS: Mapping[str, str] = {
    "pin": "pinned",
    "boost": "boosted",
    "bury": "buried",
    "hide": "hidden",
    "filter": "filtered out",
    "collapse": "collapsed",
    "diversify": "moved for variety",
    "demote_unavailable": "not available",
    "slot": "slot",
}


def html_page(preview: Preview) -> str:
    """The page's text."""
    css = resources.files("sidecar.evaluation.preview").joinpath("page.css").read_text(encoding="utf-8")
    changed = preview.changed
    unchanged = [found for found in preview.queries if not found.changed]
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{escape(POLICY)}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="referrer" content="no-referrer">',
        f"<title>Rules preview: {escape(preview.index)}</title>",
        f"<style>{css}</style></head><body>",
        *_head(preview, changed),
        *_contents(changed),
        *(part for number, found in enumerate(changed) for part in _query(number, found, preview)),
        *_unchanged(unchanged),
        "</body></html>\n",
    ]
    return "\n".join(parts)


def _head(preview: Preview, changed: Sequence[QueryPreview]) -> Iterator[str]:
    moves = [move for found in changed for move in found.moves]
    come = sum(move.before is None for move in moves)
    gone = sum(move.after is None for move in moves)
    yield "<header><h1>What the draft would change</h1>"
    context = f" · as {escape(preview.context)}" if preview.context else ""
    yield (
        f"<p>Index <b>{escape(preview.index)}</b> · live <code>{escape(preview.live)}</code> → draft "
        f"<code>{escape(preview.draft)}</code>{context} · {escape(preview.made)}</p>"
    )
    yield '<ul class="figures">'
    for figure, words in (
        (f"{len(changed)} of {len(preview.queries)}", "queries change"),
        (str(len(moves) - come - gone), "hits move"),
        (str(come), "hits come"),
        (str(gone), "hits go"),
    ):
        yield f"<li><b>{figure}</b>{words}</li>"
    yield "</ul></header>"


def _contents(changed: Sequence[QueryPreview]) -> Iterator[str]:
    if len(changed) > 1:
        yield '<nav aria-label="Queries">'
        for number, found in enumerate(changed):
            yield f'<a href="#q{number}">{escape(found.title)} <span>{len(found.moves)}</span></a>'
        yield "</nav>"
    if not changed:
        yield '<p class="nothing">No list changes: shoppers would see what they see today.</p>'


def _query(number: int, found: QueryPreview, preview: Preview) -> Iterator[str]:
    live, draft = found.live.shown[: found.size], found.draft.shown[: found.size]
    yield f'<section id="q{number}"><h2>{escape(found.title)}</h2>'
    acting = sorted({*found.live.acting, *found.draft.acting})
    if acting or found.note:
        yield '<p class="rules">'
        yield " ".join(_rule_chip(rule, found) for rule in acting)
        if found.note:
            yield f'<span class="note">{escape(found.note)}</span>'
        yield "</p>"
    places = {hit.id: hit.place for hit in live}
    new_places = {hit.id: hit.place for hit in draft}
    yield '<div class="sides">'
    yield f'<div class="side"><h3>Live <code>{escape(preview.live)}</code></h3><ol>'
    hidden = {hit.id: hit for hit in found.draft.hidden}
    for hit in live:
        yield _row(hit, *_fate(hit, new_places.get(hit.id), hidden.get(hit.id), found))
    yield "</ol></div>"
    yield _lines(live, draft, new_places)
    yield f'<div class="side"><h3>Draft <code>{escape(preview.draft)}</code></h3><ol>'
    for hit in draft:
        yield _row(hit, *_origin(hit, places.get(hit.id), found))
    yield "</ol></div></div>"
    yield from _hidden(found.draft, found.live)
    yield "</section>"


def _rule_chip(rule: str, found: QueryPreview) -> str:
    """New rules in green, those that no longer act in red."""
    kind = ""
    if rule not in found.live.acting:
        kind = " new"
    elif rule not in found.draft.acting:
        kind = " old"
    return f'<span class="chip{kind}">{escape(rule)}</span>'


def _fate(hit: Hit, place: int | None, hidden: Hit | None, found: QueryPreview) -> tuple[str, str]:
    """What becomes of a live hit: the row's class and the words beside it."""
    if hidden is not None:
        return "gone", "hidden"
    if place is None:
        later = next((one.place for one in found.draft.shown if one.id == hit.id), None)
        return "gone", f"to {later}" if later else "gone"
    return ("same", "") if place == hit.place else ("moved", "")


def _origin(hit: Hit, place: int | None, found: QueryPreview) -> tuple[str, str]:
    """Where a hit of the draft comes from."""
    if hit.fetched:
        return "come", "brought in"
    if place is None:
        earlier = next((one.place for one in found.live.shown if one.id == hit.id), None)
        return "come", f"from {earlier}" if earlier else "new"
    if place == hit.place:
        return "same", ""
    rises = place - hit.place
    return ("up", f"▲ {rises}") if rises > 0 else ("down", f"▼ {-rises}")


def _row(hit: Hit, kind: str, words: str) -> str:
    badges = "".join(_badge(badge) for badge in hit.badges if badge.outcome != "lost")
    title = escape(hit.title or hit.id)
    line = escape(hit.line) if hit.line else f"<code>{escape(hit.id)}</code>"
    beside = f'<span class="move">{escape(words)}</span>' if words else ""
    return (
        f'<li class="{kind}" title="{escape(hit.id)}"><span class="place">{hit.place}</span>{_picture(hit)}'
        f'<div class="what"><b>{title}</b><span>{line}{badges}</span></div>{beside}</li>'
    )


def _picture(hit: Hit) -> str:
    """The document's picture; without one a tile in a color of its own."""
    if hit.image:
        return f'<img src="{escape(hit.image)}" alt="" loading="lazy" referrerpolicy="no-referrer">'
    hue = int.from_bytes(hashlib.sha256(hit.id.encode("utf-8", "surrogatepass")).digest()[:2], "big") % 360
    letter = next((sign for sign in hit.title or hit.id if sign.isalnum()), "·")
    return f'<span class="tile" style="--hue:{hue}" aria-hidden="true">{escape(letter.upper())}</span>'


def _badge(badge: Badge) -> str:
    words = WORDS.get(badge.action, badge.action)
    if badge.outcome not in ("acted", "honoured"):
        words = f"{words}: {badge.outcome}"
    detail = f' title="{escape(badge.detail)}"' if badge.detail else ""
    return f'<em class="badge {escape(badge.action)}"{detail}>{escape(words)} · {escape(badge.rule)}</em>'


def _lines(live: Sequence[Hit], draft: Sequence[Hit], new_places: Mapping[str, int]) -> str:
    """From each live hit to where it stands in the draft; those that leave the list fade out."""
    height = max(len(live), len(draft)) * ROW
    box = f'width="{MIDDLE}" height="{height}" viewBox="0 0 {MIDDLE} {height}"'
    found = [f'<svg class="lines" {box} aria-hidden="true">']
    for hit in live:
        start, place = _middle(hit.place), new_places.get(hit.id)
        if place is None:
            found.append(f'<path class="gone" d="M0 {start}h{MIDDLE // 4}"/>')
            continue
        end = _middle(place)
        kind = "same" if place == hit.place else "up" if place < hit.place else "down"
        bend = MIDDLE // 2
        found.append(f'<path class="{kind}" d="M0 {start}C{bend} {start} {bend} {end} {MIDDLE} {end}"/>')
    before = {hit.id for hit in live}
    found += [
        f'<path class="come" d="M{MIDDLE * 3 // 4} {_middle(hit.place)}h{MIDDLE // 4}"/>'
        for hit in draft
        if hit.id not in before
    ]
    return "".join([*found, "</svg>"])


def _middle(place: int) -> int:
    return (place - 1) * ROW + ROW // 2


def _hidden(draft: Side, live: Side) -> Iterator[str]:
    """Hits that only one of both hides."""
    was = {hit.id for hit in live.hidden}
    newly = [hit for hit in draft.hidden if hit.id not in was]
    will = {hit.id for hit in draft.hidden}
    again = [hit for hit in live.hidden if hit.id not in will]
    for words, hits in (("Newly hidden", newly), ("No longer hidden", again)):
        if not hits:
            continue
        more = f" and {len(hits) - MOST_HIDDEN} more" if len(hits) > MOST_HIDDEN else ""
        told = ", ".join(
            f"{escape(hit.title or hit.id)}{''.join(_badge(badge) for badge in hit.badges if badge.rule)}"
            for hit in hits[:MOST_HIDDEN]
        )
        yield f'<p class="hidden"><b>{words} ({len(hits)}):</b> {told}{more}</p>'


def _unchanged(found: Sequence[QueryPreview]) -> Iterator[str]:
    if found:
        yield f"<details><summary>{len(found)} queries do not change</summary><p>"
        yield ", ".join(escape(one.query) + (f" ({escape(one.note)})" if one.note else "") for one in found)
        yield "</p></details>"
