"""Scores kept by query, text and model."""

import math
import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from sidecar.ranking.relevance.cache import ENTRY_BYTES, ScoreCache, normalised
from sidecar.telemetry.metrics import Metrics


def cache(entries: int = 100) -> tuple[ScoreCache, Metrics]:
    metrics = Metrics()
    return ScoreCache(entries * ENTRY_BYTES, metrics), metrics


def value(metrics: Metrics, name: str) -> float | None:
    return metrics.registry.get_sample_value(name)


def test_what_was_kept_is_found_again_and_counted() -> None:
    scores, metrics = cache()
    keys = scores.keys("red shoes", "model@1", ["a", "b"])
    assert all(math.isnan(score) for score in scores.find(keys))
    scores.keep(keys, [0.25, math.nan])
    found = scores.find(keys)
    assert found[0] == 0.25
    assert math.isnan(found[1])
    assert value(metrics, "reshelf_score_cache_hits_total") == 1
    assert value(metrics, "reshelf_score_cache_misses_total") == 3
    assert value(metrics, "reshelf_score_cache_bytes") == ENTRY_BYTES


def test_query_text_and_model_each_make_another_key() -> None:
    base = ScoreCache.keys("a", "m", ["t"])
    assert base == ScoreCache.keys("a", "m", ["t"])
    others = [("b", "m", "t"), ("a", "n", "t"), ("a", "m", "u")]
    others += [("am", "", "t"), ("", "ma", "t"), ("at", "m", "")]
    assert all(ScoreCache.keys(query, model, [text]) != base for query, model, text in others)


def test_the_least_recently_used_go_first() -> None:
    scores, metrics = cache(entries=2)
    first, second, third = scores.keys("q", "m", ["1", "2", "3"])
    scores.keep([first, second], [1.0, 2.0])
    scores.find([first])
    scores.keep([third], [3.0])
    assert math.isnan(scores.find([second])[0])
    assert scores.find([first, third]) == [1.0, 3.0]
    assert value(metrics, "reshelf_score_cache_evictions_total") == 1
    assert scores.bytes == 2 * ENTRY_BYTES


def test_a_cache_of_nothing_keeps_nothing() -> None:
    scores, _ = cache(entries=0)
    keys = scores.keys("q", "m", ["1"])
    scores.keep(keys, [1.0])
    assert math.isnan(scores.find(keys)[0])
    assert scores.bytes == 0


def test_an_entry_takes_no_more_memory_than_is_counted() -> None:
    count = 50_000
    scores, _ = cache(entries=count)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for number in range(count):
            scores.keep(scores.keys("q", "m", [str(number)]), [number + 0.5])
        taken = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert taken <= count * ENTRY_BYTES
    assert taken > count * ENTRY_BYTES * 0.6, "the figure is far too careful"


def test_spellings_of_one_query() -> None:
    assert normalised("  Red\tSHOES \n") == "red shoes"
    assert normalised("ｒｅｄ　shoes") == "red shoes"
    assert normalised("") == ""


@given(st.text(), st.lists(st.text(), max_size=5))
def test_any_text_has_a_key(query: str, texts: list[str]) -> None:
    assert len(ScoreCache.keys(query, "m", [*texts, "\ud800"])) == len(texts) + 1
