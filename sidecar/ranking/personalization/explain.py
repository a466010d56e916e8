"""What moved each hit, in words and in numbers that add up to its score."""

from collections.abc import Sequence

from sidecar.config.personalization import Personalization
from sidecar.domain.ranking import Contribution
from sidecar.ranking.personalization.arrangement import GUARDRAILS, Arrangement
from sidecar.ranking.personalization.shared import Adjustment
from sidecar.ranking.personalization.wording import worded
from sidecar.ranking.standing import Standing
from sidecar.taste.score import Residuals

NAME = "personalization"
BOUNDED = "bounded"
"""What the bound on the whole effect took away again."""

ALL_SHOPPERS = "all shoppers: "


def contributions(
    standing: Standing,
    arrangement: Arrangement,
    found: Residuals | None,
    shared: Adjustment | None,
    settings: Personalization,
) -> list[Sequence[Contribution]]:
    """Each hit's contributions in the new order: relevance's, then personalization's.

    They add up to the arrangement's scores if relevance's did to the standing's.
    """
    before = standing.contributions or [()] * len(standing.candidates)
    told: list[Sequence[Contribution]] = []
    for row in arrangement.order.tolist():
        parts: list[tuple[str, float]] = []
        if found is not None:
            candidate = standing.candidates[row]
            brought = found.parts[row].tolist()
            names = [worded(name, candidate, settings) for name in found.names]
            parts += [*zip(names, brought, strict=True), (BOUNDED, float(found.values[row]) - sum(brought))]
        if shared is not None:
            brought = shared.parts[row].tolist()
            names = [ALL_SHOPPERS + name for name in shared.names]
            parts += zip(names, brought, strict=True)
            parts.append((ALL_SHOPPERS + BOUNDED, float(shared.values[row]) - sum(brought)))
        if arrangement.held is not None:
            parts += zip(GUARDRAILS, arrangement.held[:, row].tolist(), strict=True)
        told.append((*before[row], *(Contribution(NAME, name, value) for name, value in parts if value)))
    return told
