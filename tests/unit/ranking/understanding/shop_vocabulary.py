"""The vocabulary of the shop of our own, made as `reshelf vocabulary build` makes it, without an index."""

from functools import cache

from sidecar.domain.understanding import EntityKind
from sidecar.ranking.understanding.harvest import Harvest, count_values
from sidecar.ranking.understanding.vocabulary import Vocabulary
from sidecar.shop.shop import invent_shop


@cache
def shop_harvest() -> Harvest:
    """All 2,000 products, read."""
    documents = [made.document for made in invent_shop()[0]]
    harvest = Harvest(
        {
            EntityKind.BRAND: count_values(document["brand"] for document in documents),
            EntityKind.COLOR: count_values(document["color"] for document in documents),
            EntityKind.CATEGORY: count_values(
                category for document in documents for category in document["category"]
            ),
        }
    )
    for document in documents:
        harvest.read(document["title"], [document["brand"]], document["category"])
    return harvest


@cache
def shop_vocabulary() -> Vocabulary:
    harvest = shop_harvest()
    return Vocabulary("000001-00000000", harvest.documents, harvest.names(), harvest.words())
