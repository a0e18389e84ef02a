"""What stands in front of every door of the console: who may connect, how much may be sent, what is said back."""

import asyncio
import ipaddress
import re
import secrets
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog
from aiohttp import web
from pydantic import BaseModel, ValidationError

JSON_MOST = 64 * 1024
FILE_MOST = 20 * 1024 * 1024
SECONDS = 20
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_HOST = re.compile(r"(?:localhost|127\.0\.0\.1|\[::1\])(?::(\d{1,5}))?", re.ASCII | re.IGNORECASE)
Door = Callable[[web.Request], Awaitable[web.StreamResponse]]
Body = TypeVar("Body", bound=BaseModel)
log = structlog.get_logger()


class Shut(Exception):
    """The door stays shut: an HTTP status and a reason without any of the sender's text."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


def guarded(door: Door) -> Door:
    """The door with every check in front of it; whatever happens behind it, no traceback and no 500 leaves it."""

    async def checked(request: web.Request) -> web.StreamResponse:
        try:
            _local(request)
            if request.method not in ("GET", "HEAD") or "Upgrade" in request.headers:
                _same_origin(request)
            return _sealed(await door(request))
        except Shut as shut:
            return _sealed(web.json_response({"error": shut.reason}, status=shut.status))
        except Exception as error:
            reference = secrets.token_hex(4)
            log.exception("console door failed", reference=reference, kind=type(error).__name__, exc_info=False)
            return _sealed(web.json_response({"error": "unavailable", "reference": reference}, status=503))

    return checked


async def body(request: web.Request, kind: type[Body]) -> Body:
    """The JSON body as `kind`; raises Shut with 400, 408 or 413."""
    if request.content_type != "application/json":
        raise Shut(400, "not JSON")
    try:
        return kind.model_validate_json(await read(request, JSON_MOST))
    except ValidationError:
        raise Shut(400, "malformed") from None


async def read(request: web.Request, most: int) -> bytes:
    """The raw body of at most `most` bytes, declared and real; raises Shut with 400, 408 or 413."""
    if (request.content_length or 0) > most:
        raise Shut(413, "too large")
    held = bytearray()
    try:
        async with asyncio.timeout(SECONDS):
            async for chunk in request.content.iter_any():
                held += chunk
                if len(held) > most:
                    raise Shut(413, "too large")
    except TimeoutError:
        raise Shut(408, "too slow") from None
    except (web.PayloadAccessError, OSError, ValueError):
        raise Shut(400, "malformed") from None
    return bytes(held)


def _local(request: web.Request) -> None:
    """Only this machine, by address and by name: a page elsewhere cannot rebind its name to us (threats T18, T26)."""
    transport = request.transport
    ends = [transport.get_extra_info(end) for end in ("peername", "sockname")] if transport else []
    if not ends or not all(end and ipaddress.ip_address(end[0].split("%")[0]).is_loopback for end in ends):
        raise Shut(403, "the console answers this machine only")
    hosts = request.headers.getall("Host", [])
    named = _HOST.fullmatch(hosts[0]) if len(hosts) == 1 else None
    if named is None or int(named[1] or 80) != ends[1][1]:
        raise Shut(403, "unknown host name")


def _same_origin(request: web.Request) -> None:
    if request.headers.getall("Origin", []) != [f"http://{request.headers['Host']}"]:
        raise Shut(403, "unknown origin")


def _sealed(response: web.StreamResponse) -> web.StreamResponse:
    if not response.prepared:
        response.headers.update(HEADERS)
        response.headers.setdefault("Cache-Control", "no-store")
    return response
