"""Build the OpenSearch plugin with Maven, when its sources changed since the last time."""

import fcntl
import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sidecar.stack.errors import StackError
from sidecar.stack.maven import maven
from sidecar.stack.paths import project_root


@dataclass(frozen=True)
class PluginBuild:
    """The plugin's zip, and whether this call made it."""

    zip: Path
    sources: str
    built: bool
    tested: bool
    seconds: float


def build_plugin(*, with_tests: bool = False, tell: Callable[[str], None] = lambda _: None) -> PluginBuild:
    """The zip made from the sources as they are now. Raises StackError with Maven's errors.

    Unchanged sources (by content) are not built again. `with_tests` runs the plugin's unit tests, and
    always: what they depend on is more than the sources.
    """
    root = project_root()
    module = root / "opensearch_plugin"
    target = module / "target"
    target.mkdir(parents=True, exist_ok=True)
    note = target / "reshelf-build.json"
    begin = time.monotonic()
    with (target / "reshelf-build.lock").open("w") as lock:
        # Two stacks that start at once must not run Maven over each other.
        fcntl.flock(lock, fcntl.LOCK_EX)
        sources = plugin_sources()
        known = _built(note)
        if not with_tests and known is not None and known.sources == sources:
            return known
        tell("building and testing the plugin" if with_tests else "building the plugin")
        note.unlink(missing_ok=True)
        goals = ["verify"] if with_tests else ["package", "-DskipTests"]
        maven(goals, folder=module, log=target / "reshelf-build.log")
        archive = _newest_zip(target)
        note.write_text(json.dumps({"zip": archive.name, "sources": sources}))
        return PluginBuild(archive, sources, True, with_tests, time.monotonic() - begin)


def _newest_zip(target: Path) -> Path:
    zips = sorted(target.glob("reshelf-*.zip"), key=lambda path: path.stat().st_mtime)
    if not zips:
        raise StackError(f"Maven made no {target}/reshelf-<version>.zip. Look at the packaging in pom.xml.")
    return zips[-1]


def _built(note: Path) -> PluginBuild | None:
    """What the last build noted, if its zip is still there."""
    try:
        known = json.loads(note.read_text())
        archive = note.parent / known["zip"]
        return PluginBuild(archive, known["sources"], False, False, 0.0) if archive.is_file() else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def plugin_sources() -> str:
    """A hash over the names and contents of everything that the zip is made from."""
    root = project_root()
    digest = hashlib.sha256()
    for path in _sources(root):
        digest.update(f"{path.relative_to(root)}\0{path.stat().st_size}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _sources(root: Path) -> Iterator[Path]:
    yield root / "opensearch_plugin" / "pom.xml"
    for folder in (root / "opensearch_plugin" / "src" / "main", root / "proto"):
        for parent, folders, files in os.walk(folder):
            folders.sort()
            yield from (Path(parent) / name for name in sorted(files))
