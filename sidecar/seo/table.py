"""The audit as a table for the terminal."""

from collections import defaultdict
from collections.abc import Sequence

from rich.markup import escape
from rich.table import Table

from sidecar.seo.audit import Audit
from sidecar.seo.finding import SEVERITIES, Finding

COLORS = {"error": "red", "warning": "yellow", "note": "dim"}
MOST_QUERIES = 3


def findings_table(audit: Audit) -> Table:
    """One row a check, worst first, with some of its queries; the whole is in the JSON and the HTML page."""
    table = Table("", "check", "times", "for example", "what to do", title_justify="left")
    table.title = (
        f"Pages of results of {escape(audit.index)}: {audit.queries} queries, {audit.products} products"
    )
    grouped: dict[tuple[int, str], list[Finding]] = defaultdict(list)
    for finding in audit.findings:
        grouped[SEVERITIES.index(finding.severity), finding.check].append(finding)
    for (severity, check), found in sorted(grouped.items(), key=lambda item: (item[0][0], -len(item[1]))):
        name = SEVERITIES[severity]
        table.add_row(
            f"[{COLORS[name]}]{name}[/]", check, str(len(found)), _examples(found), escape(found[0].fix)
        )
    return table


def _examples(found: Sequence[Finding]) -> str:
    lines = [
        escape(f"{finding.query}: {finding.reason}" if finding.query else finding.reason)
        for finding in found[:MOST_QUERIES]
    ]
    return "\n".join(lines) + (
        f"\n… and {len(found) - MOST_QUERIES} more" if len(found) > MOST_QUERIES else ""
    )
