"""The configured log of what was served, of any kind."""

from pathlib import Path

from sidecar.config.served import Served
from sidecar.opensearch.served_log import OpenSearchServedLog
from sidecar.served.log import ServedLog
from sidecar.served.opening import open_embedded


def open_served_log(settings: Served, state_folder: Path) -> ServedLog:
    """A cluster that is away is not waited for.

    Raises ServedLogUnavailable for a file that cannot be opened, ClusterError for a bad URL.
    """
    if settings.kind == "opensearch":
        return OpenSearchServedLog(settings.opensearch)
    return open_embedded(settings, state_folder)
