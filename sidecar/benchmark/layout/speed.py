"""What the layout stage itself takes of a search."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter, thread_time

import numpy as np
from prometheus_client import CollectorRegistry

from sidecar.benchmark.layout.bed import Bed, Laid
from sidecar.benchmark.layout.many_rules import LOCALE, MATCHING, RULES, many_rules
from sidecar.config.profile import Profile
from sidecar.config.rules import Rules
from sidecar.domain.deadline import Deadline
from sidecar.domain.search import Context, LayoutWish, Search, Shopper
from sidecar.ranking.layout.compiled import compile_rules
from sidecar.ranking.layout.metrics import LayoutMetrics
from sidecar.ranking.layout.page.hit_values import leading
from sidecar.ranking.layout.stage import LayoutStage
from sidecar.ranking.standing import Standing

ROUNDS, WARM_UPS = 20, 3
HITS = 100
PATIENCE = 60.0
WISH = LayoutWish(removes=True, fetches=True)


@dataclass(frozen=True, slots=True)
class Speed:
    """Milliseconds of the stage for one search, and the seconds in which the rules were compiled.

    Of the processor: the stage waits for nothing, and what else the machine does is not its time.
    """

    rules: int
    matching: int
    searches: int
    hits: int
    p50_ms: float
    p99_ms: float
    compile_s: float


def speed(bed: Bed, profile: Profile) -> Speed:
    """Every query of the bed with as many hits as the window has, `ROUNDS` times, one after the other."""
    full = [laid for laid in bed.queries if len(laid.candidates) >= HITS] or list(bed.queries)
    brands, ids = _values(full, profile)
    rule_set = many_rules(brands, ids)
    begun = perf_counter()
    compiled = compile_rules(rule_set, release="bench")
    compile_s = perf_counter() - begun
    if compiled.problems:
        raise ValueError(f"a rule of the benchmark cannot be compiled: {compiled.problems[0]}")
    stage = LayoutStage(lambda: compiled, LayoutMetrics(CollectorRegistry()), Rules())
    taken, held = asyncio.run(_timed(stage, full, profile))
    p50, p99 = (float(value) * 1000 for value in np.percentile(taken, [50, 99]))
    hits = round(float(np.mean([len(laid.candidates) for laid in full])))
    return Speed(RULES, held, len(taken), hits, round(p50, 3), round(p99, 3), round(compile_s, 3))


def _values(queries: Sequence[Laid], profile: Profile) -> tuple[list[str], list[str]]:
    """Brands and ids that hits of the bed have."""
    field = profile.relevance.features.brand
    hits = [candidate for laid in queries for candidate in laid.candidates[:HITS]]
    brands = dict.fromkeys(brand for hit in hits if (brand := leading(hit.fields, field)))
    return list(brands)[:RULES] or ["none"], list(dict.fromkeys(hit.id for hit in hits))[:RULES]


async def _timed(stage: LayoutStage, queries: Sequence[Laid], profile: Profile) -> tuple[list[float], int]:
    taken: list[float] = []
    for number in range(WARM_UPS + ROUNDS):
        for laid in queries:
            search = _search(laid, number)
            standing = Standing(laid.candidates, laid.scores)
            begun = thread_time()
            layout = stage.begin(search, profile, standing)
            if layout is not None:
                await layout.apply(search, profile, standing, search.deadline)
            if number >= WARM_UPS:
                taken.append(thread_time() - begun)
    return taken, MATCHING


def _search(laid: Laid, number: int) -> Search:
    """By a known shopper, another one each round: nobody's order is remembered for the day."""
    return Search(
        laid.query.text,
        laid.candidates,
        Deadline.after(PATIENCE),
        understanding=laid.understanding,
        shopper=Shopper(client_id=f"bench-{number}"),
        context=Context(locale=LOCALE),
        layout=WISH,
    )
