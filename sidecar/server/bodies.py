"""Reading bodies, and refusing requests, over HTTP."""

import asyncio
import math
import zlib

from fastapi import Request
from fastapi.responses import JSONResponse

from sidecar.server.errors import BadRequest, NoRoom, TooLarge, Unauthorized, code_of, message_of

GZIP_WINDOW = 16 + zlib.MAX_WBITS
"""zlib's way to say that there is gzip's header."""


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


async def unpacked(body: bytes, encoding: str, limit: int) -> bytes:
    """The body as it was before `Content-Encoding`. Raises TooLarge for one that would grow beyond the limit,
    BadRequest for a broken one and for other encodings than gzip."""
    match encoding.strip().lower():
        case "" | "identity":
            return body
        case "gzip" | "x-gzip":
            # In a thread: megabytes take longer than a search may wait.
            return await asyncio.to_thread(_gunzip, body, limit)
    raise BadRequest("content-encoding", "not known; send gzip, or the body as it is")


def _gunzip(body: bytes, limit: int) -> bytes:
    unpacking = zlib.decompressobj(wbits=GZIP_WINDOW)
    try:
        plain = unpacking.decompress(body, limit + 1)
    except zlib.error as error:
        raise BadRequest("body", "is no gzip, as its content-encoding says") from error
    if len(plain) > limit:
        raise TooLarge("body", f"above the limit of {limit} bytes when it is unpacked")
    if not unpacking.eof or unpacking.unused_data:
        raise BadRequest("body", "is not one whole gzip")
    return plain


def refusal(error: Exception) -> JSONResponse:
    """The answer to a request that is refused."""
    code = code_of(error)
    headers: dict[str, str] = {}
    if isinstance(error, Unauthorized):
        headers["www-authenticate"] = "Bearer"
    if isinstance(error, NoRoom):
        headers["retry-after"] = str(math.ceil(error.retry_after))
    return JSONResponse({"error": code.outcome, "message": message_of(error)}, code.http, headers)
