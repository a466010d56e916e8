"""What is remembered of an answer that holds documents of layout rules."""

import numpy as np

from sidecar.domain.candidate import Candidate
from sidecar.domain.deadline import Deadline
from sidecar.domain.ranking import FetchedHit
from sidecar.domain.search import Search
from sidecar.profiles.keying import Keys
from sidecar.ranking.recording import Recorder
from sidecar.ranking.signals import Signals
from sidecar.ranking.standing import Arranged, Standing
from sidecar.taste.served_list import ServedList
from sidecar.taste.traits import Traits

KEYS = Keys([b"secret"])


def recorded(standing: Standing) -> ServedList:
    lists: list[ServedList] = []
    search = Search("shoe", standing.candidates, Deadline.after(5), query_id="q")
    Recorder(lists.append, KEYS).record(search, standing, {})
    (served,) = lists
    return served


def test_fetched_documents_stand_at_their_places_without_figures() -> None:
    candidates = [Candidate("a", 2, 5.0), Candidate("b", 1, 4.0)]
    traits = Traits(
        np.array([[7], [8]], np.uint32),
        np.array([[1.0], [2.0]], np.float32),
        ("brand",),
        ("price",),
        np.array([[1.0, 2.0], [3.0, 4.0]], np.float32),
    )
    signals = Signals(
        {1: 0, 2: 1},
        np.array([4.0, 5.0]),
        np.array([0.4, 0.5]),
        traits,
        np.array([[0.1], [0.2]], np.float32),
        ("ctr",),
    )
    arranged = Arranged(fetched=[FetchedHit("x", "", 1, "r"), FetchedHit("y", "", 9, "r")])
    served = recorded(Standing(candidates, np.array([5.0, 4.0]), signals=signals, arranged=arranged))
    assert served.ids == ["x", "a", "b", "y"]
    assert served.ranks.tolist() == [0, 2, 1, 0]
    assert served.fetched.tolist() == [True, False, False, True]
    assert served.scores.tolist() == [0, 5, 4, 0]
    np.testing.assert_allclose(served.residuals, [0, 0.5, 0.4, 0])
    assert served.traits.keys[:, 0].tolist() == [0, 8, 7, 0]
    assert served.traits.vectors is not None
    assert served.traits.vectors.tolist() == [[0, 0], [3, 4], [1, 2], [0, 0]]
    np.testing.assert_allclose(served.features[:, 0], [0, 0.2, 0.1, 0])


def test_a_fetched_document_is_remembered_where_all_else_is_hidden() -> None:
    served = recorded(Standing([], np.zeros(0), arranged=Arranged(fetched=[FetchedHit("x", "", 1, "r")])))
    assert served.ids == ["x"]
