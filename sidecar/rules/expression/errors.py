"""What is wrong with an expression."""


class ExpressionError(ValueError):
    """An expression that cannot be read. `column` counts from 1; the message says what would be right."""

    def __init__(self, message: str, column: int) -> None:
        super().__init__(f"column {column}: {message}")
        self.message = message
        self.column = column
