"""The features of a hit by name: what a blend may weigh. What they are: `ranking/relevance/features`."""

from typing import Literal, get_args

Feature = Literal[
    # What the first stage said.
    "first_stage",
    # The query's words in the title.
    "title_coverage",
    "head_coverage",
    "all_words",
    "word_pairs",
    "last_word_early",
    "short_title",
    # What the query names, against the hit's own fields.
    "brand_match",
    "brand_agrees",
    "color_match",
    "number_match",
    "unwanted_absent",
    # What the model's vectors say of the query and the hit.
    "similarity",
    # The hit among the others.
    "feedback_5",
    "feedback_10",
    "feedback_words",
    "category_10",
    "category_20",
    "neighbours",
    # What other shoppers left behind.
    "rating",
    "popularity",
    # What the cross-encoder says of the two.
    "pair",
]

PAIR: Feature = "pair"

FEATURES: tuple[Feature, ...] = get_args(Feature)
"""All names, in the order of the feature table's columns."""
