"""Procrastinate or PgQueuer posting the same JSON as our broadcast: `python -m bench.baselines.queues '{"engine": …}'`.

Their tasks get a number, put it into the JSON and post it with aiohttp; nothing is drawn, read or remembered.
"""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import aiohttp

if TYPE_CHECKING:
    import psycopg
    from pgqueuer.db import PsycopgDriver

    Connection = psycopg.AsyncConnection[Any]

BATCH, AT_ONCE = 500, 64
Post = Callable[[int], Awaitable[None]]


@dataclass(frozen=True)
class Given:
    """What is to be done: by which queue, on which empty database, how many jobs, and the JSON they post."""

    engine: str
    database: str
    api: str
    jobs: int
    sample: str


@dataclass(frozen=True)
class Run:
    """Seconds until every job was queued, and the CPU seconds of this process for working on them."""

    queued: float
    cpu: float


async def procrastinate(given: Given, post: Post) -> Run:
    """As its documentation says: a connector with its pool, one worker with many jobs at once."""
    from procrastinate import App, PsycopgConnector
    from procrastinate.types import JSONDict

    app = App(connector=PsycopgConnector(conninfo=given.database))

    @app.task(name="send")
    async def send(number: int) -> None:
        await post(number)

    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        since = time.monotonic()
        for start in range(0, given.jobs, BATCH):
            some = range(start, min(start + BATCH, given.jobs))
            some_jobs: list[JSONDict] = [{"number": number} for number in some]
            await send.batch_defer_async(*some_jobs)
        queued, before = time.monotonic() - since, time.process_time()
        await app.run_worker_async(concurrency=AT_ONCE, wait=False, install_signal_handlers=False)
        return Run(queued, time.process_time() - before)


async def pgqueuer(given: Given, post: Post) -> Run:
    """As its documentation says, with its driver for the same client library as ours."""
    import psycopg
    from pgqueuer import PgQueuer
    from pgqueuer.models import Job
    from pgqueuer.types import QueueExecutionMode

    connect = psycopg.AsyncConnection.connect
    async with (
        await connect(given.database, autocommit=True) as connection,
        await connect(given.database, autocommit=True) as listening,
    ):
        queue = PgQueuer(_driver(connection, listening))
        queries: Any = queue.queries
        await queries.install()

        @queue.entrypoint("send")
        async def send(job: Job) -> None:
            await post(int(job.payload or b"0"))

        since = time.monotonic()
        for start in range(0, given.jobs, BATCH):
            some = [b"%d" % number for number in range(start, min(start + BATCH, given.jobs))]
            await queries.enqueue(["send"] * len(some), some, [0] * len(some))
        queued, before = time.monotonic() - since, time.process_time()
        await queue.run(dequeue_timeout=timedelta(seconds=1), batch_size=BATCH, mode=QueueExecutionMode.drain)
        return Run(queued, time.process_time() - before)


def _driver(connection: "Connection", listening: "Connection") -> "PsycopgDriver":
    """Its driver holds a connection for a second while it waits for notifications, so they get one of their own; with
    one for both it does 120 jobs a second, whatever else."""
    from pgqueuer.db import PsycopgDriver

    class Apart(PsycopgDriver):
        """Notifications come by another connection."""

        other = PsycopgDriver(listening)

        async def add_listener(self, channel: str, callback: Callable[[str | bytes | bytearray], None]) -> None:
            await self.other.add_listener(channel, callback)

        async def __aexit__(self, *failed: object) -> None:
            await super().__aexit__(*failed)
            if self.shutdown.is_set():
                self.other.shutdown.set()
                await self.other.tm.gather_tasks()

    return Apart(connection)


ENGINES = {"procrastinate": procrastinate, "pgqueuer": pgqueuer}


async def work(given: Given) -> Run:
    """Queues all jobs, then works until none is left."""
    known, url = json.loads(given.sample), f"{given.api}chat.postMessage"
    async with aiohttp.ClientSession(headers={"Authorization": "Bearer of nothing"}) as session:

        async def post(number: int) -> None:
            about = {"event_type": "pandian", "event_payload": {"key": f"job:{number + 1}"}}
            body = known | {"channel": f"D{number + 1}", "metadata": about}
            async with session.post(url, json=body) as response:
                answer = await response.json()
            if not answer["ok"]:
                raise ValueError("the receiver refused a message")

        return await ENGINES[given.engine](given, post)


def main() -> None:
    """One run; prints its figures as JSON."""
    print(json.dumps(asdict(asyncio.run(work(Given(**json.loads(sys.argv[1])))))))


if __name__ == "__main__":
    main()
