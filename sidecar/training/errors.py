"""What can go wrong with a training run."""

from sidecar.config.errors import ConfigurationError


class TrainingError(ConfigurationError):
    """A run that cannot start, go on or be used. The message says why and what to do about it."""
