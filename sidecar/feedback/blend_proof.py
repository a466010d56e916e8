"""Whether the online blend has proven itself: its progressive log loss against relevance alone."""

import math
from dataclasses import dataclass, replace

from sidecar.config.online_blend import OnlineBlend

SURE = 2.0
"""Standard errors that a gain must be above 0."""
DRIFTED = -1.0
"""Standard errors below 0 at which the last part of the window takes the proof away."""
QUICK = 0.125
"""Of the window: its last part."""


@dataclass(frozen=True, slots=True)
class Window:
    """Decayed sums over pages: `hits` examined, `gain` in nats, `squared` gains, and the log loss of both."""

    hits: float = 0.0
    gain: float = 0.0
    squared: float = 0.0
    loss: float = 0.0
    loss_relevance: float = 0.0

    def add(self, hits: float, loss: float, loss_relevance: float, length: float) -> "Window":
        """The window one page later; what is `length` hits old is worth 1/e."""
        kept = math.exp(-hits / length)
        gain = loss_relevance - loss
        return Window(
            self.hits * kept + hits,
            self.gain * kept + gain,
            self.squared * kept + gain * gain,
            self.loss * kept + loss,
            self.loss_relevance * kept + loss_relevance,
        )

    @property
    def per_hit(self) -> float:
        """The mean gain in nats per examined hit."""
        return self.gain / self.hits if self.hits else 0.0

    @property
    def sureness(self) -> float:
        """The gain in standard errors."""
        return self.gain / math.sqrt(self.squared) if self.squared else 0.0


@dataclass(frozen=True, slots=True)
class Proof:
    """What the last pages said. `proven` counts until `quick` takes it away; `drifts` counts those times."""

    slow: Window = Window()
    quick: Window = Window()
    pages: int = 0
    proven: bool = False
    drifts: int = 0

    def add(self, hits: float, loss: float, loss_relevance: float, settings: OnlineBlend) -> "Proof":
        """After one more page, whose losses were foretold before it was learned from."""
        slow = self.slow.add(hits, loss, loss_relevance, settings.window)
        quick = self.quick.add(hits, loss, loss_relevance, settings.window * QUICK)
        after = replace(self, slow=slow, quick=quick, pages=self.pages + 1)
        if self.proven:
            drifted = quick.sureness < DRIFTED or slow.per_hit <= 0
            return replace(after, proven=not drifted, drifts=self.drifts + drifted)
        good = (
            slow.hits >= min(settings.least, 0.9 * settings.window)
            and slow.per_hit > settings.margin
            and slow.sureness > SURE
            and quick.per_hit > 0
        )
        return replace(after, proven=good)
