"""Sends events to a running sidecar, at the pace that it allows."""

import http.client
import json
import ssl
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from sidecar.opensearch.errors import ClusterError

PATH = "/v1/events"
PATIENCE = 120.0
"""Seconds that a sidecar may be away or full without taking one batch."""

FIRST_PAUSE, LONGEST_PAUSE = 0.2, 10.0


class SidecarError(ClusterError):
    """The sidecar cannot be reached, or does not take events. The message says what to do."""


@dataclass
class Answer:
    """What became of a batch."""

    accepted: int = 0
    repeated: int = 0
    ignored: dict[str, int] = field(default_factory=dict)
    refused: list[dict[str, Any]] = field(default_factory=list)


class EventSender:
    """One connection, kept alive. A batch is sent until it is answered: repeated events count once."""

    def __init__(
        self, url: str, token: str = "", *, ca: str | None = None, patience: float = PATIENCE
    ) -> None:
        """`patience` in seconds. Raises SidecarError for a URL that is none."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise SidecarError(f"`{url}` is no URL of a sidecar. Write it like http://127.0.0.1:8080.")
        self._url = url.rstrip("/")
        self._path = parts.path.rstrip("/") + PATH
        self._headers = {"content-type": "application/x-ndjson"}
        if token:
            self._headers["authorization"] = f"Bearer {token}"
        self._patience = patience
        if parts.scheme == "https":
            context = ssl.create_default_context(cafile=ca)
            self._connection: http.client.HTTPConnection = http.client.HTTPSConnection(
                parts.hostname, parts.port, timeout=60, context=context
            )
        else:
            self._connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)

    def send(self, events: Sequence[Any], waiting: Callable[[str], None] = lambda _: None) -> Answer:
        """What became of events. `waiting` is told why it takes long. Raises SidecarError."""
        body = "\n".join(json.dumps(event, ensure_ascii=False) for event in events).encode(
            "utf-8", "surrogateescape"
        )
        end, pause = time.monotonic() + self._patience, FIRST_PAUSE
        while True:
            status, text, retry_after = self._post(body)
            if status in (200, 207):
                return Answer(**json.loads(text))
            if status == 413 and len(events) > 1:
                return self._halves(events, waiting)
            if status not in (0, 429, 502, 503, 504):
                raise SidecarError(f"{self._url}{PATH} answered {status}: {_message(text)}{_fix(status)}")
            if time.monotonic() > end:
                raise SidecarError(
                    f"{self._url}{PATH} took nothing for {self._patience:g} s: {_message(text)} "
                    "What was accepted so far is kept; the same command goes on from there."
                )
            waiting("the sidecar has no room" if status == 429 else "the sidecar does not answer")
            time.sleep(retry_after or pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    def close(self) -> None:
        """Gives back the connection."""
        self._connection.close()

    def _halves(self, events: Sequence[Any], waiting: Callable[[str], None]) -> Answer:
        """A batch that is too large, in two."""
        middle = len(events) // 2
        first, second = self.send(events[:middle], waiting), self.send(events[middle:], waiting)
        for one in second.refused:
            one["index"] += middle
        reasons = first.ignored.keys() | second.ignored.keys()
        return Answer(
            first.accepted + second.accepted,
            first.repeated + second.repeated,
            {reason: first.ignored.get(reason, 0) + second.ignored.get(reason, 0) for reason in reasons},
            first.refused + second.refused,
        )

    def _post(self, body: bytes) -> tuple[int, str, float]:
        """Status, text, and the seconds after which to try again (0: not told). Status 0: nobody answers."""
        try:
            self._connection.request("POST", self._path, body, self._headers)
            answer = self._connection.getresponse()
            told = answer.headers.get("retry-after", "")
            return (
                answer.status,
                answer.read().decode(errors="replace"),
                float(told) if told.isdigit() else 0.0,
            )
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            if isinstance(error, ssl.SSLError):
                raise SidecarError(
                    f"{self._url}: TLS failed ({error.reason}). Name the CA of its certificate with --ca."
                ) from error
            return (
                0,
                f"nobody answers ({error or type(error).__name__}). Is `reshelf serve` running there?",
                0.0,
            )


def _message(text: str) -> str:
    try:
        return str(json.loads(text)["message"])
    except (ValueError, KeyError, TypeError):
        return text[:300]


def _fix(status: int) -> str:
    if status == 401:
        return ". Name the token with --token-file, or in RESHELF_HTTP__TOKEN."
    if status == 404:
        return ". Is this the HTTP address of a sidecar that takes events?"
    return ""
