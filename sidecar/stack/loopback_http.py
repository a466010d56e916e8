"""Small HTTP calls to the stack's own servers."""

import http.client
import json
from typing import Any
from urllib.parse import urlsplit

from sidecar.stack.errors import StackError


def call(method: str, url: str, body: Any = None, *, timeout: float = 10) -> tuple[int, str]:
    """Status and text of the answer. `body` is sent as JSON. Raises OSError if nobody answers."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=timeout)
    target = parts.path or "/"
    try:
        payload = None if body is None else json.dumps(body)
        headers = {} if payload is None else {"Content-Type": "application/json"}
        connection.request(method, f"{target}?{parts.query}" if parts.query else target, payload, headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode(errors="replace")
    except http.client.HTTPException as error:
        raise ConnectionError(f"{url}: {error or type(error).__name__}") from error
    finally:
        connection.close()


def call_json(method: str, url: str, body: Any = None, *, timeout: float = 10) -> Any:
    """The answer's JSON. Raises StackError unless the status is 2xx."""
    status, text = call(method, url, body, timeout=timeout)
    if not 200 <= status < 300:
        raise StackError(f"{method} {url} answered {status}: {text[:500]}")
    return json.loads(text)


def answers_ok(url: str, body: Any = None, *, timeout: float = 3) -> bool:
    """Whether a GET, or with a body a POST, is answered with 200 in time."""
    try:
        return call("GET" if body is None else "POST", url, body, timeout=timeout)[0] == 200
    except OSError:
        return False
