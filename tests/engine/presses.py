"""Signed presses and filled forms by the hundred, and a book of what was answered to each."""

import asyncio
import itertools
import json
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import aiohttp

from bot.db import Database
from tests.engine import company
from tests.engine.company import channel, user
from tests.fakes.slack_payloads import encoded, signed
from tests.fakes.slack_store import APP, TEAM, Json

_numbers = itertools.count(1)
DOOR = "/slack/events"
WAITS = 8.0
LAST = 2.4  # seconds: what is acknowledged after that says itself, in a modal, that it is not done yet
FAN = 6
RESERVED = 8  # plans that are left for other tests


@dataclass(frozen=True)
class Answered:
    """Status (0: no answer) and body of one request, and the seconds it took."""

    status: int
    body: Json
    took: float

    @property
    def done(self) -> bool:
        """Whether it says that the work is done."""
        refused = self.body.get("errors") or self.body.get("response_action") == "update"
        return self.status == 200 and not refused and self.took < LAST


def approval(plan: int, version: int, person: int = 1) -> Json:
    """Approve is pressed on the card of a plan."""
    pressed = {"type": "button", "action_id": "plan.approve", "block_id": "b1", "value": f"{plan}:{version}"}
    made: Json = {"ts": f"1700000000.{plan:06d}", "text": "A plan", "type": "message", "blocks": []}
    return _interaction(person, "block_actions") | {
        "container": {
            "type": "message",
            "message_ts": made["ts"],
            "channel_id": channel(person),
            "is_ephemeral": False,
        },
        "channel": {"id": channel(person), "name": "directmessage"},
        "message": made,
        "state": {"values": {}},
        "actions": [pressed | {"action_ts": "1700000001.1", "text": {"type": "plain_text", "text": "Approve"}}],
    }


def report(person: int, plan: int, version: int, lineage: int, note: str) -> Json:
    """A filled check-in form is submitted; the note makes it different from others."""
    place = {"s": plan, "v": version, "c": channel(person), "m": "", "p": 1, "i": 0}
    option = {"text": {"type": "plain_text", "text": "Revenue"}, "value": str(lineage)}
    values: Json = {
        "item": {"a": {"type": "static_select", "selected_option": option}},
        "note": {"a": {"type": "plain_text_input", "value": note}},
    }
    blocks: list[Json] = [{"type": "input", "block_id": name, "element": {"type": "x"}, "label": {}} for name in values]
    view: Json = {"id": f"V{note}", "hash": "1.h", "type": "modal", "callback_id": "plan.checkin", "blocks": blocks}
    view |= {
        "private_metadata": json.dumps(place),
        "state": {"values": values},
        "title": {},
        "team_id": TEAM,
        "app_id": APP,
    }
    return _interaction(person, "view_submission") | {"view": view, "response_urls": []}


def command(person: int, text: str) -> Json:
    """/perf is typed."""
    fields = {"command": "/perf", "text": text, "user_id": user(person), "channel_id": channel(person)}
    about = {"token": "verification", "team_id": TEAM, "team_domain": "acme", "api_app_id": APP}
    made = {"user_name": f"p{person}", "channel_name": "directmessage", "is_enterprise_install": "false"}
    return fields | about | made | {"trigger_id": _trigger(person)}


def typed(person: int, text: str) -> Json:
    """A line in the direct conversation."""
    number = next(_numbers)
    place = {"channel": channel(person), "channel_type": "im", "user": user(person), "team": TEAM}
    event = {"type": "message", "text": text, "ts": f"1700000000.{number:06d}"} | place
    about = {"token": "verification", "team_id": TEAM, "api_app_id": APP, "event_time": 1700000000}
    return about | {"event": event, "type": "event_callback", "event_id": f"Ev{time.time_ns()}{number}"}


def _interaction(person: int, kind: str) -> Json:
    who = {"id": user(person), "username": f"p{person}", "name": f"p{person}", "team_id": TEAM}
    about = {"team": {"id": TEAM, "domain": "acme"}, "user": who, "api_app_id": APP, "token": "verification"}
    return about | {"type": kind, "enterprise": None, "is_enterprise_install": False, "trigger_id": _trigger(person)}


def _trigger(person: int) -> str:
    return f"test.{user(person)}.{time.time_ns()}.{next(_numbers)}"


@dataclass
class Hands:
    """Presses at `base` (a replica or a balancer in front of several); `hooks` is where answers go that come later."""

    session: aiohttp.ClientSession
    base: str
    hooks: str

    async def send(self, payload: Json) -> Answered:
        """One signed request."""
        later = {"response_url": f"{self.hooks}/test"} if "command" in payload or "actions" in payload else {}
        body, kind = encoded(payload | later)
        headers = signed(body, time.time()) | {"Content-Type": kind}
        began = time.monotonic()
        try:
            patience = aiohttp.ClientTimeout(total=WAITS)
            async with self.session.post(f"{self.base}{DOOR}", data=body, headers=headers, timeout=patience) as answer:
                text = await answer.text()
                return Answered(answer.status, _json(text), time.monotonic() - began)
        except (aiohttp.ClientError, TimeoutError, OSError):
            return Answered(0, {}, time.monotonic() - began)


@dataclass
class Book:
    """What was asked for and what was answered; `acked` holds the names of what was answered as done."""

    acked: set[str] = field(default_factory=set)
    statuses: Counter[int] = field(default_factory=Counter)
    slowest: float = 0.0

    def note(self, name: str, answered: Answered) -> None:
        """Keeps one answer."""
        self.statuses[answered.status] += 1
        self.slowest = max(self.slowest, answered.took)
        if answered.done:
            self.acked.add(name)

    def faults(self, database: Database) -> list[str]:
        """What was acknowledged and is not stored, and what is stored more than once."""
        approved, notes = database.now(company.approved), Counter(database.now(company.notes))
        stored = Counter({f"plan {plan}": count for plan, count in approved.items()}) + notes
        keys = Counter(database.now(company.keys))
        lost = [f"lost: {name}" for name in self.acked if not stored[name]]
        return lost + [f"{count} times: {name}" for name, count in (stored + keys).items() if count > 1]


class Pressing:
    """While it is open people approve plans and then report for ever, `FAN` at a time, each thing until it is answered
    as done: as people do, and the same bytes once more after that, as platforms do. Gives the book."""

    def __init__(self, hands: Hands, database: Database, seed: int, pause: float = 0.3) -> None:
        self._hands, self._pause, self._book = hands, pause, Book()
        self._stop, self._tasks = asyncio.Event(), list[asyncio.Task[None]]()
        self._plans = database.now(company.waiting)[RESERVED:]
        self._reports = database.now(company.reporting)
        random.Random(seed).shuffle(self._plans)

    async def __aenter__(self) -> Book:
        self._tasks = [asyncio.create_task(self._press(self._work(at))) for at in range(FAN)]
        return self._book

    async def __aexit__(self, *_: object) -> None:
        self._stop.set()
        await asyncio.gather(*self._tasks)

    def _work(self, at: int) -> Iterator[tuple[str, Callable[[], Json]]]:
        """An approval and a report in turn, reports alone when there are no plans left."""
        plans = iter(self._plans[at::FAN])
        for person, plan, version, lineage in itertools.cycle(self._reports[at::FAN]):
            waiting = next(plans, None)
            if waiting is not None:
                yield f"plan {waiting[0]}", partial(approval, *waiting)
            note = f"note {time.time_ns()} {person}"
            yield note, partial(report, person, plan, version, lineage, note)

    async def _press(self, work: Iterator[tuple[str, Callable[[], Json]]]) -> None:
        for name, make in work:
            while not self._stop.is_set() and name not in self._book.acked:
                payload = make()
                self._book.note(name, await self._hands.send(payload))
                if name in self._book.acked:
                    await self._hands.send(payload)
                else:
                    await asyncio.sleep(0.1)
            if self._stop.is_set():
                return
            await asyncio.sleep(self._pause)


def _json(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
