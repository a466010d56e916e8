"""Queries taken apart: names, numbers, negations, spelling, specificity; and any text at all."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sidecar.domain.understanding import EntityKind, Intent, Understanding
from sidecar.ranking.understanding.reader import Reader
from sidecar.ranking.understanding.vocabulary import Name, Vocabulary
from sidecar.text.tokens import tokens
from tests.fixtures.shop_vocabulary import shop_vocabulary


def read(query: str) -> Understanding:
    return Reader(shop_vocabulary()).read(query)


def read_without(query: str) -> Understanding:
    return Reader(Vocabulary.without_catalogue()).read(query)


def test_a_whole_query() -> None:
    found = read("  Foxmor  RED sandals size 8, without heels ")
    assert found.normalised == "foxmor red sandals size 8, without heels"
    assert found.tokens == ("foxmor", "red", "sandal", "size", "8", "without", "heel")
    assert found.corrected == ("foxmoor", "red", "sandal", "size", "8", "without", "heel")
    told = [(entity.kind.value, entity.value, entity.span, entity.negated) for entity in found.entities]
    assert told == [
        ("brand", "foxmoor", (0, 1), False),
        ("color", "red", (1, 2), False),
        ("category", "sandals", (2, 3), False),
        ("size", "8", (3, 5), False),
        ("category", "heels", (6, 7), True),
    ]
    assert [entity.distance for entity in found.entities] == [1, 0, 0, 0, 0]
    assert found.entities[0].confidence < found.entities[1].confidence
    assert found.unwanted == ((6, 7),)
    assert found.filler == {5}
    assert found.intent is Intent.ATTRIBUTE
    assert found.vocabulary == "000001-00000000"
    assert [entity.value for entity in found.of_kind(EntityKind.CATEGORY)] == ["sandals"]


def test_spans_of_signs_are_pairs() -> None:
    found = read("红色沙发")
    assert found.tokens == ("红色", "色沙", "沙发")
    assert [(entity.value, entity.span) for entity in found.entities] == [("red", (0, 1)), ("沙发", (2, 3))]


def test_equal_lengths_have_equal_amounts() -> None:
    amounts = {read(query).numbers[0].amount for query in ("12 in", '12"', "30.48 cm", "304.8毫米", "1 ft")}
    assert amounts == {0.3048}


@pytest.mark.parametrize(
    ("query", "unwanted"),
    [
        ("sofa without arms", ["arm"]),
        ("sofa without memory foam for kids", ["memory foam"]),
        ("lamp without shade brass 20 cm", ["shade"]),
        ("no sugar cookies", ["sugar"]),
        ("not red or blue", ["red or blue"]),
        ("sugar-free gum", ["sugar"]),
        ("free of parabens", ["paraben"]),
        ("不含酒精的面霜", ["酒精"]),
        ("不要红色", ["红色"]),
        ("no pull harness", []),
        ("non stick pan", []),
        ("hands free headset", []),
        ("无线鼠标", []),
        ("无人机", []),
        ("without", []),
        ("free", []),
    ],
)
def test_what_is_not_wanted(query: str, unwanted: list[str]) -> None:
    found = read(query)
    assert [" ".join(found.tokens[begin:end]) for begin, end in found.unwanted] == unwanted


def test_without_a_catalogue_the_lexicon_still_counts() -> None:
    found = read_without("navy blue dress size 10 not black, 2 pack")
    assert [(entity.kind, entity.value, entity.negated) for entity in found.entities] == [
        (EntityKind.COLOR, "navy", False),
        (EntityKind.SIZE, "10", False),
        (EntityKind.COLOR, "black", True),
    ]
    assert [(number.value, number.unit) for number in found.numbers] == [(2, "piece")]
    assert found.vocabulary == ""
    assert 0 < found.specificity < 1


def test_without_a_catalogue_nothing_is_taken_for_a_misspelling() -> None:
    assert read_without("blakc greem yelow").corrected == ("blakc", "greem", "yelow")


def test_common_words_are_not_corrected_into_brands() -> None:
    names = [Name(EntityKind.BRAND, "lamoo", "Lamoo", 50, 1.0)]
    reader = Reader(Vocabulary("1", 1000, names, {"lamb": 40, "lambo": 1}))
    assert reader.read("lamb").entities == ()
    assert reader.read("lambo").entities == ()
    assert [entity.value for entity in reader.read("lamo").entities] == ["Lamoo"]


def test_a_colour_of_one_sign_inside_a_word_is_none() -> None:
    assert [entity.value for entity in read("黑沙发").entities] == ["black", "沙发"]
    assert read("蓝牙耳机").of_kind(EntityKind.COLOR) == []


def test_more_words_and_rarer_words_are_more_specific() -> None:
    queries = ["sofa", "red sofa", "red velvet sofa", "oakmere red velvet sofa three seater"]
    told = [read(query).specificity for query in queries]
    assert told == sorted(told)
    assert told[0] < told[-1]
    assert all(0 < one < 1 for one in told)
    assert read("the for with").specificity == 0
    assert read("sofa").specificity < read("settee").specificity


def test_the_same_query_is_read_once() -> None:
    reader = Reader(shop_vocabulary())
    assert reader.read("red sofa") is reader.read("red sofa")
    long = "red sofa " * 40
    assert reader.read(long) == reader.read(long)
    assert reader.read(long) is not reader.read(long), "long queries are not kept"


WORDS = ["red", "without", "no", "size", "foxmoor", "xl", "of", "pack", "vs", "三", "无", "不含", "沙发"]
SIGNS = [
    "12",
    '"',
    "'",
    "½",
    "1/2",
    "1,000",
    "%",
    "?",
    "\ud800",
    "\x00",
    "İ",
    "ﷺ",
    "e\u0301",
    "９",
    "9" * 400,
    "²",
    "١٢",
]
pieces = st.sampled_from([*WORDS, *SIGNS])
queries = st.one_of(
    st.text(max_size=200), st.lists(pieces, max_size=30).map("".join), st.lists(pieces).map(" ".join)
)


@settings(max_examples=300)
@given(queries)
@example("")
@example(" \u3000\n")
@example("a" * 2048)
@example("红" * 2048)
@example("no " * 700)
@example("x8 " * 700)
def test_any_query_is_understood(query: str) -> None:
    for reader in (Reader(shop_vocabulary()), Reader(Vocabulary.without_catalogue())):
        found = reader.read(query)
        count = len(found.tokens)
        assert list(found.tokens) == tokens(query)
        assert len(found.corrected) == count
        spans = [entity.span for entity in found.entities] + [number.span for number in found.numbers]
        assert all(0 <= begin < end <= count for begin, end in [*spans, *found.unwanted])
        assert all(0 < entity.confidence <= 1 for entity in found.entities)
        assert 0 <= found.specificity <= 1
        assert 0 <= found.intent_confidence <= 1
        assert all(place < count for place in found.filler)
        assert reader.read_anew(query) == found
