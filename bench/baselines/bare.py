"""aiohttp alone: the signature is checked, and that is all."""

import hashlib
import hmac
import os
import time

from aiohttp import web

SECRET = os.environ["SLACK_SIGNING_SECRET"].encode()


async def door(request: web.Request) -> web.Response:
    """200 for what Slack signed within five minutes."""
    body = await request.read()
    stamp = request.headers["X-Slack-Request-Timestamp"]
    signed = hmac.new(SECRET, f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
    fresh = abs(time.time() - int(stamp)) < 300
    if not fresh or not hmac.compare_digest(f"v0={signed}", request.headers["X-Slack-Signature"]):
        return web.Response(status=401)
    return web.Response()


def main() -> None:
    """Serves until it is killed."""
    app = web.Application()
    app.add_routes([web.post("/slack/events", door)])
    web.run_app(app, host="127.0.0.1", port=int(os.environ["PORT"]), print=None, access_log=None)


if __name__ == "__main__":
    main()
