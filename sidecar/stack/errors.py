"""What goes wrong with the local stack; each message says what to do about it."""


class StackError(RuntimeError):
    """A part of the stack cannot be built, started or found. The message names the fix."""
