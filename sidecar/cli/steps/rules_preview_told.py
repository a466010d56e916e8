"""A preview in the terminal."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sidecar.evaluation.preview.html_page import WORDS
from sidecar.evaluation.preview.model import Hit, Preview, QueryPreview


def show_preview(preview: Preview) -> None:
    """Prints a table for each query that changes: the draft's list, where each hit was, and why."""
    console = Console(highlight=False)
    for found in preview.changed:
        console.print(_table(found))
        for words in _gone(found):
            console.print(words)
        if found.note:
            console.print(Text(found.note, style="yellow"))
        console.print()
    still = [found.title for found in preview.queries if not found.changed]
    if still:
        console.print(Text(f"No change: {', '.join(still)}", style="dim"))
    context = f" (as {preview.context})" if preview.context else ""
    console.print(
        Text(
            f"{preview.live} → draft {preview.draft}{context}: "
            f"{len(preview.changed)} of {len(preview.queries)} queries change."
        )
    )


def _table(found: QueryPreview) -> Table:
    table = Table("place", "was", "hit", "rules", title=Text(found.title, style="bold"), title_justify="left")
    before = {hit.id: hit.place for hit in found.live.shown}
    for hit in found.draft.shown[: found.size]:
        was = before.get(hit.id)
        table.add_row(str(hit.place), _was(hit, was), Text(hit.title or hit.id), _rules(hit))
    return table


def _was(hit: Hit, was: int | None) -> Text:
    if was is None:
        return Text("new", style="blue")
    if was == hit.place:
        return Text(str(was), style="dim")
    rises = was > hit.place
    return Text(f"{was} {'▲' if rises else '▼'}", style="green" if rises else "red")


def _rules(hit: Hit) -> Text:
    parts = []
    for badge in hit.badges:
        what = WORDS.get(badge.action, badge.action)
        outcome = "" if badge.outcome in ("acted", "honoured") else f" ({badge.outcome})"
        parts.append(f"{what} by {badge.rule}{outcome}")
    return Text(", ".join(parts))


def _gone(found: QueryPreview) -> list[Text]:
    """A line for each hit that is no longer among the first."""
    titles = {hit.id: hit.title or hit.id for hit in found.live.shown}
    hidden = {hit.id: hit.badges[0].rule for hit in found.draft.hidden if hit.badges}
    return [
        Text(
            f"gone from place {move.before}: {titles[move.id]}"
            + (f", hidden by {hidden[move.id]}" if hidden.get(move.id) else ""),
            style="red",
        )
        for move in found.moves
        if move.after is None and move.before is not None
    ]
