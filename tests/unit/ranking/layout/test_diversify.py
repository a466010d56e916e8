"""The first places are varied, within limits that are kept whenever they can be."""

import numpy as np
import pytest

from sidecar.ranking.layout.likeness import shared_share
from tests.fixtures.layouts import arranged, hits, name_of

BRANDS = {"brand": list("AAAAABBBCD")}


def brands(found: str, fields: dict[str, list[str]] | None = None) -> str:
    by_id = {name_of(place): brand for place, brand in enumerate((fields or BRANDS)["brand"])}
    return "".join(by_id[one] for one in found.split())


def test_a_cap_per_value() -> None:
    found = arranged("[{then: {diversify: {first: 5, max_per_field: {brand: 2}}}}]", hits(BRANDS))
    assert found.ids == "a b f g i c d e h j"
    assert found.letters("r1") == "ma"


def test_a_list_that_keeps_the_cap_stays_as_it_is() -> None:
    found = arranged("[{then: {diversify: {first: 3, max_per_field: {brand: 3}}}}]", hits(BRANDS))
    assert found.ids == "a b c d e f g h i j"
    assert found.letters("r1") == "m"
    assert not found.arrangement.moved


def test_hits_without_a_value_are_not_capped() -> None:
    fields = {"brand": ["A", None, "A", None, None]}
    found = arranged("[{then: {diversify: {first: 4, max_per_field: {brand: 1}}}}]", hits(fields))
    assert found.ids == "a b d e c"


def test_an_empty_text_is_no_value_that_hits_could_share() -> None:
    fields = {"brand": ["A", "", " ", "A", ""]}
    found = arranged("[{then: {diversify: {first: 4, max_per_field: {brand: 1}}}}]", hits(fields))
    assert found.ids == "a b c e d"


def test_a_cap_that_cannot_be_kept_is_told() -> None:
    found = arranged(
        "[{then: {diversify: {first: 4, max_per_field: {brand: 1}}}}]", hits({"brand": list("AAABB")})
    )
    assert found.ids == "a d b c e"
    assert found.letters("r1") == "max"
    assert "too few hits" in found.details("r1")


def test_pinned_hits_count_for_the_caps_and_stay() -> None:
    text = "[{then: [{diversify: {first: 4, max_per_field: {brand: 2}}}, {pin: {id: e, position: 1}}]}]"
    found = arranged(text, hits(BRANDS))
    assert brands(found.ids)[:4] == "AABB"
    assert found.ids.startswith("e a f g")


def test_two_caps_that_the_greedy_way_would_break() -> None:
    # Taking the best first (a: brand A, kind x) leaves nobody for the second place.
    fields = {"brand": ["A", "A", "B"], "kind": ["x", "y", "x"]}
    found = arranged("[{then: {diversify: {first: 2, max_per_field: {brand: 1, kind: 1}}}}]", hits(fields))
    assert found.ids == "b c a"
    assert found.letters("r1") == "ma"


def test_caps_of_two_rules_with_their_own_first_places() -> None:
    text = """
    - {then: {diversify: {first: 2, max_per_field: {brand: 1}}}}
    - {then: {diversify: {first: 6, max_per_field: {brand: 3}}}}
    """
    found = arranged(text, hits(BRANDS))
    assert brands(found.ids)[:6] == "ABAABB"


def test_a_hit_of_several_values_counts_for_each() -> None:
    fields = {"tag": [["p", "q"], ["p"], ["q"], ["r"]]}
    found = arranged("[{then: {diversify: {first: 2, max_per_field: {tag: 1}}}}]", hits(fields))
    assert found.ids == "a d b c"


def test_near_duplicate_titles() -> None:
    titles = ["Red trail shoe for men", "Red trail shoes for men", "Blue hat", "red TRAIL shoe, for men!", ""]
    text = "[{then: {diversify: {first: 4, max_similar: {similarity: 0.85}}}}]"
    found = arranged(text, hits({"title": titles}))
    assert found.ids == "a c e b d"
    two = arranged(text.replace("0.85}", "0.85, most: 2}"), hits({"title": titles}))
    assert two.ids == "a b c e d"


def test_quotas_bring_up_what_there_is() -> None:
    fields = {"fresh": [False, False, False, False, True, False, True]}
    text = "[{then: {diversify: {first: 4, quotas: [{filter: 'fresh == true', least: 2}]}}}]"
    found = arranged(text, hits(fields))
    assert found.ids == "a b e g c d f"
    three = arranged(text.replace("least: 2", "least: 3"), hits(fields))
    assert set(three.ids.split()[:4]) == {"a", "b", "e", "g"}


def test_a_quota_does_not_break_a_cap() -> None:
    fields = {"brand": list("ABCAA"), "fresh": [False, False, False, True, True]}
    text = """
    - then: {diversify: {first: 3, max_per_field: {brand: 1}, quotas: [{filter: 'fresh == true', least: 1}]}}
    """
    found = arranged(text, hits(fields))
    assert brands(found.ids, fields)[:3] in ("ABC", "BCA", "BAC", "CBA")
    assert len(set(brands(found.ids, fields)[:3])) == 3


def test_mmr_weighs_relevance_against_likeness() -> None:
    fields = {"brand": list("AAAB"), "category": list("xxxy")}
    scores = [1.0, 0.99, 0.98, 0.9]
    text = "[{then: {diversify: {first: 2, mmr: {balance: BALANCE, fields: {brand: 1, category: 1}}}}}]"
    assert arranged(text.replace("BALANCE", "0.4"), hits(fields, scores)).ids == "a d b c"
    assert arranged(text.replace("BALANCE", "1"), hits(fields, scores)).ids == "a b c d"


def test_hits_that_mmr_chose_stand_by_relevance_among_themselves() -> None:
    fields = {"brand": list("AAABC")}
    text = "[{then: {diversify: {first: 3, mmr: {balance: 0.3, fields: {brand: 1}}MORE}}}]"
    scores = [1.0, 0.99, 0.98, 0.5, 0.6]
    # By likeness alone the last would have come before the fourth.
    assert arranged(text.replace("MORE", ""), hits(fields, scores)).ids == "a d e b c"
    # A limit of the first two places says in which order the three stand, so they keep it.
    capped = "[{then: [{diversify: {first: 3, mmr: {balance: 0, fields: {brand: 1}}}}, LIMIT]}]"
    limit = "{diversify: {first: 2, max_per_field: {brand: 1}}}"
    assert (
        len(set(brands(arranged(capped.replace("LIMIT", limit), hits(fields, scores)).ids, fields)[:2])) == 2
    )


def test_mmr_compares_with_all_that_stand_not_with_the_nearest() -> None:
    titles = [
        "alpha bravo carol delta",
        "echo fox golf hotel",
        "alpha bravo echo fox",  # a third of each
        "alpha bravo carol zulu",  # more of the first, nothing of the second: less on the whole
    ]
    text = "[{then: {diversify: {first: 3, mmr: {balance: 0, fields: {title: 1}}}}}]"
    assert arranged(text, hits({"title": titles})).ids == "a b d c"


@pytest.mark.parametrize("none", [None, ""])
def test_mmr_does_not_take_a_hit_without_a_brand_for_another_brand(none: str | None) -> None:
    # Of b nothing is known but its title, a third of which is the first's; of c that its brand is another.
    fields = {
        "brand": ["A", none, "B"],
        "title": ["red wool hat large", "red wool cap small", "red wool hat small"],
    }
    text = "[{then: {diversify: {first: 2, mmr: {balance: 0, fields: {brand: 1, title: 1}}}}}]"
    assert arranged(text, hits(fields)).ids == "a c b"


def test_mmr_compares_titles_word_by_word() -> None:
    titles = [
        "big red trail running shoe",
        "big red trail running boot",
        "small blue felt winter hat",
        "a lamp for the desk",
    ]
    text = "[{then: {diversify: {first: 2, mmr: {balance: 0.6, fields: {title: 1}}}}}]"
    assert arranged(text, hits({"title": titles}, [1.0, 0.95, 0.8, 0.0])).ids == "a c b d"


def test_mmr_keeps_caps() -> None:
    text = """
    - then: {diversify: {first: 5, mmr: {balance: 0.9, fields: {brand: 1}}, max_per_field: {brand: 2}}}
    """
    found = brands(arranged(text, hits(BRANDS)).ids)[:5]
    assert max(found.count(brand) for brand in "ABCD") <= 2


def test_of_two_mmr_rules_the_stronger_counts() -> None:
    text = """
    - {then: {diversify: {first: 4, mmr: {balance: 0, fields: {brand: 1}}}}}
    - {priority: 3, then: {diversify: {first: 4, mmr: {balance: 1, fields: {brand: 1}}}}}
    """
    found = arranged(text, hits(BRANDS))
    assert found.ids == "a b c d e f g h i j"
    assert "l" in found.letters("r1")


def test_variety_does_not_bring_up_what_cannot_be_bought() -> None:
    fields = {"brand": list("AAAB"), "stock": [1, 1, 1, 0]}
    text = "[{then: [{demote_unavailable: {}}, {diversify: {first: 2, max_per_field: {brand: 1}}}]}]"
    found = arranged(text, hits(fields))
    assert found.ids == "a b c d"


def test_shares_in_common() -> None:
    table = shared_share(np.array([[0, 1, 1], [1, 2, -1], [-1, -1, -1]], np.int32))
    assert table == pytest.approx(np.array([[1, 1 / 3, 0], [1 / 3, 1, 0], [0, 0, 0]]))


QUOTAS = "quotas: [{filter: \"brand == 'N'\", least: 1}, {filter: \"brand == 'S'\", least: 1}]"


@pytest.mark.parametrize(
    ("all_brands", "found_brands"),
    [("AAAAAAAAAANS", "AAANS"), ("NAAAAAAAAAAS", "NAAAS"), ("AAAAAAAANNNN", "AAAAN")],
)
def test_two_quotas_are_both_met(all_brands: str, found_brands: str) -> None:
    fields = {"brand": list(all_brands)}
    found = arranged(f"[{{then: {{diversify: {{first: 5, {QUOTAS}}}}}}}]", hits(fields))
    assert brands(found.ids, fields)[:5] == found_brands
    assert found.letters("r1") == "ma"


def test_one_hit_may_meet_two_quotas() -> None:
    fields = {"brand": list("AAAAAN"), "kind": list("xxxyxy")}
    quotas = "quotas: [{filter: \"brand == 'N'\", least: 1}, {filter: \"kind == 'y'\", least: 1}]"
    found = arranged(f"[{{then: {{diversify: {{first: 2, {quotas}}}}}}}]", hits(fields))
    assert found.ids == "a f b c d e"


def test_a_quota_for_which_pins_leave_no_room_is_told() -> None:
    fields = {"brand": list("AAAAN")}
    pins = "{pin: {id: b, position: 1}}, {pin: {id: a, position: 2}}"
    quota = "{diversify: {first: 2, quotas: [{filter: \"brand == 'N'\", least: 1}]}}"
    found = arranged(f"[{{then: [{quota}]}}, {{then: [{pins}]}}]", hits(fields))
    assert found.ids == "b a c d e"
    assert found.letters("r1") == "mx"
    assert "no room for its quota" in found.details("r1")


def test_a_soft_pin_leaves_alone_what_variety_brings_up() -> None:
    """Without the pin d stands at place 2 and the cap is kept: so it does with it."""
    cap = "{diversify: {first: 2, max_per_field: {brand: 1}}}"
    found = arranged(
        f"[{{then: {cap}}}, {{then: {{pin: {{id: d, position: 3, mode: soft}}}}}}]",
        hits({"brand": list("AAAB")}),
    )
    assert found.ids == "a d b c"
    assert found.letters("r1") == "ma"
    assert found.letters("r2") == "mah"


def test_only_the_rule_that_cannot_be_kept_is_told_so() -> None:
    fields = {"brand": list("AAAA"), "title": ["red shoe", "blue hat", "green sofa", "old lamp"]}
    text = """
    - {id: cap, then: {diversify: {first: 3, max_per_field: {brand: 1}}}}
    - {id: sim, then: {diversify: {first: 3, max_similar: {field: title, most: 1, similarity: 0.5}}}}
    """
    found = arranged(text, hits(fields))
    assert found.letters("cap") == "mx"
    assert found.letters("sim") == "m"


def test_only_the_rule_that_kept_hits_out_acted() -> None:
    fields = {"brand": list("AAB"), "title": ["red shoe", "blue hat", "green sofa"]}
    text = """
    - {id: cap, then: {diversify: {first: 2, max_per_field: {brand: 1}}}}
    - {id: sim, then: {diversify: {first: 2, max_similar: {field: title, most: 1, similarity: 0.5}}}}
    """
    found = arranged(text, hits(fields))
    assert found.ids == "a c b"
    assert (found.letters("cap"), found.letters("sim")) == ("ma", "m")
    assert {touch.rule for touches in found.telling.touches.values() for touch in touches} == {"cap"}


def test_exactly_the_share_that_makes_two_titles_alike() -> None:
    title = [f"w{n}" for n in range(11)]
    mine, other = [*title, "a", "b", "c", "d"], [*title, "e", "f", "g", "h", "i"]
    fields = {"title": [" ".join(mine), " ".join(other), "something else"]}  # 11 of 20 words
    text = "[{then: {diversify: {first: 2, max_similar: {field: title, most: 1, similarity: 0.55}}}}]"
    assert arranged(text, hits(fields)).ids == "a c b"
