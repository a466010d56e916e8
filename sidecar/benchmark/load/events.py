"""What happens in the middle of a run: a command, or the death of the process that runs the model."""

import asyncio
import os
import shlex
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from string import Template

import psutil

STUB = "triton_python_backend_stub"
KILL = "kill the model's process"
ROLL_OUT = "roll another model out"
_RESHELF = f"{shlex.quote(sys.executable)} -P -m sidecar model"
ROLL_OUT_COMMAND = (
    f"sh -c '{_RESHELF} deploy $VERSION --output $BUILT --config $CONFIG --repository $REPOSITORY && "
    f"{_RESHELF} promote --config $CONFIG --repository $REPOSITORY'"
)


@dataclass(slots=True)
class Event:
    """`what` happens `at` seconds after the start, by `command` unless it is one itself; `took` and `status`
    are known afterwards."""

    at: float
    what: str
    command: str = ""
    took: float | None = None
    status: int | None = None
    told: str = field(default="", repr=False)


def parse_event(text: str) -> Event:
    """`20 reshelf model promote`: the second, then the command. Raises ValueError."""
    second, _, command = text.strip().partition(" ")
    try:
        at = float(second)
    except ValueError:
        at = -1.0
    if at < 0 or not command.strip():
        raise ValueError(f"{text!r}: write the second and the command, as in '20 reshelf model promote'")
    return Event(at, command.strip())


async def run_event(
    event: Event, start: float, environment: Mapping[str, str], kill: Callable[[], None]
) -> None:
    """Waits for its second (from `start` on the monotonic clock), and does it."""
    await asyncio.sleep(max(0.0, start + event.at - time.monotonic()))
    begin = time.monotonic()
    if event.what == KILL:
        await asyncio.to_thread(kill)
        event.status = 0
    else:
        command = Template(event.command or event.what).safe_substitute(environment)
        process = await asyncio.create_subprocess_exec(
            *shlex.split(command),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env={**os.environ, **environment},
        )
        said, _ = await process.communicate()
        event.status, event.told = process.returncode, said.decode("utf-8", "replace")[-2000:]
    event.took = round(time.monotonic() - begin, 2)


def kill_model(triton: int) -> None:
    """SIGKILL the process in which the Triton of that process id runs its model."""
    for child in psutil.Process(triton).children(recursive=True):
        if STUB in " ".join(child.cmdline()):
            child.kill()
