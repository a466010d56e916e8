"""The audit as one HTML file: nothing in it is fetched, no script runs."""

from collections.abc import Sequence
from html import escape

from sidecar.seo.audit import Audit
from sidecar.seo.bars import svg
from sidecar.seo.finding import SEVERITIES, Finding

STYLE = """
:root { color-scheme: light dark; --bad: #b5403a; --good: #2a7f62; --warn: #a06c00; --line: #8886; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 1080px; padding: 2rem 1rem; }
h1 { margin-bottom: 0; } .about { color: #777; margin-top: .2rem; }
.tiles { display: flex; flex-wrap: wrap; gap: 1rem; margin: 1.5rem 0; }
.tile { border: 1px solid var(--line); border-radius: 8px; padding: .6rem 1.2rem; }
.tile b { display: block; font-size: 1.8rem; }
.error b, td.error { color: var(--bad); } .warning b, td.warning { color: var(--warn); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
td, th { border-bottom: 1px solid var(--line); padding: .4rem .6rem; text-align: left; vertical-align: top; }
td small { color: #777; display: block; } code { font-size: .9em; }
.pictures { display: grid; gap: 1.5rem; }
.pictures { grid-template-columns: repeat(auto-fit, minmax(min(460px, 100%), 1fr)); }
figure { margin: 0; } figcaption { font-weight: 600; margin-bottom: .3rem; }
svg { height: auto; max-width: 100%; }
svg text { fill: currentColor; font-size: 12px; }
svg rect { fill: var(--good); } svg rect.bad { fill: var(--bad); }
"""


def html_page(audit: Audit) -> str:
    """The whole page. What shoppers and shops wrote is escaped."""
    tiles = [(severity, audit.count(severity), f"{severity}s") for severity in SEVERITIES]
    figures = [
        f"<figure><figcaption>{escape(picture.title)}</figcaption>{svg(picture)}</figure>"
        for picture in audit.pictures
    ]
    about = (
        f"{audit.queries:,} queries, {audit.products:,} products, as a crawler gets them. "
        "Red bars are what findings tell of."
    )
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="robots" content="noindex">',
            f"<title>Pages of results of {escape(audit.index)}</title><style>{STYLE}</style></head><body>",
            f"<h1>Pages of results of {escape(audit.index)}</h1>",
            f'<p class="about">{about}</p>',
            '<div class="tiles">',
            *[f'<div class="tile {kind}"><b>{count:,}</b>{what}</div>' for kind, count, what in tiles],
            "</div>",
            '<h2>Distributions</h2><div class="pictures">',
            *figures,
            "</div>",
            "<h2>Findings</h2>",
            _table(audit.findings),
            "</body></html>",
            "",
        ]
    )


def _table(findings: Sequence[Finding]) -> str:
    if not findings:
        return "<p>Nothing was found.</p>"
    rows = [
        f'<tr><td class="{finding.severity}">{finding.severity}</td>'
        f"<td><code>{escape(finding.check)}</code></td>"
        f"<td>{escape(finding.query) or '<i>all pages</i>'}</td>"
        f"<td>{escape(finding.reason)}<small>{escape(finding.fix)}</small></td>"
        f"<td><code>{escape(' '.join(finding.ids))}</code></td></tr>"
        for finding in findings
    ]
    head = "<tr><th></th><th>check</th><th>query</th><th>what</th><th>for example</th></tr>"
    return f'<div class="wide"><table>{head}{"".join(rows)}</table></div>'
