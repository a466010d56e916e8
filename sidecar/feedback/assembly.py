"""Puts together what events do: the one function that the composition root calls."""

from dataclasses import dataclass

from prometheus_client import CollectorRegistry

from sidecar.config.engagement import Engagement
from sidecar.config.online_blend import OnlineBlend as OnlineBlendSettings
from sidecar.config.personalization import Personalization
from sidecar.feedback.apply import Applier
from sidecar.feedback.blend_learner import BlendLearner
from sidecar.feedback.blend_metrics import BlendMetrics
from sidecar.feedback.effects import SharedEffects
from sidecar.feedback.engagement import EngagementCounts
from sidecar.feedback.engagement_figures import EngagementFigures
from sidecar.feedback.journal import Journal
from sidecar.feedback.metrics import ApplierMetrics
from sidecar.feedback.online_blend import OnlineBlend
from sidecar.profiles.profiles import Profiles
from sidecar.profiles.store import RecordStore
from sidecar.served.writer import ServedWriter


@dataclass(frozen=True, slots=True)
class Feedback:
    """`applier`, `figures` and `blend` each have a `run` for a task of its own."""

    applier: Applier
    figures: EngagementFigures
    blend: OnlineBlend


def assemble(
    journal: Journal,
    profiles: Profiles,
    store: RecordStore,
    served: ServedWriter,
    personalization: Personalization,
    engagement: Engagement,
    online_blend: OnlineBlendSettings,
    registry: CollectorRegistry,
) -> Feedback:
    """`journal` is open, `store` is the one that `profiles` are in. To be called inside the event loop."""
    metrics = ApplierMetrics(registry)
    counts = EngagementCounts(engagement, personalization.examination)
    learner = BlendLearner(online_blend, personalization.examination) if online_blend.enabled else None
    shared = SharedEffects(served, counts, learner, metrics)
    return Feedback(
        Applier(journal, profiles, store, served, shared, personalization, metrics),
        EngagementFigures(store, engagement),
        OnlineBlend(store, online_blend, BlendMetrics(registry)),
    )
