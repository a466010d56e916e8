"""The whole event after it was accepted, told by `Applier.apply_batch`."""

class Applier:
    """Reads the journal in order and lets each event do its work, exactly once."""

    async def run(self) -> None:
        """Applies what the journal has and gets; for ever, as a task."""
