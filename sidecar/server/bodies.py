"""Reading bodies, and refusing requests, over HTTP."""

import math

from fastapi import Request
from fastapi.responses import JSONResponse

from sidecar.server.errors import NoRoom, TooLarge, Unauthorized, code_of, message_of


async def body_of(request: Request, limit: int) -> bytes:
    """The body. Raises TooLarge as soon as it is known to be beyond the limit."""
    told = request.headers.get("content-length", "")
    parts: list[bytes] = []
    size = int(told) if told.isdigit() else 0
    if size <= limit:
        size = 0
        async for part in request.stream():
            size += len(part)
            if size > limit:
                break
            parts.append(part)
    if size > limit:
        raise TooLarge("body", f"above the limit of {limit} bytes")
    return b"".join(parts)


def refusal(error: Exception) -> JSONResponse:
    """The answer to a request that is refused."""
    code = code_of(error)
    headers: dict[str, str] = {}
    if isinstance(error, Unauthorized):
        headers["www-authenticate"] = "Bearer"
    if isinstance(error, NoRoom):
        headers["retry-after"] = str(math.ceil(error.retry_after))
    return JSONResponse({"error": code.outcome, "message": message_of(error)}, code.http, headers)
