"""Start programs in a session of their own, and signal those and no others, even after a crash of ours."""

import contextlib
import os
import secrets
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from sidecar.stack.unprivileged import group_of

# Every process of a session that we started carries its mark in its environment, so that what a dead
# leader left behind can be told from strangers.
MARK = "RESHELF_STACK_PROCESS"

# Children of this Python process, kept so that they are reaped and never seen as zombies.
_CHILDREN: dict[int, "subprocess.Popen[bytes]"] = {}


@dataclass(frozen=True)
class ProcessRecord:
    """What identifies a session that we started: a pid alone may be somebody else's tomorrow."""

    pid: int
    started: str
    mark: str


def spawn(
    command: Sequence[str],
    *,
    log: Path,
    environment: Mapping[str, str],
    folder: Path,
    user: str | None = None,
) -> ProcessRecord:
    """Start `command` in its own session, its output appended to `log`, `environment` on top of ours.

    `user` (a login name) needs root. Raises OSError if the program cannot be started.
    """
    mark = secrets.token_hex(8)
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        child = subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env={**os.environ, **environment, MARK: mark},
            start_new_session=True,
            user=user,
            group=group_of(user) if user else None,
            extra_groups=[] if user else None,
        )
    _CHILDREN[child.pid] = child
    return ProcessRecord(child.pid, _start_mark(child.pid) or "", mark)


def is_running(record: ProcessRecord) -> bool:
    """Whether the process that was started (not its children) still lives."""
    _reap(record.pid)
    return bool(record.started) and _start_mark(record.pid) == record.started


def is_paused(record: ProcessRecord) -> bool:
    """Whether it was stopped by SIGSTOP."""
    try:
        return is_running(record) and psutil.Process(record.pid).status() == psutil.STATUS_STOPPED
    except psutil.NoSuchProcess:
        return False


def members(record: ProcessRecord) -> list[psutil.Process]:
    """Every living process of the session, the leader first, its orphans too."""
    leader_lives = is_running(record)
    found: list[psutil.Process] = []
    for pid in psutil.pids():
        with contextlib.suppress(OSError, psutil.Error):
            if os.getsid(pid) != record.pid:
                continue
            process = psutil.Process(pid)
            if process.status() == psutil.STATUS_ZOMBIE:
                continue
            # With the leader gone the session's number may be in use again: then the mark decides.
            if leader_lives or process.environ().get(MARK) == record.mark:
                found.append(process)
    return sorted(found, key=lambda process: process.pid != record.pid)


def signal_all(record: ProcessRecord, number: signal.Signals) -> None:
    """Send a signal to every process of the session; those that are gone are no error."""
    for process in members(record):
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(number)


def stop(record: ProcessRecord, grace: float) -> None:
    """End the session: SIGTERM to the leader, and after `grace` seconds SIGKILL to all that is left."""
    # A process stopped by SIGSTOP does not see SIGTERM.
    signal_all(record, signal.SIGCONT)
    if is_running(record):
        with contextlib.suppress(psutil.NoSuchProcess):
            psutil.Process(record.pid).send_signal(signal.SIGTERM)
        _wait_until_gone(record, grace)
    kill(record)


def kill(record: ProcessRecord) -> None:
    """SIGKILL to every process of the session, again until none is left."""
    until = time.monotonic() + 10
    while (left := members(record)) and time.monotonic() < until:
        for process in left:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        # A dying process loses its environment, and with it our mark, before it is dead: `members` no
        # longer sees it, so that these very ones are waited for.
        _wait_until_dead(left, 0.5)
    _reap(record.pid)


def _wait_until_dead(processes: Sequence[psutil.Process], seconds: float) -> None:
    until = time.monotonic() + seconds
    while any(_start_mark(process.pid) and process.is_running() for process in processes):
        if time.monotonic() > until:
            return
        time.sleep(0.02)


def _wait_until_gone(record: ProcessRecord, seconds: float) -> None:
    """Waits for the leader alone."""
    until = time.monotonic() + seconds
    while is_running(record) and time.monotonic() < until:
        time.sleep(0.05)


def _reap(pid: int) -> None:
    child = _CHILDREN.get(pid)
    if child is not None and child.poll() is not None:
        _CHILDREN.pop(pid, None)


def _start_mark(pid: int) -> str | None:
    """When the living process `pid` started, in a form that another process of that number cannot have."""
    stat = Path(f"/proc/{pid}/stat")
    if stat.exists():
        # Ticks since boot, with the boot: unlike a time of day it does not move when the clock is set.
        try:
            fields = stat.read_text().rpartition(")")[2].split()
            boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        except OSError:
            return None
        return None if fields[0] in "ZX" else f"{boot}:{fields[19]}"
    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else f"time:{process.create_time():.2f}"
    except psutil.Error:
        return None
