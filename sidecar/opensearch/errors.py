"""What goes wrong between us and an OpenSearch cluster; each message says what to do about it."""


class ClusterError(RuntimeError):
    """The cluster cannot be reached, refused something, or is not in the state that was expected."""
