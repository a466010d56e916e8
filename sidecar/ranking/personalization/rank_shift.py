"""The greatest rank shift: nobody moves further from the place that relevance gave."""

from heapq import heappop, heappush

import numpy as np
import numpy.typing as npt

from sidecar.ranking.standing import FloatArray

IndexArray = npt.NDArray[np.intp]


def order_within(wanted: FloatArray, earliest: IndexArray, reach: int) -> IndexArray:
    """Rows 0 to n by `wanted` float64 [n], best first, as far as each may move.

    Row p stands at `earliest[p]` (at most p) or below, and at p + `reach` or above. Equals keep their order.
    The rows' own order keeps both, so that there is always an answer: a place goes to the row that is due
    there, of which there is one at most, and else to the best row that may stand there.
    """
    count = len(wanted)
    entering = np.argsort(earliest, kind="stable").tolist()
    opens = earliest.tolist()
    keys = (-wanted).tolist()
    placed = [False] * count
    waiting: list[tuple[float, int]] = []
    order: list[int] = []
    entered = 0
    for place in range(count):
        while entered < count and opens[entering[entered]] <= place:
            row = entering[entered]
            heappush(waiting, (keys[row], row))
            entered += 1
        due = place - reach
        if due >= 0 and not placed[due]:
            row = due
        else:
            row = heappop(waiting)[1]
            while placed[row]:
                row = heappop(waiting)[1]
        placed[row] = True
        order.append(row)
    return np.array(order, np.intp)


def reached(order: IndexArray, reach: int) -> bool:
    """Whether no row of an order is further than `reach` from its own place."""
    return not len(order) or int(np.abs(order - np.arange(len(order))).max()) <= reach
