"""How well queries are understood: a labelled set in English and Chinese, with a floor for each kind."""

from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from sidecar.domain.understanding import EntityKind, Understanding
from sidecar.ranking.understanding.reader import Reader
from tests.fixtures.shop_vocabulary import shop_vocabulary

FILE = Path(__file__).parents[3] / "data" / "understood_queries.yml"

# F1 of what is found against what a person reads; for the intent the share of queries with the right one.
# Each floor is what was reached, less about two queries' worth: so much a change may lose, and no more.
FLOORS = {
    "english": {
        "brand": 0.97,
        "category": 0.97,
        "color": 0.96,
        "size": 0.9,
        "number": 0.96,
        "negated": 0.8,
        "without": 0.9,
        "intent": 0.98,
    },
    "chinese": {
        "brand": 0.85,
        "category": 0.97,
        "color": 0.9,
        "size": 0.8,
        "number": 0.85,
        "negated": 1.0,
        "without": 0.8,
        "intent": 0.95,
    },
}


@cache
def labelled() -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return found


def expected(entry: dict[str, Any]) -> dict[str, Counter[str]]:
    """What a person reads, by kind."""
    wanted = {kind.value: Counter(map(str, entry.get(kind.value, ()))) for kind in EntityKind}
    negated = [f"{kind.value} {value}" for kind in EntityKind for value in entry.get(f"not_{kind.value}", ())]
    return {
        **wanted,
        "negated": Counter(negated),
        "number": Counter(map(str, entry.get("numbers", ()))),
        "without": Counter(entry.get("without", ())),
    }


def answered(found: Understanding) -> dict[str, Counter[str]]:
    """What the code reads, in the same form. A kind named twice counts once."""
    return {
        **{kind.value: Counter({entity.value for entity in found.of_kind(kind)}) for kind in EntityKind},
        "negated": Counter(f"{entity.kind} {entity.value}" for entity in found.entities if entity.negated),
        "number": Counter(f"{number.value:.15g} {number.unit}".strip() for number in found.numbers),
        "without": Counter(" ".join(found.corrected[begin:end]) for begin, end in found.unwanted),
    }


def test_the_set_is_as_large_as_it_should_be() -> None:
    assert len(labelled()["english"]) >= 120
    assert len(labelled()["chinese"]) >= 40
    assert len({entry["q"] for entries in labelled().values() for entry in entries}) == sum(
        map(len, labelled().values())
    )


@pytest.mark.parametrize("language", ["english", "chinese"])
def test_the_labelled_queries(language: str) -> None:
    reader = Reader(shop_vocabulary())
    right: Counter[str] = Counter()
    told: Counter[str] = Counter()
    wanted: Counter[str] = Counter()
    for entry in labelled()[language]:
        found = reader.read(entry["q"])
        answer = answered(found)
        for kind, values in expected(entry).items():
            right[kind] += (values & answer[kind]).total()
            told[kind] += answer[kind].total()
            wanted[kind] += values.total()
            if values != answer[kind]:
                print(f"{entry['q']!r}: {kind} {sorted(values)}, found {sorted(answer[kind])}")
        right["intent"] += found.intent == entry["intent"]
        if found.intent != entry["intent"]:
            print(f"{entry['q']!r}: intent {entry['intent']}, found {found.intent}")
    told["intent"] = wanted["intent"] = len(labelled()[language])
    scores = {kind: 2 * right[kind] / max(told[kind] + wanted[kind], 1) for kind in FLOORS[language]}
    for kind, score in scores.items():
        print(f"{language} {kind}: {score:.3f} (right {right[kind]}, found {told[kind]}, of {wanted[kind]})")
    below = {kind: score for kind, score in scores.items() if score < FLOORS[language][kind]}
    assert not below, f"below the floors {FLOORS[language]}; the misses are printed above"
