"""Versions of records."""

import secrets


def new_version() -> int:
    """A version that no record had before: 1 to 2^63 − 1, by chance.

    Not counted up: a record that was deleted and written anew must not have a version of the old one.
    """
    return secrets.randbits(63) or 1
