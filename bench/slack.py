"""A Slack that accepts everything at once and counts it, in a process of its own: `python -m bench.slack PORT`."""

import sys
from collections import Counter

from aiohttp import web

from bench.asked import APP, BOT, TEAM

counts: Counter[str] = Counter()


async def api(request: web.Request) -> web.Response:
    """Any method of the Web API."""
    method = request.match_info["method"]
    body = await request.read()
    counts[method] += 1
    if method in ("chat.update", "chat.postMessage") and b'"blocks"' not in body:
        return web.json_response({"ok": False, "error": "no_text"})
    known = {"team_id": TEAM, "user_id": BOT, "bot_id": "B1", "bot": {"app_id": APP}}
    return web.json_response({"ok": True, "channel": "D2", "ts": f"1800000000.{sum(counts.values()):06d}"} | known)


async def hook(request: web.Request) -> web.Response:
    """Any response_url."""
    await request.read()
    counts["response_url"] += 1
    return web.Response(text="ok")


async def counted(_request: web.Request) -> web.Response:
    """What arrived so far, by method."""
    return web.json_response(counts)


def main() -> None:
    """Serves until it is killed."""
    app = web.Application(client_max_size=16 * 1024 * 1024)
    app.add_routes([web.route("*", "/api/{method}", api), web.post("/hooks/{number}", hook), web.get("/", counted)])
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None, access_log=None)


if __name__ == "__main__":
    main()
