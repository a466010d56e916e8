"""Where two sequences differ."""

from hypothesis import given
from hypothesis import strategies as st

from sidecar.rules.sequences import MOST_COMPARED, steps

few = st.lists(st.sampled_from("abc"), max_size=8)


@given(few, few)
def test_the_steps_lead_from_one_to_the_other(before: list[str], after: list[str]) -> None:
    found = list(steps(before, after))
    assert [word for _, old, _ in found for word in before[old]] == before
    assert [word for _, _, new in found for word in after[new]] == after
    assert all((before[old] == after[new]) is is_same for is_same, old, new in found)


def test_what_is_too_large_is_one_difference_between_what_is_the_same() -> None:
    many = ["a", "b"] * MOST_COMPARED
    found = list(steps(["x", *many, "z"], ["x", *reversed(many), "y", "z"]))
    assert [(is_same, old.stop - old.start) for is_same, old, _ in found] == [
        (True, 1),
        (False, 2 * MOST_COMPARED),
        (True, 1),
    ]
