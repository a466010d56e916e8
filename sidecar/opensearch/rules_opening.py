"""The configured store of published rules, of any kind."""

from pathlib import Path

from sidecar.config.rules import Rules
from sidecar.opensearch.rule_releases import OpenSearchReleases
from sidecar.rules.folder_releases import FolderReleases
from sidecar.rules.release_store import ReleaseStore

FOLDER = "rules"


def open_releases(settings: Rules, state_folder: Path) -> ReleaseStore | None:
    """None for `kind: none`. A cluster that is away is not waited for. Raises ClusterError for a bad URL."""
    match settings.kind:
        case "opensearch":
            return OpenSearchReleases(settings.opensearch)
        case "folder":
            return FolderReleases(settings.folder.path or state_folder / FOLDER)
        case "none":
            return None
