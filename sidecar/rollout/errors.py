"""What can go wrong while a model is rolled out."""


class RolloutError(Exception):
    """A step was not done, and what was served before still is. The message says what to do about it."""
