"""What is wrong with a configuration, and how to mend it."""


class ConfigurationError(ValueError):
    """A configuration that must not be used. The message names file, key, value and the fix."""
