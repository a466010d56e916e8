"""A plain search client with one kept-alive connection, timed to the last byte."""

import http.client
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Answer:
    """One response: status, body and the seconds from the first byte sent to the last received."""

    status: int
    body: bytes
    seconds: float

    def json(self) -> Any:
        return json.loads(self.body)


class SearchClient:
    """Posts searches over one connection. Not thread-safe: one client a thread."""

    def __init__(self, url: str, timeout: float = 60.0) -> None:
        address = urlsplit(url)
        self._connection = http.client.HTTPConnection(
            address.hostname or "127.0.0.1", address.port, timeout=timeout
        )

    def search(self, index: str, body: Mapping[str, Any], pipeline: str) -> Answer:
        """One search through `pipeline` ("_none" for none). Raises OSError when no answer comes."""
        payload = json.dumps(body).encode()
        path = f"/{index}/_search?search_pipeline={pipeline}"
        begin = time.perf_counter()
        self._connection.request("POST", path, payload, {"Content-Type": "application/json"})
        response = self._connection.getresponse()
        content = response.read()
        return Answer(response.status, content, time.perf_counter() - begin)

    def close(self) -> None:
        self._connection.close()
