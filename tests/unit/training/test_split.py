"""The held-out queries are never trained on."""

from hypothesis import given
from hypothesis import strategies as st

from sidecar.training.lists import TrainingList
from sidecar.training.split import in_development, query_key, split

QUERIES = st.lists(st.text("abc shoe红", min_size=1, max_size=12).filter(str.strip), max_size=30)


def a_list(query: str) -> TrainingList:
    return TrainingList(query, ("a", "b"), (1.0, 0.0), "test")


@given(QUERIES)
def test_no_query_is_on_both_sides(queries: list[str]) -> None:
    train, development = split([a_list(query) for query in queries], 0.4, 1)
    assert len(train) + len(development) == len(queries)
    assert not {query_key(one.query) for one in train} & {query_key(one.query) for one in development}


def test_spelling_does_not_tell_queries_apart() -> None:
    assert query_key("Red  Shoes") == query_key("shoe, red") != query_key("red shoe lamp")


def test_about_the_share_is_held_out_and_others_do_not_matter() -> None:
    held = [query for query in map(str, range(4000)) if in_development(query, 0.1, 0)]
    assert 300 < len(held) < 500
    assert held != [query for query in map(str, range(4000)) if in_development(query, 0.1, 1)]
    assert split([a_list("x")], 0.0, 0)[1] == []
