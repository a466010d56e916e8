"""What all shoppers together did, from the events' side of the house to the searches'."""

import numpy as np

from sidecar.domain.search import Search
from sidecar.feedback.assembly import Feedback
from sidecar.feedback.blend_features import Moment
from sidecar.profiles.keying import Keys
from sidecar.ranking.personalization.shared import Adjustment, Columns
from sidecar.ranking.recording import text_key
from sidecar.ranking.standing import FloatArray, Standing
from sidecar.taste.traits import Traits

FIRST_STAGE = "first_stage"


class FeedbackKnowledge:
    """Figures of engagement and the online blend, once `feedback` is there."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self.feedback: Feedback | None = None

    @property
    def version(self) -> str:
        """Of the online blend; "" while it does not count."""
        return self.feedback.blend.version if self.feedback is not None else ""

    def columns(self, search: Search, standing: Standing, traits: Traits) -> Columns:
        """The hits' engagement, the numbers among their traits, and the first stage's score standardised."""
        ids = tuple(candidate.id for candidate in standing.candidates)
        first = np.array([candidate.score for candidate in standing.candidates], np.float32)
        deviation = float(first.std()) if len(first) else 0.0
        standard = (first - first.mean()) / deviation if deviation > 0 else np.zeros_like(first)
        names, parts = [FIRST_STAGE, *traits.slopes], [standard[:, None], traits.numbers]
        if self.feedback is not None:
            figures = self.feedback.figures
            names += figures.names
            parts.append(figures.columns(ids, traits, text_key(self._keys, search)))
        return Columns(ids, np.concatenate(parts, axis=1, dtype=np.float32), names)

    def adjustment(
        self, search: Search, scores: FloatArray, columns: Columns, now: float
    ) -> Adjustment | None:
        """What the online blend adds; None while it does not count."""
        if self.feedback is None or not self.feedback.blend.counts:
            return None
        understood = search.understanding
        specificity = understood.specificity if understood is not None else 0.0
        context = search.context
        moment = Moment(context.device, now, specificity, context.locale, context.channel)
        found = self.feedback.blend.adjustment(scores, columns.values, columns.names, moment)
        return Adjustment(found.values, found.parts, found.names) if found is not None else None
