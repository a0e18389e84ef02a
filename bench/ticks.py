"""`python -m bench.ticks`: one tick of reminders over everybody's todos, step by step, in a process of its own."""

import argparse
import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from sqlmodel import Session, select

from bench.multitude import instant
from bench.process import ROOT, Failed
from bench.report import Target
from bot.db import Database
from bot.outbox.loop import stepped
from models import wave

TODOS = 3


@dataclass(frozen=True)
class Tick:
    """One tick: how many messages it made, wall and CPU seconds, the longest transaction in CPU seconds, and what it
    takes when nothing is left to do."""

    made: int
    seconds: float
    cpu: float
    longest: float
    again: float


def run(url: str) -> Tick:
    """The first tick of a working day and the one after it, in this process."""
    database = Database(url)
    now = working(instant())
    try:
        before, since = time.process_time(), time.monotonic()
        made, longest = _tick(database, now)
        seconds, cpu, then = time.monotonic() - since, time.process_time() - before, time.monotonic()
        more, _longest = _tick(database, now + timedelta(minutes=10))
        if more:
            raise Failed(f"a second tick made {more} messages more")
        return Tick(made, seconds, cpu, longest, time.monotonic() - then)
    finally:
        database.close()


def working(now: datetime) -> datetime:
    """Ten in the morning, in UTC, of the first Wednesday from now on: no weekend is near."""
    day = now + timedelta(days=(2 - now.weekday()) % 7)
    return datetime(day.year, day.month, day.day, 10, tzinfo=UTC)


def _tick(database: Database, now: datetime) -> tuple[int, float]:
    """As the outbox does it."""
    database.now(lambda db: wave.begin(db, now))
    longest, more = 0.0, True
    while more:
        before = time.thread_time()
        more = bool(database.now(partial(stepped, wave.step, now)))
        longest = max(longest, time.thread_time() - before)
    return database.now(_made), longest


def _made(db: Session) -> int:
    return db.exec(select(wave.Wave.made)).one()


def elsewhere(url: str) -> Tick:
    """The same in a process of its own; raises Failed."""
    command = [sys.executable, "-m", "bench.ticks", url]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=900)
    if ended.returncode:
        raise Failed(f"the tick: {ended.stderr[-1500:]}")
    return Tick(**json.loads(ended.stdout.splitlines()[-1]))


def lines(found: Mapping[tuple[str, int], Tick]) -> Iterator[str]:
    """Everything, as text."""
    yield ""
    yield f"a tick of reminders, {TODOS} open todos a person"
    head = f"  {'':<26} {'messages':>9} {'wall s':>8} {'CPU s':>8}"
    yield f"{head} {'longest CPU s':>14} {'us a person, wall':>18} {'the next tick s':>16}"
    for (engine, people), one in found.items():
        told = (
            f"{one.made:>9} {one.seconds:>8.2f} {one.cpu:>8.2f} {one.longest:>14.2f} "
            f"{1e6 * one.seconds / people:>18.1f} {one.again:>16.2f}"
        )
        yield f"  {f'{engine}, {people} people':<26} {told}"


def targets(found: Mapping[tuple[str, int], Tick]) -> list[Target]:
    """Cost grows with the number of people, no faster."""
    made = []
    for engine in dict.fromkeys(engine for engine, _people in found):
        sizes: Sequence[int] = sorted(people for name, people in found if name == engine)
        if len(sizes) > 1:
            small, large = (found[engine, size].seconds / size for size in (sizes[0], sizes[-1]))
            name = f"reminders, {engine}: time a person, {sizes[-1]} people / {sizes[0]} people"
            made.append(Target(name, 1.3, large / small))
    return made


def main(arguments: Sequence[str] | None = None) -> None:
    """One run, printed as JSON."""
    options = argparse.ArgumentParser("python -m bench.ticks", description=__doc__)
    options.add_argument("database", help="the URL of a filled database")
    print(json.dumps(asdict(run(options.parse_args(arguments).database))))


async def measured(url: str) -> Tick:
    """The same without holding up the event loop."""
    return await asyncio.to_thread(elsewhere, url)


if __name__ == "__main__":
    main()
