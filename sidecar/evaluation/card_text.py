"""An evaluation in Markdown."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sidecar.evaluation.measures import MEASURES, PRIMARY

EXPLAINED = """\
Gains are ESCI's (E 1, S 0.1, C 0.01, I 0); `/binary`, MRR and recall count E alone; what nobody judged has
gain 0. Intervals are 95 % percentile intervals of a bootstrap over the queries, p and p (signs) the two-sided
p-values of the bootstrap and of a paired randomisation test."""


def card_text(figures: Mapping[str, Any], plots: Mapping[str, str]) -> str:
    """`figures` as card.json holds them; `plots` are file names by what they show."""
    return "\n".join(_paragraphs(figures, plots)).rstrip()


def _paragraphs(figures: Mapping[str, Any], plots: Mapping[str, str]) -> Iterator[str]:
    data = figures["data"]
    yield f"## Evaluation\n\nMeasured on {figures['date']} by `reshelf evaluate` {figures['reshelf']}:"
    yield f"{figures['queries']} queries of {_file(data['judgments'])}, over {_file(data['products'])}."
    if data["sample"] is not None:
        yield f"The queries are a sample of {data['sample']} with the seed {data['seed']}."
    yield f"\n{EXPLAINED}\n"
    yield from _arms(figures)
    if "arms" in plots:
        yield f"\n![{PRIMARY} of the arms with their intervals]({plots['arms']})\n"
    yield from _comparisons(figures)
    for arm, name in ((key.removeprefix("queries:"), name) for key, name in plots.items() if ":" in key):
        yield f"\n![{PRIMARY} of {arm} less the baseline's, query by query]({name})\n"
    yield from _slices(figures)
    if "slices" in plots:
        yield f"\n![{PRIMARY} by slice]({plots['slices']})\n"
    yield from _versions(figures)


def _file(found: Mapping[str, Any]) -> str:
    named = f"`{found['name']}`"
    rows = f", {found['rows']:,} rows" if "rows" in found else ""
    checksum = f", SHA-256 `{found['sha256'][:16]}…`" if "sha256" in found else ""
    return f"{named} ({(rows + checksum).removeprefix(', ')})" if rows or checksum else named


def _arms(figures: Mapping[str, Any]) -> Iterator[str]:
    yield "### Arms\n"
    yield from _header(["arm", *MEASURES, f"interval of {PRIMARY}", "incomplete"])
    for arm, means in figures["arms"].items():
        low, high = figures["intervals"][arm]
        values = [f"{means[metric]:.4f}" for metric in MEASURES]
        yield _row([arm, *values, f"{low:.4f} … {high:.4f}", str(figures["incomplete"].get(arm, "–"))])


def _comparisons(figures: Mapping[str, Any]) -> Iterator[str]:
    if not figures["comparisons"]:
        return
    yield "\n### Differences\n"
    yield from _header(
        ["arm", "measure", "difference", "relative", "interval", "p", "p (signs)", "wins", "losses", "ties"]
    )
    for found in figures["comparisons"]:
        base = figures["arms"][found["baseline"]][found["metric"]]
        yield _row(
            [
                f"{found['arm']} − {found['baseline']}",
                found["metric"],
                f"{found['delta']:+.4f}",
                f"{found['delta'] / base:+.1%}" if base else "–",
                _interval(found["ci95"]),
                f"{found['p']:.3g}",
                f"{found['p_randomization']:.3g}",
                *(str(found[key]) for key in ("wins", "losses", "ties")),
            ]
        )


def _slices(figures: Mapping[str, Any]) -> Iterator[str]:
    if not figures["slices"]:
        return
    yield f"\n### Slices, by {PRIMARY}\n"
    yield from _header(["slice", "value", "arm", "queries", "baseline", "arm’s", "difference", "interval"])
    for found in figures["slices"]:
        yield _row(
            [
                found["slice"],
                found["value"],
                found["arm"],
                str(found["n"]),
                f"{found['baseline_mean']:.4f}",
                f"{found['mean']:.4f}",
                f"{found['delta']:+.4f}",
                _interval(found["ci95"]) if found["ci95"] else "too few",
            ]
        )


def _versions(figures: Mapping[str, Any]) -> Iterator[str]:
    yield "\n### Versions that decided\n"
    for arm, versions in figures["versions"].items():
        told = ", ".join(f"{name} `{'`, `'.join(found)}`" for name, found in versions.items())
        yield f"- {arm}: {told or 'none was reported'}"


def _header(names: Sequence[str]) -> Iterator[str]:
    yield _row(names)
    yield "|" + "---|" * len(names)


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _interval(ci95: Sequence[float]) -> str:
    return f"{ci95[0]:+.4f} … {ci95[1]:+.4f}"
