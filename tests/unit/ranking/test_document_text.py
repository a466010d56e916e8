"""The text of a document as the model reads it."""

from sidecar.config.profile import DocumentText
from sidecar.ranking.relevance.document_text import document_text

DOCUMENT = DocumentText(fields=["title", "brand", "price", "new", "category"], separator=" | ")


def test_fields_in_the_profiles_order() -> None:
    fields = {"brand": ["Acme"], "title": ["Red shoe"], "other": ["unseen"]}
    assert document_text(fields, DOCUMENT) == "Red shoe | Acme"


def test_absent_and_blank_fields_leave_no_gap() -> None:
    assert document_text({"title": [" "], "brand": ["Acme"], "category": []}, DOCUMENT) == "Acme"
    assert document_text({}, DOCUMENT) == ""


def test_several_values_numbers_and_flags() -> None:
    fields = {"price": [5.0, 5.25], "new": [True, False], "category": ["Shoes", "Running"]}
    assert document_text(fields, DOCUMENT) == "5, 5.25 | true, false | Shoes, Running"


def test_huge_numbers_and_no_numbers() -> None:
    assert document_text({"price": [float("inf")]}, DOCUMENT) == "inf"
    assert document_text({"price": [float("nan"), 1e20]}, DOCUMENT) == "nan, 100000000000000000000"


def test_long_text_is_cut() -> None:
    short = DocumentText(fields=["title"], max_characters=16)
    assert document_text({"title": ["红" * 100]}, short) == "红" * 16
