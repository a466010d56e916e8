"""When a ranking counts as worse than it was: see docs/evaluation.md."""

from dataclasses import dataclass
from pathlib import Path

import yaml

from sidecar.evaluation.measures import PRIMARY
from sidecar.evaluation.report import Report

EXPECTED = Path(__file__).with_name("expected.yml")
ARMS = ("bm25", "reranked")


@dataclass(frozen=True)
class Expectation:
    """What is expected of one set of judgments, in nDCG@10 over `queries` of them drawn with `seed`.

    `bm25` and `reranked` are the figures as last written down, `tolerance` how far a run may be from them,
    and `floor` the least by which `reranked` must be ahead of `bm25`, whatever was written down.
    """

    queries: int
    seed: int
    bm25: float
    reranked: float
    tolerance: float
    floor: float


def expectation(name: str) -> Expectation:
    """The one of expected.yml."""
    return Expectation(**yaml.safe_load(EXPECTED.read_text(encoding="utf-8"))[name])


def problems(report: Report, expected: Expectation) -> list[str]:
    """Why the gate does not open; empty if it does. The arms are bm25 and reranked."""
    bm25, reranked = (report.arms[arm][PRIMARY] for arm in ARMS)
    found = []
    if report.queries != expected.queries:
        found.append(f"{report.queries} queries were measured, {expected.queries} are expected")
    if report.incomplete["reranked"]:
        found.append(f"{report.incomplete['reranked']} answers are not fully re-ranked")
    if abs(bm25 - expected.bm25) > expected.tolerance:
        found.append(
            f"the baseline is another: {bm25:.4f} instead of {expected.bm25:.4f}; every gain is measured "
            f"against it"
        )
    if reranked < expected.reranked - expected.tolerance:
        found.append(
            f"the ranking got worse: {reranked:.4f} instead of {expected.reranked:.4f} "
            f"(tolerance {expected.tolerance})"
        )
    if reranked - bm25 < expected.floor:
        found.append(f"the gain over BM25 is {reranked - bm25:+.4f}, below the floor {expected.floor:+.4f}")
    return found


def measured_lines(report: Report) -> str:
    """The figures as expected.yml would hold them, for whoever changed the ranking on purpose."""
    return "\n".join(f"  {arm}: {report.arms[arm][PRIMARY]:.4f}" for arm in ARMS)
