"""Words for hashed preferences."""

from pathlib import Path

from sidecar.cli.steps.trait_words import TraitWord, trait_words
from sidecar.config.kinship import Kinship
from sidecar.config.personalization import Attribute, Personalization
from sidecar.opensearch.vocabulary_source import values_of_fields
from sidecar.taste.keys import attribute_key, slope_key
from sidecar.taste.kinship import kinship_keys
from sidecar.taste.reading import TraitReader
from tests.fixtures.vocabularies import FOXMOOR, write

SETTINGS = Personalization(
    attributes={
        "brand": Attribute(field="maker"),
        "material": Attribute(field="material"),
        "price": Attribute(field="price", bands=2.0),
    }
)


def test_names_of_vocabularies_values_of_fields_bands_and_slopes(tmp_path: Path) -> None:
    write(tmp_path, FOXMOOR)
    words = trait_words(SETTINGS, tmp_path, {"material": ["oiled oak"], "price": ["9"]})
    assert words[attribute_key("brand", "Foxmoor")] == TraitWord("brand", "Foxmoor")
    assert words[attribute_key("material", "Oiled  Oak")] == TraitWord("material", "oiled oak")
    assert words[slope_key("rating")] == TraitWord("rating", "more")


def test_bands_are_those_that_documents_are_read_into(tmp_path: Path) -> None:
    words = trait_words(SETTINGS, tmp_path / "absent")
    traits = TraitReader(SETTINGS).read([{"price": (price,)} for price in (0.5, 19.99, 1250.0)], now=0)
    told = [words[int(key)].value for key in traits.keys[:, 2]]
    assert told == ["0.5 to 0.7071", "16 to 22.63", "1024 to 1448"]


class FakeCluster:
    """An index with one keyword field and one that is none."""

    class indices:  # noqa: N801 - as the client has it
        @staticmethod
        def get_mapping(index: str) -> dict[str, object]:
            material = {"type": "text", "fields": {"keyword": {"type": "keyword"}}}
            return {index: {"mappings": {"properties": {"material": material, "maker": {"type": "text"}}}}}

    def search(self, index: str, body: object, params: object) -> dict[str, object]:
        assert "'material.keyword'" in str(body)
        buckets = [{"key": {"value": "Oiled Oak"}, "doc_count": 3}]
        return {"aggregations": {"values": {"buckets": buckets}}}


def test_values_are_read_where_the_index_can_tell_them() -> None:
    found = values_of_fields(FakeCluster(), "shop", ["material", "maker", "absent"])  # type: ignore[arg-type]
    assert found == {"material": ["oiled oak"]}


def test_the_dimensions_of_a_kinship_have_names(tmp_path: Path) -> None:
    kinship = Kinship(vectors={attribute_key("brand", "Foxmoor"): [1.0, 2.0]})
    words = trait_words(SETTINGS.model_copy(update={"kinship": kinship}), tmp_path / "absent")
    assert [words[key].value for key in kinship_keys(kinship)] == ["dimension 1", "dimension 2"]
