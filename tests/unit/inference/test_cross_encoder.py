"""The cross-encoder on a tiny random BERT: pairs to logits, texts to vectors, each only where wanted."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sidecar.inference import Encoder, Job
from sidecar.inference.batching import BLOCK
from sidecar.inference.network import Network
from tests.unit.inference.test_encoder import ODD_TEXTS, any_text, stop_after, titles

Load = Callable[..., Encoder]
CLOSE = 2e-3


def test_it_says_what_it_is(load_cross: Load) -> None:
    encoder = load_cross()
    assert (encoder.kind, encoder.dimensions) == ("cross-encoder", 96)
    assert encoder.fingerprint.startswith("weights+adapter-")


def test_scores_are_of_the_pair_and_in_this_order(load_cross: Load) -> None:
    encoder = load_cross()
    scores = encoder.score(["red shoe", "steel kettle", "mug"], ["mug", "mug", "red shoe"]).scores
    assert scores.dtype == np.float32
    assert len(set(scores.tolist())) == 3


def test_a_score_does_not_depend_on_what_is_scored_beside_it(load_cross: Load) -> None:
    encoder, texts = load_cross(), titles(150)
    together = encoder.score(["red shoe"] * 150, texts).scores
    backwards = encoder.score(["red shoe"] * 150, texts[::-1]).scores[::-1]
    alone = np.array([encoder.score(["red shoe"], [text]).scores[0] for text in texts[:20]])
    assert together == pytest.approx(backwards, abs=CLOSE)
    assert together[:20] == pytest.approx(alone, abs=CLOSE)


def test_vectors_are_the_bi_encoders(load_cross: Load, tiny_models: dict[str, Path]) -> None:
    encoder, texts = load_cross(), titles(60)
    precision = "int8" if "int8" in encoder.fingerprint else "fp32"
    alone = Encoder.load(tiny_models[precision], threads=1).score(texts, texts).vectors
    assert np.array_equal(encoder.embed(texts), alone)
    assert np.array_equal(encoder.embed(texts), alone), "cached ones are equal"


def test_only_what_is_wanted_is_computed(load_cross: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = load_cross()
    texts, queries = titles(20), ["red"] * 20
    rows_of: list[tuple[str, int]] = []
    original = Network.rows

    def counted(network: Network, encodings: list[object]) -> np.ndarray:
        answer = original(network, encodings)
        rows_of.append(("pairs" if answer.shape[1] == 1 else "texts", len(encodings)))
        return answer

    monkeypatch.setattr(Network, "rows", counted)
    scored = encoder.score(queries, texts)
    assert {kind for kind, _ in rows_of} == {"pairs"}
    assert np.isnan(scored.vectors).all()
    assert scored.vectors.shape == (20, 96)
    rows_of.clear()
    only_vectors = encoder.score_jobs([Job(queries, texts, scores=False, vectors=True)])[0]
    assert np.isnan(only_vectors.scores).all()
    assert sum(count for _, count in rows_of) == 20
    assert {kind for kind, _ in rows_of} == {"texts"}
    rows_of.clear()
    both = encoder.score_jobs([Job(queries, texts, scores=True, vectors=True)])[0]
    assert {kind for kind, _ in rows_of} == {"pairs"}, "vectors are known by now"
    assert np.array_equal(both.scores, scored.scores)
    assert np.array_equal(both.vectors, only_vectors.vectors)
    rows_of.clear()
    nothing = encoder.score_jobs([Job(queries, texts, scores=False)])[0]
    assert np.isnan(nothing.scores).all()
    assert not rows_of


@pytest.mark.parametrize("odd", ODD_TEXTS, ids=lambda text: repr(text[:20]))
def test_odd_texts_are_scored_and_embedded(load_cross: Load, odd: str | bytes) -> None:
    encoder = load_cross()
    texts = ["red shoe", odd, "a kettle"]
    assert np.isfinite(encoder.score(["red shoe"] * 3, texts).scores).all()
    assert np.isfinite(encoder.score([odd] * 3, texts).scores).all()
    lengths = np.linalg.norm(encoder.embed(texts), axis=1)
    assert lengths[[0, 2]] == pytest.approx(np.ones(2), abs=CLOSE)
    assert lengths[1] in (0, pytest.approx(1, abs=CLOSE))


def test_a_query_without_known_words_gets_no_opinion(load_cross: Load) -> None:
    """蓝 and 裙 are unknown to this vocabulary, 红 and 鞋 are not."""
    encoder = load_cross()
    texts = ["red shoe", "蓝裙", "红鞋"]
    assert encoder.score(["蓝裙"] * 3, texts).scores.tolist() == [0, 0, 0]
    assert encoder.score(["蓝鞋"] * 3, texts).scores.tolist() == [0, 0, 0], "half of it is unknown"
    read = encoder.score(["蓝红鞋", "red shoe", "red shoe"], ["red shoe", "蓝裙", "mug"]).scores
    assert (read != 0).all(), "most of the first query is known; of the others only a text is not"


def test_a_text_without_known_words_has_no_direction(load_cross: Load) -> None:
    encoder = load_cross()
    for _ in range(2):  # the second time from the cache
        vectors = encoder.embed(["蓝裙", "red shoe", "", "蓝 shoe mug"])
        assert not vectors[0].any()
        assert np.linalg.norm(vectors[1:], axis=1) == pytest.approx(np.ones(3), abs=CLOSE)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pairs=st.lists(st.tuples(any_text, any_text), max_size=60))
def test_any_ragged_input_gets_a_finite_score_each(
    load_cross: Load, pairs: list[tuple[str | bytes, str | bytes]]
) -> None:
    encoder = load_cross()
    scores = encoder.score([query for query, _ in pairs], [text for _, text in pairs]).scores
    assert scores.shape == (len(pairs),)
    assert np.isfinite(scores).all()
    vectors = encoder.embed([text for _, text in pairs])
    assert vectors.shape == (len(pairs), 96)
    assert np.isfinite(vectors).all()


def test_neither_side_pushes_the_other_one_out(load_cross: Load) -> None:
    """Of a pair that is too long both keep something, so both still matter."""
    encoder = load_cross()
    long_query = "garden pan " * 500
    by_text = encoder.score([long_query] * 2, ["mug", "lamp"]).scores
    by_query = encoder.score(["mug", "lamp"], [long_query] * 2).scores
    both_long = encoder.score([long_query, "mug " * 1000], ["lamp steel " * 500] * 2).scores
    for scores in (by_text, by_query, both_long):
        assert scores[0] != scores[1]


def test_vectors_read_fewer_tokens_than_pairs(load_cross: Load) -> None:
    """64 tokens of a text, as a bi-encoder alone does; 96 of a pair."""
    encoder = load_cross()
    texts = ["mug " * 70 + "lamp", "mug " * 70 + "steel"]
    first, second = encoder.embed(texts)
    assert np.array_equal(first, second)
    scores = encoder.score(["pan"] * 2, texts).scores
    assert scores[0] != scores[1]


def test_another_max_length_is_of_the_pairs_and_another_model(load_cross: Load) -> None:
    encoder, shorter = load_cross(), load_cross(max_length=20)
    assert shorter.fingerprint == f"{encoder.fingerprint}+20"
    text = "red shoe " * 20 + "kettle"
    assert shorter.score(["kettle"], [text]).scores[0] != encoder.score(["kettle"], [text]).scores[0]
    assert np.array_equal(shorter.embed([text]), encoder.embed([text]))


@pytest.mark.parametrize("polls", range(2, 14, 2))
def test_an_early_stop_leaves_the_best_first_blocks_scored(load_cross: Load, polls: int) -> None:
    texts = titles(BLOCK * 4)
    full = load_cross().score(["red shoe"] * len(texts), texts).scores
    scores = load_cross().score(["red shoe"] * len(texts), texts, cancelled=stop_after(polls)).scores
    known = np.isfinite(scores)
    assert not known.all()
    assert scores[known] == pytest.approx(full[known], abs=CLOSE)
    blocks = known.reshape(-1, BLOCK)
    begun = [block for block in range(len(blocks)) if blocks[block].any()]
    assert begun == list(range(len(begun)))
    assert all(blocks[block].all() for block in begun[:-1])


def test_a_stopped_job_does_not_stop_the_others(load_cross: Load) -> None:
    texts = titles(120)
    stopped, scored, embedded = load_cross().score_jobs(
        [
            Job(["red"] * 60, texts[:60], cancelled=lambda: True, vectors=True),
            Job(["blue"] * 60, texts[60:]),
            Job(["x"] * 60, texts[60:], scores=False, vectors=True),
        ]
    )
    assert np.isnan(stopped.scores).all()
    assert np.isnan(stopped.vectors).all()
    assert np.isfinite(scored.scores).all()
    assert np.isfinite(embedded.vectors).all()


def test_scores_do_not_wait_for_all_of_another_jobs_vectors(load_cross: Load) -> None:
    """Time for some five micro-batches: both get their best done."""
    texts, stop, state = titles(BLOCK * 8), stop_after(12), [False]

    def cancelled() -> bool:
        state[0] = state[0] or stop()
        return state[0]

    embedded, scored = load_cross().score_jobs(
        [
            Job([""] * len(texts), texts, cancelled=cancelled, scores=False, vectors=True),
            Job(["red"] * len(texts), texts, cancelled=cancelled),
        ]
    )
    for known in (np.isfinite(embedded.vectors).all(axis=1), np.isfinite(scored.scores)):
        assert known.any()
        assert not known.all()


def test_jobs_with_the_same_pairs_share_the_work(load_cross: Load) -> None:
    texts = titles(30)
    encoder = load_cross()
    jobs = [Job(["red"] * 30, texts), Job(["red"] * 30, texts[::-1]), Job([], [])]
    first, second, none = encoder.score_jobs(jobs)
    assert np.array_equal(first.scores, second.scores[::-1])
    assert none.scores.shape == (0,)
    assert none.vectors.shape == (0, 96)
