"""The engine on a tiny random BERT: what it answers, whatever it is given."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sidecar.inference import Encoder, Job
from sidecar.inference.batching import BLOCK

Load = Callable[..., Encoder]

WORDS = ["red", "blue", "shoe", "kettle", "lamp", "chair", "cotton", "steel", "garden", "pan", "mug"]
ODD_TEXTS = [
    "",
    " \t\n",
    "红色 跑鞋 女",
    "x" * 1_000_000,
    "shoe " * 200_000,
    "👟" * 500,
    "nul\x00inside",
    "lone \ud800 surrogate",
    "\udcff",
    b"\xff\xfe\x00not utf-8\xc3",
    b"",
    "é" + "\u0301" * 1000,
    "\ufeff\u200b",
    "[CLS] [SEP] [PAD] [MASK]",
]
any_text = st.one_of(
    st.text(max_size=200),
    st.binary(max_size=200),
    st.text(st.characters(categories=["Cs", "Lo", "Cc"]), max_size=20),
)


def titles(count: int) -> list[str]:
    """Different texts of 2 to 12 words and a number that the model does not know."""
    random = np.random.default_rng(7)
    return [f"{' '.join(random.choice(WORDS, 2 + number % 11))} {number}" for number in range(count)]


def stop_after(polls: int) -> Callable[[], bool]:
    """A `cancelled` that answers True from then on."""
    left = iter(range(polls))
    return lambda: next(left, None) is None


def test_a_text_is_nearest_to_itself(load: Load) -> None:
    texts = titles(60)
    scores = load().score([texts[17]] * 60, texts).scores
    assert scores.dtype == np.float32
    assert int(scores.argmax()) == 17
    assert scores[17] == pytest.approx(1, abs=2e-3)


def test_vectors_are_of_unit_length_and_scores_their_cosines(load: Load) -> None:
    encoder = load()
    texts = titles(30)
    scored = encoder.score(["red shoe"] * 30, texts)
    query = encoder.score(["x"], ["red shoe"]).vectors[0]
    assert scored.vectors.shape == (30, encoder.dimensions)
    assert np.linalg.norm(scored.vectors, axis=1) == pytest.approx(np.ones(30), abs=2e-3)
    assert scored.vectors @ query == pytest.approx(scored.scores, abs=2e-3)


def test_a_score_does_not_depend_on_what_is_scored_beside_it(load: Load) -> None:
    texts = titles(150)
    together = load().score(["red shoe"] * 150, texts).scores
    backwards = load().score(["red shoe"] * 150, texts[::-1]).scores[::-1]
    alone = np.array([load().score(["red shoe"], [text]).scores[0] for text in texts[:20]])
    assert together == pytest.approx(backwards, abs=2e-3)
    assert together[:20] == pytest.approx(alone, abs=2e-3)


def test_cached_and_fresh_scores_are_equal(load: Load) -> None:
    encoder = load()
    texts = titles(100)
    first = encoder.score(["red shoe"] * 100, texts)
    again = encoder.score(["red shoe"] * 100, texts)
    assert np.array_equal(first.scores, again.scores)
    assert np.array_equal(first.vectors, again.vectors)


def test_repeated_texts_and_several_queries_in_one_call(load: Load) -> None:
    encoder = load()
    scores = encoder.score(["red", "blue", "red", b"red"], ["mug", "mug", "mug", "mug"]).scores
    assert scores[0] == scores[2] == scores[3]
    assert scores[0] != scores[1]


def test_nothing_in_nothing_out(load: Load) -> None:
    scored = load().score([], [])
    assert scored.scores.shape == (0,)
    assert scored.vectors.shape[0] == 0


def test_a_query_for_every_text_is_demanded() -> None:
    with pytest.raises(ValueError, match="2 queries for 1 texts"):
        Job(["a", "b"], ["a"])


@pytest.mark.parametrize("odd", ODD_TEXTS, ids=lambda text: repr(text[:20]))
def test_odd_texts_are_scored_beside_good_ones(load: Load, odd: str | bytes) -> None:
    encoder = load()
    begun = time.monotonic()
    as_text = encoder.score(["red shoe"] * 3, ["red shoe", odd, "a kettle"]).scores
    as_query = encoder.score([odd] * 2, ["red shoe", odd]).scores
    assert np.isfinite(as_text).all()
    assert np.isfinite(as_query).all()
    assert as_text[0] == pytest.approx(1, abs=2e-3)
    assert time.monotonic() - begun < 5


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pairs=st.lists(st.tuples(any_text, any_text), max_size=80))
def test_any_ragged_input_gets_a_finite_score_each(
    load: Load, pairs: list[tuple[str | bytes, str | bytes]]
) -> None:
    scored = load().score([query for query, _ in pairs], [text for _, text in pairs])
    assert scored.scores.shape == (len(pairs),)
    assert np.isfinite(scored.scores).all()
    assert (np.abs(scored.scores) <= 1.002).all()


@pytest.mark.parametrize("polls", range(2, 14, 2))
def test_an_early_stop_leaves_the_best_first_blocks_scored(load: Load, polls: int) -> None:
    texts = titles(BLOCK * 4)
    full = load().score(["red shoe"] * len(texts), texts)
    scored = load().score(["red shoe"] * len(texts), texts, cancelled=stop_after(polls))
    known = np.isfinite(scored.scores)
    assert not known.all()
    assert scored.scores[known] == pytest.approx(full.scores[known], abs=2e-3)
    assert np.array_equal(np.isfinite(scored.vectors).all(axis=1), known)
    blocks = known.reshape(-1, BLOCK)
    begun = [block for block in range(len(blocks)) if blocks[block].any()]
    # A block is only begun when all before it are done.
    assert begun == list(range(len(begun)))
    assert all(blocks[block].all() for block in begun[:-1])


def test_more_time_scores_more(load: Load) -> None:
    texts = titles(BLOCK * 4)
    counts = [
        int(np.isfinite(load().score(["red"] * len(texts), texts, cancelled=stop_after(polls)).scores).sum())
        for polls in (1, 4, 8, 40)
    ]
    assert counts[0] == 0
    assert counts == sorted(counts)
    assert counts[1] > 0
    assert counts[-1] == len(texts)


def test_without_any_time_the_cache_still_answers(load: Load) -> None:
    encoder = load()
    texts = titles(20)
    full = encoder.score(["red"] * 20, texts).scores
    scores = encoder.score(
        ["red"] * 25, [*texts, "new 1", "new 2", "new 3", "new 4", "new 5"], cancelled=lambda: True
    ).scores
    assert np.array_equal(scores[:20], full)
    assert np.isnan(scores[20:]).all()


def test_jobs_share_batches_and_keep_their_own_answers(load: Load) -> None:
    texts = titles(90)
    jobs = [Job(["red"] * 40, texts[:40]), Job(["blue"] * 60, texts[30:]), Job([], [])]
    answers = load().score_jobs(jobs)
    assert answers[0].scores == pytest.approx(load().score(["red"] * 40, texts[:40]).scores, abs=2e-3)
    assert answers[1].scores == pytest.approx(load().score(["blue"] * 60, texts[30:]).scores, abs=2e-3)
    assert answers[2].scores.shape == (0,)


def test_a_stopped_job_does_not_stop_the_others(load: Load) -> None:
    texts = titles(120)
    answers = load().score_jobs(
        [Job(["red"] * 60, texts[:60], cancelled=lambda: True), Job(["blue"] * 60, texts[60:])]
    )
    assert np.isnan(answers[0].scores).all()
    assert np.isfinite(answers[1].scores).all()


def test_jobs_with_little_time_take_turns_by_rank(load: Load) -> None:
    texts = titles(BLOCK * 4)
    half = len(texts) // 2
    stop = stop_after(18)
    state = [False]

    def cancelled() -> bool:
        state[0] = state[0] or stop()
        return state[0]

    jobs = [
        Job(["red"] * half, texts[:half], cancelled=cancelled),
        Job(["red"] * half, texts[half:], cancelled=cancelled),
    ]
    first, second = (np.isfinite(answer.scores) for answer in load().score_jobs(jobs))
    assert first[: BLOCK // 2].all()
    assert second[: BLOCK // 2].all()
    assert not first.all()
    assert not second.all()


def test_many_threads_get_the_answers_of_one(load: Load) -> None:
    texts = titles(60)
    expected = load().score(["red"] * 60, texts).scores
    encoder = load(cache_bytes=30_000)
    start = threading.Barrier(6)

    def ask(shift: int) -> np.ndarray:
        start.wait()
        order = np.roll(np.arange(60), shift * 10)
        scores = np.empty(60, np.float32)
        scores[order] = encoder.score(["red"] * 60, [texts[place] for place in order]).scores
        return scores

    with ThreadPoolExecutor(6) as pool:
        for scores in pool.map(ask, range(6)):
            assert scores == pytest.approx(expected, abs=2e-3)


def test_a_cache_of_no_bytes_is_no_cache(load: Load) -> None:
    encoder = load(cache_bytes=0)
    texts = titles(20)
    encoder.score(["red"] * 20, texts)
    assert np.isnan(encoder.score(["red"] * 20, texts, cancelled=lambda: True).scores).all()


def test_another_max_length_is_another_model(load: Load) -> None:
    encoder = load()
    longer = load(max_length=100)
    assert longer.fingerprint == f"{encoder.fingerprint}+100"
    text = "red shoe " * 45 + "kettle"
    assert longer.score(["kettle"], [text]).scores[0] != encoder.score(["kettle"], [text]).scores[0]


def test_long_texts_are_cut_not_averaged_away(load: Load) -> None:
    encoder = load()
    same = encoder.score(["red"] * 2, ["mug " * 62, "mug " * 5000]).scores
    assert same[0] == pytest.approx(float(same[1]), abs=2e-3)
