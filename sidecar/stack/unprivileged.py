"""Run as somebody else where we are root: OpenSearch refuses to run as root, and it is right."""

import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

from sidecar.stack.errors import StackError

USER = "reshelf-node"


def node_user() -> str | None:
    """The login name that nodes run as; None where we are not root and just run them.

    As root it is RESHELF_NODE_USER, or a system user without home, shell or password that is created
    when it is missing. Raises StackError if it cannot be.
    """
    if os.geteuid() != 0:
        return None
    name = os.environ.get("RESHELF_NODE_USER", USER)
    try:
        pwd.getpwnam(name)
    except KeyError:
        _create(name)
    return name


def _create(name: str) -> None:
    useradd = shutil.which("useradd") or shutil.which("useradd", path="/usr/sbin:/sbin")
    if useradd is None:
        raise StackError(
            "OpenSearch refuses to run as root and there is no `useradd` here. Run as an ordinary user, "
            "or name an existing one in RESHELF_NODE_USER."
        )
    made = subprocess.run(
        [useradd, "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", name],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    # 9: somebody else created it in the meantime.
    if made.returncode not in (0, 9):
        raise StackError(
            f"OpenSearch refuses to run as root and the user `{name}` cannot be created: "
            f"{made.stderr.strip()}. Run as an ordinary user, or name one in RESHELF_NODE_USER."
        )


def folder_for(user: str | None, wanted: Path) -> Path:
    """A new folder that `user` can reach and owns: `wanted`, or one under the system's temporary folder.

    A clone often lies under a home folder that only its owner may enter. The other place follows from
    `wanted`, so that the next start finds and replaces what a crash left there.
    """
    if user is None or _reachable(wanted):
        folder = wanted
    else:
        digest = hashlib.sha256(str(wanted).encode()).hexdigest()[:12]
        folder = Path(tempfile.gettempdir()) / f"{USER}-{digest}"
    if folder.exists():
        shutil.rmtree(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Never into a folder that somebody else made: mkdir fails if there is one again.
    folder.mkdir(mode=0o700)
    if user is not None:
        hand_over(folder, user)
    return folder


def hand_over(path: Path, user: str) -> None:
    """Make `user` the owner of a path and of everything under it."""
    group = group_of(user)
    shutil.chown(path, user, group)
    if path.is_dir():
        for inner in path.rglob("*"):
            shutil.chown(inner, user, group)


def group_of(user: str) -> int:
    """The number of a user's own group, which need not have the user's name."""
    return pwd.getpwnam(user).pw_gid


def _reachable(path: Path) -> bool:
    """Whether everybody may pass through the existing folders above `path`."""
    existing = [folder for folder in path.parents if folder.exists()]
    return all(folder.stat().st_mode & 0o001 for folder in existing)
