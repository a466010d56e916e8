"""Find the program redis-server: on PATH, else from the distribution's packages, unpacked into the cache.

Nothing is installed and root is not needed: `apt-get download` and `dpkg -x` into RESHELF_CACHE.
"""

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from sidecar.stack.errors import StackError
from sidecar.stack.paths import cache_folder

PACKAGES = ("redis-server", "redis-tools", "libjemalloc2", "liblzf1", "libatomic1")
FIX = (
    "Install redis-server (Debian, Ubuntu: `apt-get install redis-server`) or Valkey, so that it is on PATH."
)


@dataclass(frozen=True)
class RedisProgram:
    """The server's program, and what its environment needs on top of ours."""

    server: Path
    environment: dict[str, str] = field(default_factory=dict)


def find_redis() -> RedisProgram:
    """The program, unpacked into the cache at the first call where PATH has none. Raises StackError."""
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return RedisProgram(Path(found))
    folder = cache_folder() / "redis"
    if not (folder / "usr/bin/redis-server").exists():
        _unpack(folder)
    libraries = sorted({str(library.parent) for library in folder.glob("usr/lib/**/*.so.*")})
    return RedisProgram(folder / "usr/bin/redis-server", {"LD_LIBRARY_PATH": os.pathsep.join(libraries)})


def _unpack(folder: Path) -> None:
    """Downloads the packages and unpacks them into `folder`, all or nothing."""
    if shutil.which("apt-get") is None or shutil.which("dpkg") is None:
        raise StackError(f"there is no redis-server here, nor apt-get and dpkg to fetch it. {FIX}")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="redis-") as temporary:
        downloads, unpacked = Path(temporary) / "downloads", Path(temporary) / "unpacked"
        downloads.mkdir()
        _run(["apt-get", "download", *PACKAGES], downloads)
        for package in sorted(downloads.glob("*.deb")):
            _run(["dpkg", "-x", str(package), str(unpacked)], downloads)
        # Somebody else may have been quicker; theirs is as good.
        if not folder.exists():
            unpacked.rename(folder)


def _run(command: list[str], folder: Path) -> None:
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    except (OSError, subprocess.SubprocessError) as error:
        raise StackError(f"redis-server cannot be fetched: {error}. {FIX}") from error
    if done.returncode != 0:
        raise StackError(f"redis-server cannot be fetched: {done.stderr.strip()[-300:]}. {FIX}")
