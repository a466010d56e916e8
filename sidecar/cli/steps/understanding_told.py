"""An understanding as people and programs are told it."""

from typing import Any

from sidecar.domain.understanding import Understanding


def told_understanding(found: Understanding) -> dict[str, Any]:
    """An understanding as JSON tells it, spans as words."""
    tokens = found.tokens
    return {
        "query": found.normalised,
        "tokens": list(tokens),
        "corrected": list(found.corrected),
        "entities": [
            {
                "kind": str(entity.kind),
                "value": entity.value,
                "words": " ".join(tokens[slice(*entity.span)]),
                "distance": entity.distance,
                "confidence": entity.confidence,
                "negated": entity.negated,
            }
            for entity in found.entities
        ],
        "numbers": [
            {
                "value": number.value,
                "unit": number.unit,
                "dimension": number.dimension,
                "amount": number.amount,
                "negated": number.negated,
            }
            for number in found.numbers
        ],
        "unwanted": [" ".join(tokens[slice(*span)]) for span in found.unwanted],
        "intent": str(found.intent),
        "confidence": found.intent_confidence,
        "specificity": found.specificity,
        "vocabulary": found.vocabulary,
    }


def told_lines(told: dict[str, Any]) -> list[str]:
    """The same for a terminal: a line for each part, and one for each entity and number."""
    lines = []
    for key, value in told.items():
        parts = value if isinstance(value, list) and value and isinstance(value[0], dict) else [value]
        for part in parts:
            text = "  ".join(f"{name}={of}" for name, of in part.items()) if isinstance(part, dict) else part
            lines.append(f"{key:12} {text}")
    return lines
