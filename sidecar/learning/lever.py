"""The levers of the blend: groups of features that stand for one idea, to tell what each is worth."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sidecar.domain.features import FEATURES, PAIR, Feature
from sidecar.evaluation.comparison import Comparison, compare
from sidecar.learning.blend_fit import Recipe, cross_validated, without
from sidecar.learning.example import Example
from sidecar.ranking.standing import FloatArray

LEVERS: Mapping[str, Sequence[Feature]] = {
    "words in the title": (
        "title_coverage",
        "head_coverage",
        "all_words",
        "word_pairs",
        "last_word_early",
        "short_title",
    ),
    "brand, colour, numbers": ("brand_match", "brand_agrees", "color_match", "number_match"),
    "what is not wanted": ("unwanted_absent",),
    "vectors: query and hit": ("similarity",),
    "list: vector feedback": ("feedback_5", "feedback_10"),
    "list: word feedback": ("feedback_words",),
    "list: categories": ("category_10", "category_20"),
    "list: neighbours": ("neighbours",),
    "ratings": ("rating", "popularity"),
    "cross-encoder": ("pair",),
}

UNPAID: frozenset[Feature] = frozenset({"feedback_words", "neighbours", "rating", "popularity"})
"""What did not pay on the judged queries at hand, and stays off unless asked for."""

DEFAULT: Sequence[Feature] = tuple(name for name in FEATURES if name not in UNPAID)


@dataclass(frozen=True, slots=True)
class Share:
    """What a lever is worth: the whole against the whole without it, or with it where it is off."""

    lever: str
    used: bool
    comparison: Comparison


def shares(examples: Sequence[Example], recipe: Recipe, whole: FloatArray, *, seeds: int) -> list[Share]:
    """Every lever's share, cross-validated; the difference is positive where the lever helps."""
    found = []
    for lever, features in LEVERS.items():
        used = any(name in recipe.features for name in features)
        if PAIR in features and not used:
            continue  # nobody asked the cross-encoder, so there is nothing to add
        other = (
            without(recipe, features)
            if used
            else Recipe([*recipe.features, *features], recipe.pairs, recipe.l2)
        )
        values = cross_validated(examples, other, seeds=seeds)
        better, worse = (whole, values) if used else (values, whole)
        found.append(Share(lever, used, compare(lever, "without it", "ndcg@10", better, worse)))
    return found
