"""What a fit found, as JSON for machines and as tables for people."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.table import Table

from sidecar.evaluation.comparison import Comparison
from sidecar.learning.blend_fit import FittedBlend
from sidecar.learning.lever import Share


@dataclass(frozen=True, slots=True)
class FitReport:
    """Cross-validated figures of a fit, and its weights on all queries."""

    queries: int
    blend: FittedBlend
    arms: Sequence[Comparison]
    means: dict[str, float]
    shares: Sequence[Share]
    left_out: str = ""
    """Which arm there is not, and why."""

    def to_json(self) -> dict[str, Any]:
        """All figures."""
        return {
            "queries": self.queries,
            "ndcg@10": self.means,
            "comparisons": [asdict(one) for one in self.arms],
            "levers": [
                {"lever": one.lever, "used": one.used, **asdict(one.comparison)} for one in self.shares
            ],
            "left_out": self.left_out,
            "weights": {"first": dict(self.blend.first), "final": dict(self.blend.final)},
        }

    def tables(self) -> list[Table]:
        """Arms, levers, weights."""
        arms = Table(
            *("", "nDCG@10", "against BM25", "95 %", "p"),
            title=f"{self.queries} queries, held out in turn",
            caption=self.left_out or None,
        )
        for name, mean in self.means.items():
            found = next((one for one in self.arms if one.arm == name), None)
            arms.add_row(name, f"{mean:.4f}", *(_cells(found, self.means["bm25"]) if found else ("", "", "")))
        levers = Table("lever", "in use", "worth", "95 %", "p", title="What each lever is worth")
        for share in self.shares:
            one = share.comparison
            levers.add_row(
                share.lever,
                "yes" if share.used else "no",
                f"{one.delta:+.4f}",
                f"{one.ci95[0]:+.3f} … {one.ci95[1]:+.3f}",
                f"{one.p:.2g}",
            )
        weights = Table("feature", "first", "final", title="Weights of one standard deviation")
        for feature in dict.fromkeys([*self.blend.first, *self.blend.final]):
            weights.add_row(
                feature,
                f"{self.blend.first.get(feature, 0):.3f}",
                f"{self.blend.final.get(feature, 0):.3f}",
            )
        return [arms, levers, weights] if self.shares else [arms, weights]


def _cells(found: Comparison, base: float) -> tuple[str, str, str]:
    relative = f" ({found.delta / base:+.1%})" if base else ""
    return (
        f"{found.delta:+.4f}{relative}",
        f"{found.ci95[0]:+.3f} … {found.ci95[1]:+.3f}",
        f"{found.p:.2g}",
    )
