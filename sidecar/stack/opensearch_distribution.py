"""The OpenSearch distribution from Maven Central, checked, unpacked once, with plugins installed once."""

import contextlib
import hashlib
import os
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

from sidecar.stack.errors import StackError
from sidecar.stack.jdk import Jdk, find_jdk
from sidecar.stack.maven import maven
from sidecar.stack.paths import cache_folder

VERSION = "3.8.0"
# The whole minimal distribution, in spite of its name: bin/, agent/ and every module.
ARTIFACT = f"org.opensearch.distribution.integ-test-zip:opensearch:{VERSION}:zip"
SHA256 = "196c3cf4602c394f2e40e6174ccbf2a924eae37246f08fa6bbb6b75f9fd5ff1f"
COPY_GOAL = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy"
# A development day makes many plugin zips; their installations are kept for a few.
KEPT_INSTALLATIONS = 4


def installation(plugins: Sequence[Path] = (), tell: Callable[[str], None] = lambda _: None) -> Path:
    """The folder of an OpenSearch with these plugin zips installed by its own tool; made when missing.

    It is shared and must not be run in place: a node takes its own tree of hard links from it.
    """
    digest = hashlib.sha256(SHA256.encode())
    for plugin in plugins:
        digest.update(hashlib.sha256(plugin.read_bytes()).digest())
    shelf = cache_folder() / "opensearch"
    if not plugins:
        return _made_once(shelf / f"{VERSION}-{SHA256[:12]}", lambda folder: _unpack(folder, tell))
    plain = installation((), tell)

    def install(folder: Path) -> None:
        tell("installing the plugin")
        link_tree(plain, folder)
        for plugin in plugins:
            _install_plugin(folder, plugin, find_jdk())

    made = _made_once(shelf / f"{VERSION}-with-{digest.hexdigest()[:12]}", install)
    os.utime(made)
    _prune(shelf)
    return made


def link_tree(source: Path, target: Path) -> None:
    """A copy of a tree whose files are hard links where the file system allows, and copies elsewhere."""

    def link_or_copy(origin: str, destination: str) -> str:
        try:
            os.link(origin, destination)
        except OSError:
            shutil.copy2(origin, destination)
        return destination

    shutil.copytree(source, target, copy_function=link_or_copy, dirs_exist_ok=True, symlinks=True)


def _made_once(target: Path, make: Callable[[Path], None]) -> Path:
    """`target`, made whole beside it and moved there in one step, so that two makers do not meet."""
    if target.is_dir():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    workshop = Path(tempfile.mkdtemp(prefix=".making-", dir=target.parent))
    try:
        make(workshop)
        workshop.chmod(0o755)
        try:
            workshop.rename(target)
        except OSError:
            # Somebody else was faster; theirs is as good.
            if not target.is_dir():
                raise
    finally:
        shutil.rmtree(workshop, ignore_errors=True)
    return target


def _unpack(folder: Path, tell: Callable[[str], None]) -> None:
    tell(f"getting OpenSearch {VERSION}")
    with tempfile.TemporaryDirectory(dir=folder) as temporary:
        # Maven, not a download of our own: people's mirrors, proxies and credentials are set up there.
        maven(
            [COPY_GOAL, f"-Dartifact={ARTIFACT}", f"-DoutputDirectory={temporary}"],
            folder=Path(temporary), log=folder.parent / "download.log",
        )  # fmt: skip
        archive = next(Path(temporary).glob("*.zip"))
        with archive.open("rb") as content:
            actual = hashlib.file_digest(content, "sha256").hexdigest()
        if actual != SHA256:
            raise StackError(
                f"{ARTIFACT} has the SHA-256 {actual}, not the pinned {SHA256}. Do not use it: find out "
                f"what your Maven mirror serves, and remove the file from the local Maven repository."
            )
        tell(f"unpacking OpenSearch {VERSION}")
        _extract(archive, folder)


def _extract(archive: Path, folder: Path) -> None:
    """Unpack, without the top folder, keeping the permissions that zipfile leaves out."""
    with zipfile.ZipFile(archive) as content:
        for entry in content.infolist():
            inner = entry.filename.partition("/")[2]
            if not inner:
                continue
            target = folder / inner
            if entry.is_dir():
                target.mkdir(parents=True, exist_ok=True)
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            with content.open(entry) as source, target.open("wb") as sink:
                shutil.copyfileobj(source, sink)
            target.chmod((entry.external_attr >> 16) & 0o777 or 0o644)


def _install_plugin(home: Path, plugin: Path, jdk: Jdk) -> None:
    """Run the distribution's own plugin tool. Raises StackError with what the tool said."""
    outcome = subprocess.run(
        [str(home / "bin" / "opensearch-plugin"), "install", "--batch", plugin.resolve().as_uri()],
        capture_output=True, text=True, timeout=180, check=False, cwd=home,
        env={**os.environ, **java_environment(jdk), "OPENSEARCH_PATH_CONF": str(home / "config")},
    )  # fmt: skip
    if outcome.returncode != 0:
        said = (outcome.stdout + outcome.stderr).strip()
        raise StackError(f"opensearch-plugin does not install {plugin}:\n{said}")


def java_environment(jdk: Jdk) -> dict[str, str]:
    """What OpenSearch's scripts read to find a JDK. The distribution brings none."""
    return {"OPENSEARCH_JAVA_HOME": str(jdk.home), "JAVA_HOME": str(jdk.home)}


def _prune(shelf: Path) -> None:
    """Forget the installations that were not used for longest. Running nodes have links of their own."""
    made = sorted(shelf.glob(f"{VERSION}-with-*"), key=lambda folder: folder.stat().st_mtime, reverse=True)
    for folder in made[KEPT_INSTALLATIONS:]:
        with contextlib.suppress(OSError):
            shutil.rmtree(folder)
