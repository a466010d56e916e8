"""Each action by itself."""

import numpy as np
import pytest

from sidecar.domain.search import LayoutWish
from tests.fixtures.layouts import NOW, arranged, hits

DAY = 86_400.0
PLAIN = {"x": [1, 2, 3, 4, 5]}
BRANDS = {"brand": ["A", "A", "A", "B", "C", "A"]}


def test_no_action_leaves_everything_as_it_was() -> None:
    found = arranged("[{then: {metadata: {a: 1}}}]", hits(PLAIN))
    assert found.ids == "a b c d e"
    assert not found.arrangement.moved
    assert found.arrangement.scores.tolist() == [5, 4, 3, 2, 1]


def test_hide_and_filter_close_up() -> None:
    assert arranged("[{then: {hide: {ids: [b], filter: 'x == 4'}}}]", hits(PLAIN)).ids == "a c e"
    found = arranged("[{then: {filter: {filter: 'x < 3', ids: [e]}}}]", hits(PLAIN))
    assert found.ids == "a b e"
    assert found.arrangement.removed == [2, 3]
    assert found.letters("r1") == "ma"


def test_who_cannot_leave_hits_out_gets_them_last() -> None:
    found = arranged("[{then: {hide: {ids: [a, c]}}}]", hits(PLAIN), wish=LayoutWish())
    assert found.ids == "b d e a c"
    assert found.arrangement.removed == [0, 2]
    assert (np.diff(found.arrangement.scores) <= 0).all()


def test_hiding_everything_is_the_rules_will_and_is_told() -> None:
    found = arranged("[{then: {hide: {filter: 'x > 0'}}}]", hits(PLAIN))
    assert found.ids == ""
    assert found.arrangement.emptied
    assert len(found.arrangement.scores) == 0


def test_boosts_multiply_the_scaled_score() -> None:
    # Scaled: 1, .775, .55, .325, .1.
    found = arranged("[{then: {boost: {ids: [c], weight: 1.5}}}]", hits(PLAIN))
    assert found.ids == "a c b d e"
    found = arranged(
        "[{then: {boost: {ids: [c], weight: 1.5}}}, {then: {boost: {filter: 'x == 3', weight: 1.5}}}]",
        hits(PLAIN),
    )
    assert found.ids == "c a b d e"
    assert found.arrangement.scores[0] == pytest.approx(1 + (0.55 * 2.25 - 0.1) / 0.9 * 4)


def test_bury_divides() -> None:
    assert arranged("[{then: {bury: {ids: [a], weight: 2}}}]", hits(PLAIN)).ids == "b c a d e"


def test_all_boosts_together_stay_within_the_clamp() -> None:
    text = "[{then: [{boost: {ids: [e], weight: 100}}, {boost: {ids: [e], weight: 50}}]}]"
    # .1 * 4 = .4: above d, below c.
    assert arranged(text, hits(PLAIN), clamp=4).ids == "a b c e d"
    assert arranged(text, hits(PLAIN), clamp=100).ids == "e a b c d"


def test_explained_boosts_tell_each_hit_its_factor_and_the_clamp() -> None:
    text = """
    - then: [{boost: {ids: [d, e], weight: 3}}, {boost: {ids: [e], weight: 2}}, {bury: {ids: [a], weight: 2}}]
    """
    touches = arranged(text, hits(PLAIN), clamp=4).telling.touches
    assert [(one.action, one.outcome, one.detail) for one in touches[3]] == [
        ("boost", "acted", "score times 3")
    ]
    assert [one.detail for one in touches[4]] == [
        "score times 3; all together clamped to 4",
        "score times 2; all together clamped to 4",
    ]
    assert [(one.action, one.detail) for one in touches[0]] == [("bury", "score times 0.5")]
    assert 1 not in touches
    assert not arranged(text, hits(PLAIN), explain=False).telling.touches


def test_equal_scores_can_be_boosted() -> None:
    assert arranged("[{then: {boost: {ids: [c], weight: 2}}}]", hits(PLAIN, [1.0] * 5)).ids == "c a b d e"
    one = arranged("[{then: {boost: {ids: [a], weight: 2}}}]", hits({"x": [1]}))
    assert one.ids == "a"
    assert np.isfinite(one.arrangement.scores).all()


@pytest.mark.parametrize(
    ("boost", "fields", "order"),
    [
        ("range: {value: margin, low: 0, high: 10}", {"margin": [0, 5, 10, None]}, "c b a d"),
        (
            "range: {value: margin / price, low: 1, high: 0}",
            {"margin": [1, 0, 1, 2], "price": [1, 0, 9, 2]},
            "c a b d",
        ),
        (
            "freshness: {field: date, half_life_days: 10}",
            {"date": [(NOW - 90 * DAY) * 1000, None, (NOW - DAY) * 1000, (NOW + DAY) * 1000]},
            "d c a b",
        ),
        ("stock: {enough: 10}", {"stock": [0, 3, 10, 500]}, "c d b a"),
        ("rating: {}", {"rating": [1.0, 5.0, 5.0, None], "rating_count": [500, 1, 500, None]}, "c b d a"),
    ],
)
def test_figures_grant_a_share_of_the_weight(boost: str, fields: dict[str, list[float]], order: str) -> None:
    equal = hits(fields, [1.0] * 4)
    assert arranged(f"[{{then: {{boost: {{weight: 3, {boost}}}}}}}]", equal).ids == order


def test_a_figure_counts_for_the_selected_hits() -> None:
    fields = {"margin": [1, 5, 10, 10], "brand": ["A", "A", "B", "A"]}
    text = (
        "[{then: {boost: {weight: 3, range: {value: margin, low: 0, high: 10}, filter: \"brand == 'A'\"}}}]"
    )
    assert arranged(text, hits(fields, [1.0] * 4)).ids == "d b a c"


def test_engagement_from_the_bottom_to_the_top_and_nothing_for_the_unknown() -> None:
    text = "[{then: {boost: {weight: 2, engagement: {signal: SIGNAL}}}}]"
    equal = hits({"x": [1, 2, 3, 4]}, [1.0] * 4)
    figures = {"ctr": [0.0, -0.5, 0.7, 0.1], "returns": [0.0, 0.5, 0.2, 0.1]}
    assert arranged(text.replace("SIGNAL", "clicks"), equal, engagement=figures).ids == "c a d b"
    assert arranged(text.replace("SIGNAL", "returns"), equal, engagement=figures).ids == "d c a b"
    assert arranged(text.replace("SIGNAL", "dwell"), equal, engagement=figures).ids == "a b c d"
    assert arranged(text.replace("SIGNAL", "clicks"), equal).ids == "a b c d"


def test_what_cannot_be_bought_stands_last_in_its_own_order() -> None:
    found = arranged("[{then: {demote_unavailable: {}}}]", hits({"stock": [0, 1, 0, None, 5]}))
    assert found.ids == "b d e a c"


def test_no_boost_overrides_availability() -> None:
    text = "[{then: [{demote_unavailable: {}}, {boost: {ids: [e], weight: 100}}]}]"
    assert arranged(text, hits({"stock": [1, 1, 1, 1, 0]}), clamp=100).ids == "a b c d e"


def test_collapse_shows_one_of_each_group_in_its_best_ones_place() -> None:
    fields = {"group": ["g", "h", "g", None, "h", None], "price": [9, 3, 2, 1, 5, 1]}
    best = arranged("[{then: {collapse: {field: group}}}]", hits(fields))
    assert best.ids == "a b d f"
    assert best.arrangement.removed == [2, 4]
    low = arranged("[{then: {collapse: {field: group, keep: lowest, value: price}}}]", hits(fields))
    assert low.ids == "c b d f"
    high = arranged("[{then: {collapse: {field: group, keep: highest, value: price}}}]", hits(fields))
    assert high.ids == "a e d f"
    assert arranged("[{then: {collapse: {field: nothing}}}]", hits(fields)).ids == "a b c d e f"
    assert arranged("[{then: {collapse: {field: none}}}]", hits({"none": ["", "", " "]})).ids == "a b c"


def test_a_group_is_shown_by_what_can_be_bought() -> None:
    fields = {"group": ["g", "g", "g", None], "stock": [0, 1, 1, 1], "price": [1, 5, 3, 9]}
    text = "[{then: [{demote_unavailable: {}}, {collapse: {field: group, keep: lowest, value: price}}]}]"
    assert arranged(text, hits(fields)).ids == "c d"


def test_a_pin_binds_to_the_group() -> None:
    fields = {"group": ["z", "g", "g", "y"]}
    found = arranged("[{then: [{collapse: {field: group}}, {pin: {id: c, position: 1}}]}]", hits(fields))
    assert found.ids == "b a d"
    assert "h" in found.letters("r1")


def test_of_two_rules_for_one_field_the_stronger_collapses() -> None:
    text = """
    - {priority: 1, then: {collapse: {field: group, keep: lowest, value: price}}}
    - {then: {collapse: {field: group}}}
    """
    found = arranged(text, hits({"group": ["g", "g"], "price": [2, 1]}))
    assert found.ids == "b"
    assert found.letters("r2") == "ml"


def test_groups_of_two_fields() -> None:
    text = "[{then: [{collapse: {field: g}}, {collapse: {field: h}}, {pin: {id: c, position: 2}}]}]"
    found = arranged(text, hits({"g": [1, 2, 2, 3], "h": [1, 1, 3, 4]}))
    assert found.ids == "d a"


def test_the_same_document_twice_is_shown_once() -> None:
    twice = hits(PLAIN)
    twice[3].id = "a"
    found = arranged("[{then: {hide: {ids: [b]}}}]", twice)
    assert found.ids == "a c e"
    assert found.arrangement.removed == [1, 3]


def test_parts_add_up_to_the_scores() -> None:
    text = """
    - {then: [{boost: {ids: [d, e], weight: 2}}, {bury: {ids: [a], weight: 3}}, {pin: {id: f, position: 1}}]}
    - {then: [{hide: {ids: [c]}}, {diversify: {first: 3, max_per_field: {brand: 1}}}]}
    """
    found = arranged(text, hits(BRANDS), wish=LayoutWish())
    made = found.arrangement
    total = np.array([candidate.score for candidate in found.candidates])
    for _, values in made.parts:
        total = total + values
    assert total[made.order] == pytest.approx(made.scores)
    labels = {label for label, _ in made.parts}
    assert {"boost r1", "bury r1", "pin r1"} <= labels
