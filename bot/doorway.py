"""What every platform's door does first: raw bytes read to a limit, strict JSON, single headers; typed refusals."""

import asyncio
import json
from typing import Any, NoReturn

from aiohttp import web
from multidict import MultiMapping

MOST = 1024 * 1024  # bytes of one request
PATIENCE = 10.0  # seconds a body may take to arrive
Body = dict[str, Any]


class Refused(Exception):
    """A request that is not let in; `reason` is a fixed word, never something from the request."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


async def raw(request: web.Request) -> bytes:
    """The body as it was signed; at most 1 MiB and not compressed."""
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Refused(400, "encoding")  # the server would unpack it, and the signed bytes would be lost
    if (request.content_length or 0) > MOST:
        raise Refused(413, "size")
    body = bytearray()
    try:
        async with asyncio.timeout(PATIENCE):
            async for chunk in request.content.iter_chunked(64 * 1024):
                body += chunk
                if len(body) > MOST:
                    raise Refused(413, "size")
    except TimeoutError:
        raise Refused(408, "slow") from None
    except web.PayloadAccessError:
        raise Refused(400, "body") from None
    return bytes(body)


def parsed(text: bytes) -> Body:
    """A JSON object without repeated keys, NaN or lone surrogates; raises Refused(400) for anything else."""
    try:
        value = json.loads(text.decode(), object_pairs_hook=_once, parse_constant=_no_constant)
        if b"\\ud" in text or b"\\uD" in text:
            json.dumps(value, ensure_ascii=False).encode()  # lone surrogates would fail much later
    except (ValueError, RecursionError):
        raise Refused(400, "json") from None
    if not isinstance(value, dict):
        raise Refused(400, "json")
    return value


def only(headers: MultiMapping[str], name: str) -> str:
    """A header that stands there once; raises Refused(401) otherwise."""
    values = headers.getall(name, [])
    if len(values) != 1:
        raise Refused(401, "headers")
    return values[0]


def _once(pairs: list[tuple[str, Any]]) -> Body:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ValueError("repeated key")
    return made


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)
