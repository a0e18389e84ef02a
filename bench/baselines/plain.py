"""The app one would write: Bolt with a listener for every action, and an async session for every request."""

import asyncio
import os

from aiohttp import web
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import event
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlmodel.ext.asyncio.session import AsyncSession

from bench.baselines import plain_blocks, plain_work
from bench.baselines.plain_work import Json

COMMANDS, ACTIONS, VIEWS = 10, 40, 10

engine = create_async_engine(os.environ["DATABASE_URL"], connect_args={"timeout": 30})
sessions = async_sessionmaker(engine, class_=AsyncSession, expire_on_commit=False)


@event.listens_for(engine.sync_engine, "connect")
def _connect(connection: "object", _record: object) -> None:
    cursor = connection.cursor()  # type: ignore[attr-defined]
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


async def approve(ack: AsyncAck, body: Json, client: AsyncWebClient, respond: AsyncRespond) -> None:
    """The pressed plan goes on to the next decider, and its card is redrawn."""
    await ack()
    async with sessions() as session:
        done = await plain_work.approve(session, body)
    if done is None:
        return
    place = body["container"]
    card = plain_blocks.plan(done)
    await client.chat_update(channel=place["channel_id"], ts=place["message_ts"], **card)
    if done.next_channel:
        sent = await client.chat_postMessage(channel=done.next_channel, **card)
        async with sessions() as session:
            await plain_work.sent(session, done.message_id, sent["channel"], sent["ts"])
    await respond(text=f"Approved. Next: {done.waits_for}.", response_type="ephemeral", replace_original=False)


async def home(ack: AsyncAck, body: Json) -> None:
    """What waits for the person, and their plan."""
    async with sessions() as session:
        shown = await plain_work.home(session, body)
    if shown is None:
        await ack()
        return
    await ack(response_type="ephemeral", **plain_blocks.home(shown))


async def other(ack: AsyncAck) -> None:
    """Stands for every other listener of such an app."""
    await ack()


def build() -> AsyncApp:
    """The app with all its listeners; the two that are asked for stand in the middle of their kind."""
    app = AsyncApp(
        client=AsyncWebClient(os.environ["SLACK_BOT_TOKEN"], base_url=os.environ["SLACK_API_URL"]),
        signing_secret=os.environ["SLACK_SIGNING_SECRET"],
    )
    for number in range(COMMANDS):
        middle = number == COMMANDS // 2
        app.command("/perf" if middle else f"/command{number}")(home if middle else other)
    for number in range(ACTIONS):
        middle = number == ACTIONS // 2
        app.action("plan.approve" if middle else f"noun.verb{number}")(approve if middle else other)
    for number in range(VIEWS):
        app.view(f"noun.form{number}")(other)
    return app


async def serve() -> None:
    """Serves until it is killed."""
    runner = web.AppRunner(build().web_app("/slack/events"), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", int(os.environ["PORT"])).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve())
