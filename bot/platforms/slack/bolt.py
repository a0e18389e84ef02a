"""Bolt as the dispatcher: catch-all listeners (their number costs time on every request), answers in the response."""

import os
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from pydantic_core import to_json
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot.platforms.slack.quiet import hushed
from bot.platforms.slack.wire import Wire

JSON: dict[str, str | Sequence[str]] = {"Content-Type": "application/json;charset=utf-8"}
ANY = re.compile(".*", re.DOTALL)
RETRIES = ("X-Slack-Retry-Num", "X-Slack-Retry-Reason")
# What Bolt would read by itself: client id and secret switch its own OAuth on, with a store in the home directory.
READ = ("CLIENT_ID", "CLIENT_SECRET", "BOT_TOKEN", "SIGNING_SECRET", "VERIFICATION_TOKEN")
Take = Callable[[Mapping[str, Any]], Awaitable[BoltResponse]]


def build(wire: Wire, take: Take) -> AsyncApp:
    """The Bolt app. Requests were verified and parsed before (`door`), so Bolt does neither; it holds no token.

    With `authorize` it asks nobody: the middleware for one token calls auth.test on the first request, and again for
    every request that races the first. Whose a payload is, is decided behind it (`workspaces`), where our own messages
    are left out as well. `process_before_response` takes away the poll for the ack (10 ms each).
    """

    async def authorize(**_: object) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id=None)

    async def listener(body: dict[str, Any]) -> BoltResponse:
        return await take(body)

    with _unseen(*(f"SLACK_{name}" for name in READ)):
        app = AsyncApp(
            name="pandian",
            logger=hushed(),
            client=wire.client(None),
            authorize=authorize,
            process_before_response=True,
            request_verification_enabled=False,
            ssl_check_enabled=False,
            url_verification_enabled=False,
            attaching_function_token_enabled=False,
        )
    for register in (app.command, app.action, app.view, app.view_closed, app.event, app.shortcut, app.options):
        register(ANY)(listener)
    return app


@contextmanager
def _unseen(*names: str) -> Iterator[None]:
    """The environment without these variables for a moment."""
    kept = {name: os.environ.pop(name) for name in names if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(kept)


def response(status: int, said: Mapping[str, Any]) -> BoltResponse:
    """An answer with its body as JSON; Bolt's own way of writing it takes several times as long."""
    if not said:
        return BoltResponse(status=status)
    return BoltResponse(status=status, body=to_json(said).decode(), headers=JSON)


def request(body: dict[str, Any], headers: Mapping[str, str]) -> AsyncBoltRequest:
    """A verified payload for Bolt.

    As a Socket Mode request, because there Bolt takes a parsed payload; its own parser answers 404 to a slash command
    with the word "payload" in it. Only retry headers are handed on: x-slack-bolt-lazy-* would run functions by name.
    """
    kept = {name: headers[name] for name in RETRIES if name in headers}
    return AsyncBoltRequest(body=body, headers={**kept}, mode="socket_mode")
