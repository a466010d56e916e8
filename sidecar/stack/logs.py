"""Read what the servers of a stack wrote."""

import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from sidecar.stack.errors import StackError


def log_lines(folder: Path, service: str | None, *, last: int, follow: bool) -> Iterator[str]:
    """The last lines of each log, then with `follow` what is added, until interrupted.

    Lines carry their service's name where there are several. Raises StackError if there is no such log.
    """
    logs = {path.stem: path for path in sorted((folder / "logs").glob("*.log")) if "." not in path.stem}
    if service is not None:
        if service not in logs:
            known = ", ".join(logs) or "none"
            raise StackError(f"no log of `{service}` in {folder / 'logs'}. There are: {known}.")
        logs = {service: logs[service]}
    if not logs:
        raise StackError(f"no logs in {folder / 'logs'}. Start a stack with `reshelf stack up`.")
    prefix = {name: f"{name:<10} | " if len(logs) > 1 else "" for name in logs}
    opened: dict[str, TextIO] = {}
    try:
        for name, path in logs.items():
            opened[name] = path.open(errors="replace")
            for line in deque(opened[name], maxlen=last):
                yield prefix[name] + line.rstrip("\n")
        while follow:
            silent = True
            for name, content in opened.items():
                for line in content:
                    silent = False
                    yield prefix[name] + line.rstrip("\n")
            if silent:
                time.sleep(0.2)
    finally:
        for content in opened.values():
            content.close()
