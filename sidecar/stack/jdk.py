"""Find a JDK that OpenSearch 3 and the plugin's build can use, wherever the machine keeps it."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sidecar.stack.errors import StackError

OLDEST = 21

# Folders in which installers and per-user managers keep one JDK per subfolder.
COLLECTIONS = (
    "~/.sdkman/candidates/java",
    "~/.jdks",
    "~/.asdf/installs/java",
    "~/.local/share/mise/installs/java",
    "~/.local/share/rtx/installs/java",
    "~/.jabba/jdk",
    "~/.jenv/versions",
    "~/Library/Java/JavaVirtualMachines",
)


@dataclass(frozen=True)
class Jdk:
    """A JDK by its home folder and feature release (21, 25, ...)."""

    home: Path
    release: int

    @property
    def java(self) -> Path:
        return self.home / "bin" / "java"


@cache
def find_jdk(user: str | None = None) -> Jdk:
    """The first JDK of at least `OLDEST` among the places of `_candidates`.

    With `user` (a login name; needs root) it must also be one that this user may run. RESHELF_JAVA_HOME
    is an order, not a hint: if it does not do, nothing else is tried. Raises StackError with what was
    looked at and why each did not do.
    """
    refused: list[str] = []
    for origin, home in _candidates():
        outcome = _inspect(home, user)
        if isinstance(outcome, Jdk):
            return outcome
        refused.append(f"  {home} ({origin}): {outcome}")
        if origin == "RESHELF_JAVA_HOME":
            break
    looked_at = "\n".join(refused) or "  nothing: no java on PATH, no JAVA_HOME"
    raise StackError(
        f"no JDK {OLDEST} or newer found. Looked at:\n{looked_at}\n"
        f"Install one, or point RESHELF_JAVA_HOME at its home folder."
    )


def _candidates() -> Iterator[tuple[str, Path]]:
    """JDK homes to look at, each once, with where the hint came from; the user's choices first."""
    seen: set[Path] = set()
    for origin, home in _hints():
        real = home.expanduser().resolve()
        if real not in seen:
            seen.add(real)
            yield origin, real


def _hints() -> Iterator[tuple[str, Path]]:
    homes: list[Path] = []
    for variable in ("RESHELF_JAVA_HOME", "JAVA_HOME"):
        if value := os.environ.get(variable):
            homes.append(Path(value))
            yield variable, Path(value)
    if java := shutil.which("java"):
        homes.append(Path(java).resolve().parent.parent)
        yield "java on PATH", homes[-1]
    for home in homes:
        # Distributions put their JDKs side by side; the newest release first.
        yield from (("beside " + str(home), other) for other in _homes_in(home.resolve().parent))
    for collection in COLLECTIONS:
        yield from ((collection, home) for home in _homes_in(Path(collection).expanduser()))


def _homes_in(folder: Path) -> list[Path]:
    """JDK homes directly in a folder (or in its bundles' Contents/Home), newest name first."""
    try:
        entries = sorted(folder.iterdir(), key=lambda entry: _numbers(entry.name), reverse=True)
    except OSError:
        return []
    homes = [home for entry in entries for home in (entry, entry / "Contents" / "Home")]
    return [home for home in homes if (home / "bin" / "java").is_file()]


def _numbers(name: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", name)]


def _inspect(home: Path, user: str | None) -> Jdk | str:
    """The JDK at `home`, or why it does not do. Runs it: a folder's name proves nothing."""
    java = home / "bin" / "java"
    if not java.is_file():
        return "no bin/java there"
    try:
        # The exit status is checked by hand; /tmp is not needed, but a folder the user may enter is.
        answer = subprocess.run(
            [str(java), "-version"],
            capture_output=True, text=True, timeout=60, check=False, user=user, cwd="/",
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError) as error:
        return f"cannot be run{f' by user {user}' if user else ''}: {error}"
    version = re.search(r'version "(?:1\.)?(\d+)', answer.stderr + answer.stdout)
    if answer.returncode != 0 or version is None:
        return f"`java -version` failed: {(answer.stderr or answer.stdout).strip()[:200]}"
    release = int(version.group(1))
    if release < OLDEST:
        return f"release {release} is too old"
    if not (home / "bin" / "javac").is_file():
        return f"release {release}, but a runtime only: no bin/javac"
    return Jdk(home, release)
