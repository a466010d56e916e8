"""Pins and slots: who stands where, and what is told of those who do not."""

import pytest

from sidecar.domain.search import LayoutWish
from tests.fixtures.layouts import arranged, hits

TEN = {"x": list(range(10)), "brand": list("ABABABABAB")}


@pytest.mark.parametrize(
    ("then", "order"),
    [
        ("{pin: {id: e, position: 1}}", "e a b c d f g h i j"),
        ("{pin: {id: a, position: 3}}", "b c a d e f g h i j"),
        ("{pin: {id: a, position: 3, mode: soft}}", "a b c d e f g h i j"),
        ("{pin: {id: e, position: 3, mode: soft}}", "a b e c d f g h i j"),
        ("{pin: {id: e, position: 2, until: 4, mode: soft}}", "a b c e d f g h i j"),
        ("{pin: {id: d, position: 2, until: 4, mode: soft}}", "a b c d e f g h i j"),
        ("{pin: {filter: \"brand == 'B'\", position: 1, until: 3}}", "b d f a c e g h i j"),
        ("{pin: {filter: \"brand == 'B'\", position: [2, 4]}}", "a b c d e f g h i j"),
        ("{pin: {filter: 'x == 7', position: 1, until: 3}}", "h a b c d e f g i j"),
        ("[{pin: {id: j, position: 1}}, {pin: {id: i, position: 2}}]", "j i a b c d e f g h"),
        ("{pin: {id: c, position: 1000}}", "a b d e f g h i j c"),
        ("[{pin: {id: c, position: 900}}, {pin: {id: a, position: 800}}]", "b d e f g h i j a c"),
    ],
)
def test_pins(then: str, order: str) -> None:
    assert arranged(f"[{{then: {then}}}]", hits(TEN)).ids == order


def test_a_pin_far_below_says_why_it_is_not_at_its_place() -> None:
    found = arranged("[{then: {pin: {id: c, position: 1000}}}]", hits(TEN))
    assert found.letters("r1") == "mx"
    assert "10 hits" in found.details("r1")


def test_a_place_goes_to_the_stronger_rule_and_the_loser_shifts() -> None:
    text = """
    - {id: weak, then: {pin: {id: e, position: 1}}}
    - {id: strong, priority: 5, then: {pin: {id: d, position: 1}}}
    """
    found = arranged(text, hits(TEN))
    assert found.ids == "d e a b c f g h i j"
    assert found.letters("strong") == "mah"
    assert found.letters("weak") == "mlx"
    assert "place 1 belongs to rule strong" in found.details("weak")


def test_the_more_specific_rule_and_then_the_lower_id_wins() -> None:
    text = """
    - {id: a-general, then: {pin: {id: e, position: 1}}}
    - {id: specific, when: {query: {exact: shoes}}, then: {pin: {id: d, position: 1}}}
    - {id: b-general, then: {pin: {id: f, position: 1}}}
    """
    assert arranged(text, hits(TEN)).ids == "d e f a b c g h i j"


def test_who_asks_for_a_place_gets_it_before_a_loser_shifts_there() -> None:
    text = """
    - {id: one, priority: 9, then: {pin: {id: d, position: 1}}}
    - {id: two, priority: 8, then: {pin: {id: e, position: 1}}}
    - {id: three, then: {pin: {id: f, position: 2}}}
    """
    assert arranged(text, hits(TEN)).ids == "d f e a b c g h i j"


def test_the_same_product_pinned_twice_stands_where_the_stronger_rule_says() -> None:
    text = """
    - {id: weak, then: {pin: {id: e, position: 1}}}
    - {id: strong, priority: 5, then: {pin: {id: e, position: 3}}}
    """
    found = arranged(text, hits(TEN))
    assert found.ids == "a b e c d f g h i j"
    assert found.letters("weak") == "ml"
    twice = arranged("[{then: [{pin: {id: e, position: 3}}, {pin: {id: e, position: 1}}]}]", hits(TEN))
    assert twice.ids == "a b e c d f g h i j"
    assert twice.letters("r1") == "mahl"


def test_hide_beats_pin() -> None:
    text = "[{priority: 9, then: {pin: {id: e, position: 1}}}, {id: gone, then: {hide: {ids: [e]}}}]"
    found = arranged(text, hits(TEN))
    assert found.ids == "a b c d f g h i j"
    assert found.letters("r1") == "mx"
    assert "hidden" in found.details("r1")


def test_a_missing_pin_lets_the_rules_later_pins_move_up_or_not() -> None:
    pins = """
    - then:
      - pin: {id: zz, position: 1, on_missing: WAY}
      - pin: {id: j, position: 2}
      - pin: {id: i, position: 5}
    """
    assert arranged(pins.replace("WAY", "slide"), hits(TEN)).ids == "j a b i c d e f g h"
    assert arranged(pins.replace("WAY", "gap"), hits(TEN)).ids == "a j b c i d e f g h"
    slid = arranged(pins.replace("WAY", "slide"), hits(TEN))
    assert "moved up from 2" in slid.details("r1")
    assert slid.letters("r1") == "mahx"


def test_another_rules_pins_do_not_slide() -> None:
    text = "[{then: {pin: {id: zz, position: 1}}}, {then: {pin: {id: j, position: 3}}}]"
    assert arranged(text, hits(TEN)).ids == "a b j c d e f g h i"


def test_a_missing_pin_is_fetched_where_the_caller_can() -> None:
    text = """
    - then:
      - pin: {id: zz, position: 2, on_missing: fetch, index: shop}
      - pin: {id: j, position: 3}
    """
    found = arranged(text, hits(TEN))
    assert found.ids == "a [zz] j b c d e f g h i"
    fetched = found.arrangement.fetched[0]
    assert (fetched.id, fetched.index, fetched.place, fetched.rule) == ("zz", "shop", 2, "r1")
    slid = arranged(text, hits(TEN), wish=LayoutWish(removes=True))
    assert slid.ids == "a j b c d e f g h i"
    assert not slid.arrangement.fetched


def test_what_is_in_the_window_is_not_fetched() -> None:
    found = arranged("[{then: {pin: {id: c, position: 1, on_missing: fetch}}}]", hits(TEN))
    assert found.ids == "c a b d e f g h i j"
    assert not found.arrangement.fetched


def test_a_hidden_document_is_not_fetched() -> None:
    for hide in ("{ids: [zz]}", "{filter: 'x == 100'}"):
        text = f"[{{then: {{pin: {{id: zz, position: 1, on_missing: fetch}}}}}}, {{then: {{hide: {hide}}}}}]"
        found = arranged(text, hits(TEN))
        assert not found.arrangement.fetched
        assert found.letters("r1") == "mx"
        assert "hid" in found.details("r1")


def test_nothing_is_fetched_twice() -> None:
    text = """
    - {then: {pin: {id: zz, position: 2, on_missing: fetch}}}
    - {then: {pin: {id: zz, position: 5, on_missing: fetch}}}
    """
    found = arranged(text, hits(TEN))
    assert found.ids.count("[zz]") == 1
    assert found.letters("r2") == "ml"


def test_a_fetched_pin_beyond_the_end_stands_at_the_end() -> None:
    found = arranged("[{then: {pin: {id: zz, position: 50, on_missing: fetch}}}]", hits({"x": [1, 2]}))
    assert found.ids == "a b [zz]"


def test_where_nothing_was_found_a_pin_can_still_be_fetched() -> None:
    found = arranged("[{then: {pin: {id: zz, position: 3, on_missing: fetch}}}]", [])
    assert found.ids == "[zz]"


def test_soft_pins_that_push_each_other_are_all_kept() -> None:
    text = """
    - {then: {pin: {id: c, position: 3, mode: soft}}}
    - {then: {pin: {id: j, position: 1, mode: soft}}}
    - {then: {pin: {id: i, position: 2, mode: soft}}}
    """
    found = arranged(text, hits(TEN))
    assert found.ids == "j i c a b d e f g h"
    assert all("h" in found.letters(rule) for rule in ("r1", "r2", "r3"))


def test_a_soft_pin_whose_place_is_taken_goes_above() -> None:
    text = """
    - {priority: 5, then: {pin: {id: d, position: 3}}}
    - {then: {pin: {id: j, position: 3, mode: soft}}}
    """
    assert arranged(text, hits(TEN)).ids == "a j d b c e f g h i"


def test_sponsored_places_only_where_ads_are_asked_for() -> None:
    slot = "{slot: {kind: sponsored, positions: [1, 4], filter: \"brand == 'B'\", label: Ad}}"
    found = arranged(f"[{{then: {slot}}}]", hits(TEN))
    assert found.ids == "b a c d e f g h i j"
    assert [(one.name, list(one.places)) for one in found.arrangement.slots] == [("sponsored", [1, 4])]
    plain = arranged(f"[{{then: {slot}}}]", hits(TEN), wish=LayoutWish(removes=True))
    assert plain.ids == "a b c d e f g h i j"
    assert plain.letters("r1") == "mx"


def test_a_pin_takes_the_place_of_a_slot() -> None:
    text = """
    - {priority: 9, then: {slot: {kind: editorial, positions: [1, 2], ids: [j, zz, i]}}}
    - {then: {pin: {id: d, position: 1}}}
    """
    found = arranged(text, hits(TEN))
    assert found.ids == "d j a b c e f g h i"
    assert found.letters("r1") == "mal"


def test_recommended_places_for_what_this_shopper_likes() -> None:
    text = "[{then: {slot: {kind: recommended, positions: [2, 3]}}}]"
    likes = [0.0, -1.0, 0.1, 0.0, 0.9, 0.0, 0.0, 0.5, 0.0, 0.0]
    assert arranged(text, hits(TEN), residuals=likes).ids == "a e h b c d f g i j"
    assert arranged(text, hits(TEN)).ids == "a b c d e f g h i j"


def test_scores_around_a_pin_are_not_levelled() -> None:
    found = arranged("[{then: {pin: {id: j, position: 1}}}]", hits(TEN))
    assert found.arrangement.scores.tolist() == [10, 10, 9, 8, 7, 6, 5, 4, 3, 2]
    down = arranged("[{then: {pin: {id: a, position: 10}}}]", hits(TEN))
    assert down.arrangement.scores.tolist() == [9, 8, 7, 6, 5, 4, 3, 2, 1, 1]


def test_a_stronger_pin_keeps_its_place_where_the_list_ends() -> None:
    text = """
    - {id: strong, priority: 9, then: {pin: {id: a, position: 3}}}
    - {id: weak, then: {pin: {id: b, position: 3}}}
    """
    found = arranged(text, hits({"x": [1, 2, 3]}))
    assert found.ids == "c b a"
    assert found.letters("strong") == "mah"
    assert found.letters("weak") == "mlx"


def test_two_missing_pins_for_one_place_leave_one_place() -> None:
    text = """
    - then:
      - {pin: {id: zz, position: 2}}
      - {pin: {id: yy, position: 2, mode: soft}}
      - {pin: {id: e, position: 4}}
    """
    found = arranged(text, hits(TEN))
    assert found.ids == "a b e c d f g h i j"
    assert "moved up from 4" in found.details("r1")


@pytest.mark.parametrize(
    ("filter_pin", "order"),
    [
        ("filter: 'x == 70', position: 1", "d a b c e f g h i j"),
        ("filter: 'x == 7', position: 1, until: 2", "h d a b c e f g i j"),
        ("filter: 'x == 70', position: 1, on_missing: gap", "a d b c e f g h i j"),
    ],
)
def test_places_of_a_filter_that_too_few_hits_match_are_missing_pins(filter_pin: str, order: str) -> None:
    place = 3 if "until" in filter_pin else 2
    found = arranged(
        f"[{{then: [{{pin: {{{filter_pin}}}}}, {{pin: {{id: d, position: {place}}}}}]}}]", hits(TEN)
    )
    assert found.ids == order
    assert "x" in found.letters("r1")
    assert "hits match for" in found.details("r1")


def test_a_document_that_two_pins_name_is_fetched_once() -> None:
    text = """
    - {priority: 2, then: {pin: {id: zz, index: shop, position: 1, on_missing: fetch}}}
    - {priority: 1, then: {pin: {id: zz, position: 3, on_missing: fetch}}}
    - {then: {pin: {id: zz, index: other, position: 5, on_missing: fetch}}}
    """
    found = arranged(text, hits(TEN))
    assert found.ids == "[zz] a b c [zz] d e f g h i j"
    assert "pinned to 1 by rule r1" in found.details("r2")


def test_no_more_is_fetched_than_the_plugin_brings_in() -> None:
    pins = [f"{{pin: {{id: z{n}, position: {n + 1}, on_missing: fetch}}}}" for n in range(101)]
    some, others = ", ".join(pins[:60]), ", ".join(pins[60:])
    text = f"[{{then: [{some}]}}, {{then: [{others}]}}, {{then: {{hide: {{ids: [a]}}}}}}]"
    found = arranged(text, hits(TEN))
    assert len(found.arrangement.fetched) == 100
    assert "100 documents are brought in already" in found.details("r2")
    assert found.arrangement.hidden[0]


def test_a_soft_pin_never_moves_its_hit_down() -> None:
    """Those that push each other down are settled in a few rounds, whoever stands well stays there."""
    text = "- {priority: 9, then: {pin: {id: x, position: 1, mode: soft}}}\n"
    text += "".join(
        f"- {{priority: 5, then: {{pin: {{id: {one}, position: 8, mode: soft}}}}}}\n" for one in "hgfedc"
    )
    text += "- {then: {pin: {id: a, position: 20, mode: soft}}}\n"
    found = arranged(text, hits({"x": list(range(24))}))
    places = found.ids.split()
    assert places[0] == "x"
    assert places.index("a") <= 7
    assert all(places.index(one) < 8 for one in "cdefgh")
    assert found.letters("r8") == "mah"


def test_a_slot_is_told_where_its_hit_stands() -> None:
    text = "[{then: {slot: {kind: editorial, ids: [a], positions: [7]}}}]"
    found = arranged(text, hits({"x": [1, 2]}))
    assert found.ids == "b a"
    assert [touch.detail for touch in found.telling.touches[0]] == ["stands at place 2 for editorial"]


def test_a_pin_whose_place_a_slot_has_says_so() -> None:
    text = """
    - {id: strip, then: {slot: {kind: editorial, ids: [c], positions: [1]}}}
    - {id: soft, then: {pin: {id: d, position: 1, mode: soft}}}
    """
    found = arranged(text, hits(TEN))
    assert found.ids == "c d a b e f g h i j"
    assert "place 1 belongs to rule strip; stands at 2" in found.details("soft")
