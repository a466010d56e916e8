"""What products say: brands against ordinary words, colours, categories and their other names."""

from sidecar.domain.understanding import EntityKind
from sidecar.ranking.understanding.harvest import Harvest
from sidecar.ranking.understanding.vocabulary import Name


def names(harvest: Harvest, kind: EntityKind) -> dict[str, Name]:
    return {name.phrase: name for name in harvest.names() if name.kind is kind}


def test_an_ordinary_word_is_no_brand_though_somebody_uses_it_as_one() -> None:
    harvest = Harvest({EntityKind.BRAND: {"basketball": 1, "nike": 3, "generic": 9, "blue": 2}})
    harvest.read("Basketball Hoop Pro", ["Basketball"])
    for number in range(20):
        harvest.read(f"Hoop number {number} for basketball players")
    for _ in range(3):
        harvest.read("Nike Basketball Shoes, Blue", ["Nike"])
    found = names(harvest, EntityKind.BRAND)
    assert set(found) == {"nike"}
    assert found["nike"].confidence == 1.0
    assert found["nike"].count == 3


def test_a_brand_that_accessories_name_as_well_is_less_sure() -> None:
    harvest = Harvest({EntityKind.BRAND: {"apple": 4}})
    for _ in range(4):
        harvest.read("Apple phone 12", ["Apple"])
    for _ in range(8):
        harvest.read("case compatible with the phones of Apple", ["Otter"])
    assert 0.3 < names(harvest, EntityKind.BRAND)["apple"].confidence < 0.8


def test_a_brand_with_an_ampersand_is_also_said_with_and() -> None:
    harvest = Harvest({EntityKind.BRAND: {"hearth & rye": 2}})
    harvest.read("Hearth & Rye saucepan", ["Hearth & Rye"])
    assert {"hearth rye", "hearth and rye"} <= set(names(harvest, EntityKind.BRAND))


def test_colours_are_taken_apart_and_have_one_name() -> None:
    values = {"black/white": 3, "charcoal-07": 2, "gray": 1, "dusty petrol": 4, "see picture": 9, "mix": 3}
    harvest = Harvest({EntityKind.COLOR: values})
    for _ in range(20):
        harvest.read("Trail mix")
    found = {phrase: name.value for phrase, name in names(harvest, EntityKind.COLOR).items()}
    assert found == {
        "black": "black",
        "white": "white",
        "charcoal": "grey",
        "gray": "grey",
        "dusty petrol": "dusty petrol",
    }


def test_categories_by_their_parts_and_what_they_are_a_kind_of() -> None:
    values = {"sofas & couches": 9, "table lamps": 5, "floor lamps": 4, "头戴式耳机": 3}
    found = names(Harvest({EntityKind.CATEGORY: values}), EntityKind.CATEGORY)
    assert found["couch"].value == "sofas & couches"
    assert found["lamp"].value == "lamp", "of two kinds of lamps, neither"
    assert found["耳机"].value == "头戴式耳机"
    assert found["table lamp"].confidence > found["couch"].confidence > found["lamp"].confidence


def test_other_names_of_a_category_are_learnt_from_titles() -> None:
    harvest = Harvest({EntityKind.CATEGORY: {"sofas": 8, "cushions": 8}})
    for number, material in enumerate(("velvet", "linen", "leather", "velvet", "linen", "leather")):
        harvest.read(f"Oakmere {material} settee for small rooms", ["Oakmere"], ["Furniture", "Sofas"])
        harvest.read(f"Oakmere {material} cushion {number}", ["Oakmere"], ["Furniture", "Cushions"])
    found = names(harvest, EntityKind.CATEGORY)
    assert found["settee"].value == "sofas"
    assert "velvet" not in found
    assert not [phrase for phrase in found if "oakmere" in phrase or "room" in phrase]


def test_the_order_of_the_products_does_not_matter() -> None:
    titles = [("Nike shoe", "Nike"), ("Puma shoe", "Puma"), ("shoe like Nike", "Other")] * 3
    values = {EntityKind.BRAND: {"puma": 3, "nike": 3, "other": 3}}
    one, other = Harvest(values), Harvest(values)
    for title, brand in titles:
        one.read(title, [brand], ["Shoes"])
    for title, brand in reversed(titles):
        other.read(title, [brand], ["Shoes"])
    assert one.names() == other.names()
    assert one.words() == other.words()
