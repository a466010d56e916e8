"""What nobody is ranked by."""

import re

PROTECTED = frozenset(
    (
        "gender",
        "sex",
        "sexuality",
        "orientation",
        "age",
        "birthday",
        "birthdate",
        "marital",
        "income",
        "religion",
        "belief",
        "faith",
        "politics",
        "political",
        "party",
        "union",
        "health",
        "diagnosis",
        "disability",
        "disabled",
        "pregnancy",
        "pregnant",
        "genetic",
        "biometric",
        "ethnicity",
        "ethnic",
        "race",
        "racial",
        "nationality",
        "citizenship",
    )
)
"""What nobody is ranked by (after GDPR article 9 and EU directives on equal treatment), word by word."""


def protected_word(name: str) -> str | None:
    """The protected word in a name such as `customer_gender`, `ageGroup` or `specs.age`, or None."""
    words = re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)
    return next((word.lower() for word in words if word.lower() in PROTECTED), None)
