"""What can go wrong while a model is built or checked."""


class ModelError(Exception):
    """A model cannot be built or used as asked. The message says what to do about it."""
