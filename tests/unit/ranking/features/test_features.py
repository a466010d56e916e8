"""What each feature says of small lists that a person can check."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.config.profile import FeatureFields
from sidecar.domain.candidate import FieldValues
from sidecar.domain.features import FEATURES, PAIR, Feature
from sidecar.ranking.relevance.features import list_context
from sidecar.ranking.relevance.features.document import DocumentReader, ReadDocument
from sidecar.ranking.relevance.features.query_words import query_words
from sidecar.ranking.relevance.features.table import Hits, feature_columns
from sidecar.ranking.relevance.order import word_vectors
from sidecar.ranking.standing import FloatArray
from sidecar.ranking.understanding.reader import Reader
from sidecar.ranking.understanding.vocabulary import Vocabulary

NAMES = FeatureFields()
ALL = frozenset(FEATURES)
READER = Reader(Vocabulary.without_catalogue())

Fields = dict[str, FieldValues]


def product(title: str, **more: object) -> Fields:
    return {"title": [title], **{k: v if isinstance(v, list) else [v] for k, v in more.items()}}  # type: ignore[dict-item]


def read(fields: Fields) -> ReadDocument:
    return DocumentReader().read(fields, NAMES)


def columns(query: str, *products: Fields, scores: list[float] | None = None) -> dict[Feature, FloatArray]:
    titles = [str(one["title"][0]) for one in products]
    hits = Hits(
        query_words(query, READER.read(query)),
        [read(one) for one in products],
        products,
        np.array(scores or range(len(products), 0, -1), dtype=np.float64),
        word_vectors([query]),
        word_vectors(titles),
    )
    return feature_columns(hits, ALL, NAMES)


def best(values: FloatArray) -> int:
    return int(np.argmax(values))


def test_every_feature_has_a_column_but_the_pair() -> None:
    found = columns("red shoes", product("red shoes"), product("blue hat"))
    assert set(found) == set(FEATURES) - {PAIR}
    for values in found.values():
        assert values.mean() == pytest.approx(0)
        assert values.std() == pytest.approx(1) or not values.any()


def test_the_rarer_word_counts_more() -> None:
    found = columns(
        "red kettle", product("kettle"), product("red hat"), product("red sofa"), product("red bowl")
    )
    assert best(found["title_coverage"]) == 0


def test_words_at_the_head_count_as_such() -> None:
    stuffed = product("bowl for dogs, cats, gifts, birthdays, parties, garden, kitchen, home, red, kettle")
    found = columns("red kettle", stuffed, product("red kettle"))
    assert best(found["head_coverage"]) == 1
    assert found["title_coverage"].tolist() == [0, 0], "both have all words somewhere"
    assert best(found["last_word_early"]) == 1
    assert best(found["short_title"]) == 1


def test_neighbouring_words() -> None:
    found = columns("running shoes", product("shoes, not for running"), product("running shoes"))
    assert best(found["word_pairs"]) == 1


def test_a_named_brand_is_met_and_others_disagree() -> None:
    hits = [product("shoes", brand="Nike"), product("shoes", brand="Puma"), product("shoes")]
    found = columns("nike shoes", *hits)
    assert best(found["brand_match"]) == 0
    assert found["brand_agrees"][1] < found["brand_agrees"][0] == found["brand_agrees"][2]
    unnamed = columns("shoes", *hits)
    assert not unnamed["brand_match"].any()
    assert not unnamed["brand_agrees"].any(), "no brand was asked for"


def test_colours_and_numbers() -> None:
    found = columns(
        "red binder 2", product("binder 2 inch", color="Blue"), product("binder 3 inch", color="Red")
    )
    assert best(found["color_match"]) == 1
    assert best(found["number_match"]) == 0


@pytest.mark.parametrize(
    ("title", "better_than"),
    [
        ("desk chair without wheels", "desk chair with wheels"),
        ("desk chair without wheels", "desk chair"),
        ("desk chair", "desk chair with wheels"),
        ("wheelless desk chair", "desk chair with wheels"),
        ("desk chair wheel free", "desk chair with wheels"),
    ],
)
def test_what_is_not_wanted(title: str, better_than: str) -> None:
    found = columns("desk chair without wheels", product(title), product(better_than))
    assert found["unwanted_absent"][0] > found["unwanted_absent"][1]


def test_a_query_without_negation_says_nothing_of_it() -> None:
    assert not columns("wine glasses", product("stemless wine glasses"), product("wine glass"))[
        "unwanted_absent"
    ].any()


def test_a_hit_is_like_the_best_ones() -> None:
    hits = [
        product("red shoes sport"),
        product("red shoes running"),
        product("red wine"),
        product("red shoes run"),
    ]
    found = columns("red", *hits)
    assert np.argmin(found["feedback_5"]) == 2
    assert np.argmin(found["feedback_words"]) == 2


def test_good_neighbours() -> None:
    cups = [product(f"cup {word}") for word in ("white", "small", "tea")]
    hats = [product(f"hat {word}") for word in ("warm", "wool", "knit")]
    values = columns("gift", *cups, *hats)["neighbours"]
    assert values[:3].min() > values[3:].max(), "the first stage likes cups, so a cup is in good company"


def test_the_category_of_the_best_ones() -> None:
    hits = [
        product("kettle", category=["Kitchen", "Kettles"]),
        product("kettle red", category=["Kitchen", "Kettles"]),
        product("kettle book", category=["Books"]),
        product("kettle pot", category=["Kitchen", "Pots"]),
    ]
    values = columns("kettle", *hits)["category_10"]
    assert values[0] == values[1] > values[3] > values[2]


def test_a_path_in_one_value_is_a_path() -> None:
    assert (
        read(product("x", category=["Kitchen > Kettles"])).category
        == read(product("x", category=["Kitchen", "Kettles"])).category
    )


def test_few_ratings_say_little() -> None:
    hits = [
        product("a", rating=5.0, rating_count=1),
        product("b", rating=4.8, rating_count=5000),
        product("c", rating=2.0, rating_count=5000),
        product("d"),
    ]
    values = columns("a", *hits)["rating"]
    assert best(values) == 1
    assert np.argmin(values) == 2


def test_hits_without_a_vector_stand_at_the_mean() -> None:
    vectors = word_vectors(["red shoes", "blue hat", "red hat"])
    vectors[1] = np.nan
    products = [product("red shoes"), product("blue hat"), product("red hat")]
    hits = Hits(
        query_words("red shoes", None),
        [read(one) for one in products],
        products,
        np.array([3.0, 2.0, 1.0]),
        word_vectors(["red shoes"]),
        vectors,
    )
    found = feature_columns(hits, ALL, NAMES)
    for name in ("similarity", "feedback_5", "feedback_10", "neighbours"):
        assert found[name][1] == 0  # type: ignore[index]
        assert np.isfinite(found[name]).all()  # type: ignore[index]


TEXT = st.text(max_size=40)


@given(
    query=TEXT, titles=st.lists(TEXT, min_size=1, max_size=5), brand=TEXT, category=st.lists(TEXT, max_size=3)
)
def test_any_text_gives_finite_numbers(
    query: str, titles: list[str], brand: str, category: list[str]
) -> None:
    found = columns(query, *(product(title, brand=brand, color=brand, category=category) for title in titles))
    assert all(np.isfinite(values).all() for values in found.values())


def test_discounts_fall_and_add_up() -> None:
    weights = list_context.discounts(5)
    assert weights.sum() == pytest.approx(1)
    assert (np.diff(weights) < 0).all()


def test_a_document_is_read_once_while_it_is_kept() -> None:
    reader = DocumentReader(kept=2)
    first = reader.read(product("red shoes"), NAMES)
    assert reader.read(product("red shoes"), NAMES) is first
    reader.read(product("a"), NAMES)
    reader.read(product("b"), NAMES)
    assert reader.read(product("red shoes"), NAMES) is not first
