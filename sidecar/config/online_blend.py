"""The section `online_blend`: weights that are learned from all shoppers' clicks while searches run."""

from typing import Literal

from pydantic import Field

from sidecar.config.strict import Strict


class OnlineBlend(Strict):
    """Learned always, counted only while it foretells clicks better than relevance alone.

    Better: by `margin` in log loss per examined hit, over the last `window` of them, beyond chance. Where the
    last part of the window says otherwise it stops to count by itself, and says so.
    """

    enabled: bool = True
    counts: Literal["proven", "never"] = Field(
        default="never", description="never: learn and tell, so that unknown shoppers get plain relevance"
    )
    alpha: float = Field(default=0.05, gt=0, le=10, description="FTRL's learning rate")
    beta: float = Field(default=1.0, ge=0, le=100)
    l1: float = Field(default=0.0, ge=0, le=1000)
    l2: float = Field(default=1.0, ge=0, le=1000)
    contexts: tuple[Literal["device", "daypart", "specificity", "locale", "channel"], ...] = Field(
        default=("device", "daypart"), description="what `crossed` features may count differently in"
    )
    crossed: tuple[str, ...] = Field(default=("relevance",), description="features with a weight by context")
    clip: float = Field(default=1.0, gt=0, le=10, description="the greatest effect, in logits of a click")
    window: float = Field(default=20_000, ge=100, le=1e9, description="examined hits")
    least: float = Field(default=5_000, ge=50, le=1e9, description="examined hits before it may count")
    margin: float = Field(default=0.001, ge=0, le=1, description="of log loss, in nats per examined hit")
    snapshot_hours: float = Field(default=24, gt=0, le=8760, description="between snapshots of what counts")
    snapshots: int = Field(default=10, ge=1, le=100, description="kept")
    refresh_ms: float = Field(default=1000, gt=0, le=3_600_000, description="between looks at the store")
