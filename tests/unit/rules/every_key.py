"""A rule in which every key of the language is written once."""

from typing import Any

EVERY_KEY: dict[str, Any] = {
    "id": "a",
    "description": "d",
    "priority": 5,
    "enabled": True,
    "holdout": 0.1,
    "when": {
        "query": {"exact": ["x"], "starts_with": "y", "contains": ["z"], "words": ["w"], "longest": 3},
        "result": {
            "at_least": 1,
            "at_most": 5,
            "top": {"field": "category", "value": ["v"], "share": 0.5, "first": 10},
        },
        "filter": {"category": ["Shoes", 42], "in_stock": True},
        "experiment": {"checkout": ["b"]},
        "intent": ["brand"],
        **{key: ["x"] for key in ("brand", "category", "color", "size", "index", "profile", "segment")},
        **dict.fromkeys(("locale", "device", "channel", "application"), "x"),
        **dict.fromkeys(("browse", "crawler", "anonymous"), True),
        "any": [{"brand": ["q"]}],
        "none": [{"brand": "z"}],
    },
    "active": {
        "from": "2027-01-01",
        "until": "2027-02-01T18:00",
        "timezone": "UTC",
        "days": ["mon"],
        "hours": "08:00-18:00",
    },
    "then": [
        {"hide": {"ids": ["x"], "filter": "true"}},
        {"filter": {"filter": "true"}},
        {
            "boost": {
                "weight": 1.2,
                "ids": ["a"],
                "filter": "true",
                "range": {"value": "x", "low": 1, "high": 2},
            }
        },
        {"boost": {"weight": 1.2, "freshness": {"field": "released", "half_life_days": 3}}},
        {"boost": {"weight": 1.2, "stock": {"field": "stock", "enough": 5}}},
        {"boost": {"weight": 2, "rating": {"field": "r", "count": "c", "prior": 1, "mean": 3, "best": 5}}},
        {"boost": {"weight": 1.2, "engagement": {"signal": "clicks"}}},
        {"bury": {"ids": "x", "weight": 2}},
        {"demote_unavailable": {"filter": "true"}},
        {"collapse": {"field": "g", "keep": "lowest", "value": "price"}},
        {
            "diversify": {
                "first": 10,
                "mmr": {"balance": 0.5, "fields": {"brand": 1}},
                "max_per_field": {"brand": 2},
                "max_similar": {"field": "t", "similarity": 0.5, "most": 1},
                "quotas": [{"filter": "true", "least": 1}],
            }
        },
        {
            "slot": {
                "kind": "sponsored",
                "name": "n",
                "positions": [1],
                "filter": "true",
                "ids": ["x"],
                "label": "l",
            }
        },
        {"pin": {"id": "x", "index": "i", "position": 1, "mode": "hard", "on_missing": "gap"}},
        {"pin": {"filter": "true", "position": 1, "until": 3}},
        {"personalize": {"strength": 0.5}},
        {
            "page": {
                "sections": [
                    {"name": "n", "kind": "strip", "title": "t", "slot": "s", "text": "t"}
                    | {"hits": 1, "rows": 1, "columns": 1}
                ],
                "facets": {"fields": ["f"], "first": ["g"], "show": 1},
                "variants": {"v": {"facets": {"fields": ["f"]}}},
                "shares": {"v": 1},
                "experiment": "e",
            }
        },
        {"metadata": {"m": 1}},
    ],
}
