"""How long the layout takes for a search, beside everything else; and how long rules take to compile.

    python -m tests.performance.layout_speed
    python -m tests.performance.layout_speed --rules 5000 --profile

A large shop's rules: most are for some words, brands, categories or segments that a search does not name;
`--matching` of them hold. Two mixes of what they do. `usual`: pins, hides, boosts of brands, categories and
products, one rule each that demotes and caps; four fields are read. `heavy`: every kind of action, with
figures, text matches, a collapse and MMR; ten fields. Hits come in columns that nobody has read yet, as the
plugin sends them; searches take turns between known and anonymous shoppers. Wall and processor time of
`begin` and `apply` together, in milliseconds. What depends only on which rules hold (`Plan`) is worked out by
the first search for which just these do, and timed by itself.
"""

import argparse
import cProfile
import gc
import os
import pstats
import statistics
import time
from collections.abc import Sequence
from functools import partial
from random import Random
from typing import Any

from prometheus_client import CollectorRegistry

from sidecar.config.profile import DocumentText, Profile
from sidecar.config.rules import Rules
from sidecar.config.sidecar import Limits
from sidecar.domain.deadline import Deadline
from sidecar.domain.search import LayoutWish, Search, Shopper
from sidecar.ranking.layout.compiled import CompiledRules, compile_rules
from sidecar.ranking.layout.metrics import LayoutMetrics
from sidecar.ranking.layout.plan import Plan
from sidecar.ranking.layout.stage import LayoutStage
from sidecar.ranking.standing import first_stage
from sidecar.ranking.understanding.reader import Reader
from sidecar.ranking.understanding.vocabulary import Vocabulary
from sidecar.rules.language.rule import Rule
from sidecar.rules.rule_set import RuleSet
from sidecar.server.columns import candidates_of
from sidecar.wire.reshelf.v1 import rerank_pb2 as wire

BRANDS = [f"Brand {number}" for number in range(40)]
CATEGORIES = [f"Leaf {number}" for number in range(12)]
NOUNS = ["shoe", "boot", "lamp", "sofa", "shirt", "jacket", "watch", "chair"]
WORDS = [f"word{number}" for number in range(400)]
TITLES = ["red", "trail", "running", "light", "classic", "soft", "warm", "large", "set", "men", "women"]
QUERY = "red running shoes"
WISH = LayoutWish(removes=True, fetches=True)
NOW = 1_809_000_000.0


def rule_set(count: int, matching: int, mix: str = "heavy", seed: int = 3) -> RuleSet:
    """`matching` rules for the query `red running shoe`, the others for what it does not say."""
    draw, _action = Random(seed), MIXES[mix]
    made = [_rule(f"here-{number}", _here(number), _action(number, draw), draw) for number in range(matching)]
    made += [
        _rule(f"else-{number}", _elsewhere(number, draw), _action(number, draw), draw)
        for number in range(count - matching)
    ]
    return RuleSet.of(made)


def _rule(rule_id: str, when: dict[str, Any], action: dict[str, Any], draw: Random) -> Rule:
    return Rule.model_validate({"id": rule_id, "priority": draw.randrange(5), "when": when, "then": [action]})


def _here(number: int) -> dict[str, Any]:
    return (
        {"query": {"contains": ["running shoes", f"word{number} shoes"]}},
        {"query": {"starts_with": "red"}},
        {"query": {"words": ["shoes", "red"]}},
        {"query": {"exact": "red running shoes"}},
        {"color": "red"},
        {"locale": "en", "device": ["phone", "desktop"]},
        {},
    )[number % 7]


def _elsewhere(number: int, draw: Random) -> dict[str, Any]:
    word = draw.choice(WORDS)
    return (
        {"query": {"contains": f"{word} {draw.choice(NOUNS)}"}},
        {"query": {"exact": f"{word} shoes"}},
        {"query": {"starts_with": word}},
        {"brand": draw.choice(BRANDS)},
        {"category": f"{word} {draw.choice(NOUNS)}", "device": "phone"},
        {"segment": [f"segment-{number % 50}"], "query": {"contains": "shoes"}},
        {"experiment": {"layout": f"arm-{number % 5}"}},
        {"query": {"words": ["shoes", word]}, "locale": "de"},
    )[number % 8]


def _usual(number: int, draw: Random) -> dict[str, Any]:
    """What merchandisers write most: products up, products away, brands and categories up or down."""
    brand, weight = draw.choice(BRANDS), round(draw.uniform(1.1, 3), 2)
    kinds: list[dict[str, Any]] = [
        {"pin": {"id": f"B{draw.randrange(100):04d}", "position": 1 + number % 10}},
        {"boost": {"filter": f"brand == '{brand}'", "weight": weight}},
        {"hide": {"ids": [f"B{draw.randrange(1000):04d}" for _ in range(20)]}},
        {"boost": {"filter": f"category == '{draw.choice(CATEGORIES)}'", "weight": weight}},
        {"pin": {"id": f"B{draw.randrange(100):04d}", "position": 1 + number % 20, "mode": "soft"}},
        {"boost": {"filter": f"brand == '{brand}' and stock > {number % 7}", "weight": weight}},
        {"bury": {"filter": f"price > {draw.randrange(50, 200)}", "weight": weight}},
        {"boost": {"ids": [f"B{draw.randrange(300):04d}" for _ in range(20)], "weight": weight}},
        {"hide": {"filter": f"stock <= 0 and brand == '{brand}'"}},
    ]
    # Of what orders a page as a whole a shop has one for each kind of search.
    whole: list[dict[str, Any]] = [
        {"demote_unavailable": {}},
        {"diversify": {"first": 10, "max_per_field": {"brand": 3}}},
    ]
    return whole[number] if number < len(whole) else kinds[number % len(kinds)]


def _heavy(number: int, draw: Random) -> dict[str, Any]:
    """Every kind of action, most with an expression or a figure; ten fields are read."""
    brand, weight = draw.choice(BRANDS), round(draw.uniform(1.1, 3), 2)
    kinds: list[dict[str, Any]] = [
        {"boost": {"filter": f"brand == '{brand}'", "weight": weight}},
        {"boost": {"filter": f"brand == '{brand}' and stock > {number % 7}", "weight": weight}},
        {"bury": {"filter": f"price > {draw.randrange(50, 200)}", "weight": weight}},
        {"boost": {"filter": f"category == '{draw.choice(CATEGORIES)}' or rating >= 4.5", "weight": weight}},
        {"pin": {"id": f"B{draw.randrange(100):04d}", "position": 1 + number % 10}},
        {"boost": {"freshness": {"field": "date", "half_life_days": 30}, "weight": weight}},
        {"boost": {"rating": {}, "weight": weight}},
        {"hide": {"filter": f"stock <= 0 and brand == '{brand}'"}},
        {"boost": {"filter": f"title contains '{draw.choice(TITLES)}'", "weight": weight}},
        {"pin": {"id": f"B{draw.randrange(100):04d}", "position": 1 + number % 20, "mode": "soft"}},
        {"boost": {"range": {"value": "margin / price", "low": 0, "high": 1}, "weight": weight}},
        {"hide": {"ids": [f"B{draw.randrange(1000):04d}" for _ in range(20)]}},
        {"boost": {"ids": [f"B{draw.randrange(300):04d}" for _ in range(20)], "weight": weight}},
    ]
    whole: list[dict[str, Any]] = [
        {"demote_unavailable": {}},
        {"collapse": {"field": "group"}},
        {"diversify": {"first": 10, "mmr": {}, "max_per_field": {"brand": 3}}},
    ]
    return whole[number] if number < len(whole) else kinds[number % len(kinds)]


MIXES = {"usual": _usual, "heavy": _heavy}


def sent(count: int, seed: int) -> wire.RerankRequest:
    """A request with hits in columns, as the plugin sends them."""
    draw, places = Random(seed), range(count)
    columns = {
        "title": [" ".join(draw.sample(TITLES, 7)) + f" {draw.choice(NOUNS)}" for _ in places],
        "brand": [f"Brand {int(40 * draw.random() ** 2)}" for _ in places],
        "category": [f"Leaf {draw.randrange(12)}" for _ in places],
        "group": [f"group-{place if draw.random() < 0.8 else draw.randrange(count)}" for place in places],
    }
    numbers = {
        "price": [round(draw.uniform(5, 300), 2) for _ in places],
        "margin": [round(draw.uniform(0, 50), 2) for _ in places],
        "stock": [float(draw.choice([0, 1, 3, 20])) for _ in places],
        "rating": [round(draw.uniform(1, 5), 1) for _ in places],
        "rating_count": [float(draw.randrange(500)) for _ in places],
        "date": [(NOW - draw.randrange(400) * 86_400) * 1000 for _ in places],
    }
    request = wire.RerankRequest(query=wire.Query(text=QUERY, index="shop"))
    request.columns.CopyFrom(
        wire.CandidateColumns(
            ids=[f"B{place:04d}" for place in places],
            scores=[30 - place / 5 for place in places],
            indices=["shop"],
            fields=[
                *(wire.FieldColumn(name=name, texts=values) for name, values in columns.items()),
                *(wire.FieldColumn(name=name, numbers=values) for name, values in numbers.items()),
            ],
        )
    )
    return request


def measure(
    stage: LayoutStage, hits: int, rounds: int, explain: bool, profiler: cProfile.Profile | None
) -> tuple[list[float], list[float]]:
    profile = Profile(document=DocumentText(fields=["title"]))
    understanding = Reader(Vocabulary.without_catalogue()).read(QUERY)
    requests = [sent(hits, seed).SerializeToString() for seed in range(100)]
    wall, cpu = [], []
    warm = len(requests)  # words of titles are remembered, as those of popular hits are
    for number in range(rounds + warm):
        # Parsed anew: strings are as fresh as in a search, and no column has been read.
        request = wire.RerankRequest.FromString(requests[number % len(requests)])
        found, _ = candidates_of(request.columns, Limits(), 10_000)
        shopper = Shopper(client_id=f"shopper-{number}") if number % 2 else Shopper()
        search = Search(
            QUERY,
            found,
            Deadline.after(60),
            shopper=shopper,
            understanding=understanding,
            explain=explain,
            layout=WISH,
        )
        standing = first_stage(found)
        if profiler and number >= warm:
            profiler.enable()
        begin, spent = time.perf_counter(), time.thread_time()
        begun = stage.begin(search, profile, standing)
        if begun is not None:
            _run(begun.apply(search, profile, standing, search.deadline))
        took, used = time.perf_counter() - begin, time.thread_time() - spent
        if profiler:
            profiler.disable()
        if number >= warm:
            wall.append(took * 1e3)
            cpu.append(used * 1e3)
    return wall, cpu


def _run(waiting: Any) -> None:
    """The stage never waits: one step of it is all."""
    try:
        waiting.send(None)
    except StopIteration:
        return
    raise RuntimeError("the stage waited for something")


def told(name: str, wall: Sequence[float], cpu: Sequence[float]) -> str:
    parts = []
    for kind, values in (("wall", wall), ("cpu", cpu)):
        cuts = statistics.quantiles(values, n=100)
        parts.append(f"{kind} p50 {cuts[49]:.3f} p90 {cuts[89]:.3f} p99 {cuts[98]:.3f} ms")
    return f"{name:34} {'   '.join(parts)}"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rules", type=int, default=1000)
    parser.add_argument("--matching", type=int, default=50)
    parser.add_argument("--hits", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=1000)
    parser.add_argument("--profile", action="store_true", help="where the time goes")
    arguments = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.1f}; {arguments.hits} hits, {arguments.rules} rules")
    arms: list[tuple[str, CompiledRules, bool]] = []
    for mix in MIXES:
        rules = rule_set(arguments.rules, arguments.matching, mix)
        took = []
        for _ in range(5):
            begin = time.thread_time()
            compiled = compile_rules(rules, "1@speed")
            took.append(time.thread_time() - begin)
        assert not compiled.problems, compiled.problems[:3]
        print(f"compile, {mix}: {min(took) * 1000:.0f} to {max(took) * 1000:.0f} ms of processor time")
        print(f"plan of {arguments.matching} rules, {mix}: {_planning(compiled):.2f} ms of processor time")
        if not arms:
            arms.append(("no rule holds", compile_rules(rule_set(arguments.rules, 0, mix), "1@none"), False))
        arms.append((f"{arguments.matching} rules hold, {mix}", compiled, False))
        arms.append((f"{arguments.matching} rules hold, {mix}, explained", compiled, True))
    gc.collect()
    gc.freeze()  # as the service does once it is built
    profiler = cProfile.Profile() if arguments.profile else None
    for name, compiled, explain in arms:
        stage = LayoutStage(
            partial(_same, compiled), LayoutMetrics(CollectorRegistry()), Rules(slow_rule_ms=1000)
        )
        rounds = arguments.rounds // 5 if explain else arguments.rounds
        print(told(name, *measure(stage, arguments.hits, rounds, explain, None if explain else profiler)))
    if profiler:
        pstats.Stats(profiler).sort_stats("tottime").print_stats(45)


def _planning(compiled: CompiledRules) -> float:
    """The median, in milliseconds."""
    holding = [rule for rule in compiled.rules if rule.id.startswith("here-")]
    took = []
    for _ in range(100):
        begin = time.thread_time()
        Plan(holding)
        took.append((time.thread_time() - begin) * 1e3)
    return statistics.median(took)


def _same(compiled: CompiledRules) -> CompiledRules:
    return compiled


if __name__ == "__main__":
    main()
