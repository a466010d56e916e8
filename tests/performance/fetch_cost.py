"""What a pin costs that is brought in, and what it costs that it is checked against a rule that hides.

Run: python -m tests.performance.fetch_cost

Servers, products and figures are those of `browse_cost`. Four ways take turns, on category pages: no rule;
a pin on a hit of the window; one on a document that is brought in; the same beside a rule that hides by an
expression, so that the sidecar is asked twice.
"""

from typing import Any

from tests.performance.browse_cost import CATEGORIES, measure, serving

PAGES = ["no rule", "in the window", "brought in", "brought in and checked"]
HIDE = {"hide": {"filter": "stock < 0"}}
"""Holds for no product: the pages are alike."""


def category_of(way: str, number: int) -> int:
    """Every fourth one is of a way."""
    return PAGES.index(way) + len(PAGES) * (number % (CATEGORIES // len(PAGES)))


def rules() -> list[dict[str, Any]]:
    """For the category pages of all ways but the first."""
    found = []
    for way in PAGES[1:]:
        for number in range(CATEGORIES // len(PAGES)):
            category = category_of(way, number)
            # Of 500 products on a page without words, the first by number are the window.
            product = f"p{category + (5 if way == 'in the window' else 450) * CATEGORIES}"
            pin = {"pin": {"id": product, "position": 1, "on_missing": "fetch"}}
            found.append(
                {
                    "id": f"page-{category}",
                    "when": {"browse": True, "filter": {"category": f"Category {category}"}},
                    "then": [pin, HIDE] if way == PAGES[3] else [pin],
                }
            )
    return found


if __name__ == "__main__":
    with serving(*rules()) as both:
        measure(both, dict.fromkeys(PAGES, "on"), category_of)
