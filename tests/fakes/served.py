"""The fake Slack in a process of its own, with a log of what it accepted: `python -m tests.fakes.served PORT LOG`.

The log is append-only, one JSON object a line: at (s), method, channel, ts, key (ours, from the metadata), said (texts
of hooks and ephemerals), refused (why not; else ""), again (an idempotency key that was seen before).
"""

import argparse
import asyncio
import json
import signal
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web

from tests.fakes.slack import FakeSlack, Fault, _arguments
from tests.fakes.slack_screen import is_card, text_of
from tests.fakes.slack_store import Json

RETRY_AFTER = 1
POST = "chat.postMessage"


@dataclass
class Limits:
    """Calls a second of the whole app and of one conversation that are accepted (0: any number); what is more is
    answered 429."""

    app: int = 0
    channel: int = 0
    _calls: dict[str, deque[float]] = field(default_factory=dict)

    def full(self, channel: str, now: float) -> bool:
        """Whether this call is one too many; else it is counted."""
        wanted = [("", self.app), (channel, self.channel if channel else 0)]
        wanted = [(name, most) for name, most in wanted if most]
        for name, most in wanted:
            calls = self._calls.setdefault(name, deque())
            while calls and calls[0] <= now - 1:
                calls.popleft()
            if len(calls) >= most:
                return True
        for name, _most in wanted:
            self._calls[name].append(now)
        return False


class ServedSlack(FakeSlack):
    """A workspace that writes down what it accepts. `idempotent`: a message whose key it has is not posted again, as
    on platforms that have such a key, and nobody may read what was said before. Presses made by hand bring triggers
    that begin with "test."; hooks are taken whatever their token. `pace` is how long every call takes, in seconds."""

    def __init__(self, log: Path, limits: Limits, *, idempotent: bool = False, pace: float = 0.0) -> None:
        super().__init__()
        self._log = log.open("a", buffering=1)
        self._limits, self._idempotent, self._pace = limits, idempotent, pace
        self._known: dict[str, Json] = {}
        self.counts: Counter[tuple[int, str]] = Counter()

    def doors(self) -> list[web.RouteDef]:
        """What a test asks this process."""
        return [
            web.get("/control/posts", self._posts),
            web.get("/control/counts", self._counted),
            web.post("/control/fail", self._failing),
        ]

    async def _api(self, request: web.Request) -> web.StreamResponse:
        method, given = request.match_info["method"], await _arguments(request)
        if method.startswith("chat.") and self._limits.full(str(given.get("channel", "")), time.time()):
            self._note(method, given, refused="ratelimited")
            refusal = {"ok": False, "error": "ratelimited"}
            return web.json_response(refusal, status=429, headers={"Retry-After": str(RETRY_AFTER)})
        if self._pace:
            await asyncio.sleep(self._pace)
        return await super()._api(request)

    def _answer(self, method: str, given: Json, authorization: str) -> Json:
        key = _key(given)
        if method == POST and self._idempotent and key in self._known:
            self._note(method, given, self._known[key], again=True)
            return self._known[key]
        if method == "conversations.history" and self._idempotent:
            return {"ok": False, "error": "missing_scope"}
        trigger = str(given.get("trigger_id", ""))
        if trigger.startswith("test."):
            self.store.triggers.setdefault(trigger, (trigger.split(".")[1], self.store.clock(), ""))
        answer = super()._answer(method, given, authorization)
        if method == POST and answer["ok"] and key:
            self._known[key] = answer
        self._note(method, given, answer, refused=str(answer.get("error", "")))
        return answer

    async def _hook(self, request: web.Request) -> web.StreamResponse:
        said = await request.json()
        self._note("hook", {"channel": request.match_info["token"], **said})
        return web.Response(text="ok")

    def _note(self, method: str, given: Json, answer: Json | None = None, **how: object) -> None:
        now, about = time.time(), answer or {}
        self.counts[int(now), f"{method}!" if how.get("refused") else method] += 1
        place = {"channel": str(about.get("channel") or given.get("channel") or ""), "ts": str(about.get("ts", ""))}
        said = str(given.get("text", "")) if method in ("hook", "chat.postEphemeral") else ""
        said = text_of(given["view"]["blocks"]) if method in ("views.open", "views.update") else said
        line = {"at": now, "method": method, "key": _key(given), "said": said, "refused": "", "again": False}
        self._log.write(json.dumps(line | place | how) + "\n")

    async def _posts(self, _request: web.Request) -> web.Response:
        """Every message as it stands, oldest first."""
        return web.json_response([_shown(post.channel, post.ts, post.now, gone=post.gone) for post in self.store.posts])

    async def _counted(self, _request: web.Request) -> web.Response:
        """Calls by second and method; with "!" after the method those that were refused."""
        return web.json_response([[second, method, n] for (second, method), n in sorted(self.counts.items())])

    async def _failing(self, request: web.Request) -> web.Response:
        given = await request.json()
        self.fail(given["method"], *(Fault(**fault) for fault in given["faults"]))
        return web.Response(text="ok")


def _shown(channel: str, ts: str, content: Json, *, gone: bool) -> Json:
    blocks: list[Any] = content["blocks"]
    shown = {"card": is_card(content), "text": text_of(blocks) or content["text"], "gone": gone, "blocks": blocks}
    return {"channel": channel, "ts": ts, "key": _key(content)} | shown


def _key(given: Json) -> str:
    metadata = given.get("metadata") or {}
    about = json.loads(metadata) if isinstance(metadata, str) else metadata
    return str(about.get("event_payload", {}).get("key", ""))


async def serve(given: argparse.Namespace) -> None:
    """Serves until told to stop. Accounts are named U0001 and on."""
    fake = ServedSlack(
        given.log, Limits(given.per_second, given.per_channel), idempotent=given.idempotent, pace=given.pace
    )
    for number in range(1, given.people + 1):
        fake.store.add_user(f"U{number:04d}", name=f"Person {number}", email=f"p{number}@corp.example")
    await fake.start(given.port, *fake.doors())
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await stop.wait()
    await fake.stop()


def main() -> None:
    """Reads the command line."""
    options = argparse.ArgumentParser("python -m tests.fakes.served", description=__doc__)
    options.add_argument("port", type=int)
    options.add_argument("log", type=Path)
    options.add_argument("--people", type=int, default=0)
    options.add_argument("--per-second", type=int, default=0)
    options.add_argument("--per-channel", type=int, default=0)
    options.add_argument("--pace", type=float, default=0.0)
    options.add_argument("--idempotent", action="store_true")
    asyncio.run(serve(options.parse_args()))


if __name__ == "__main__":
    main()
