"""Bolt with one listener, which only acknowledges; PROCESS_FIRST=1 for process_before_response."""

import os

from aiohttp import web
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient


def main() -> None:
    """Serves until it is killed."""
    app = AsyncApp(
        client=AsyncWebClient(os.environ["SLACK_BOT_TOKEN"], base_url=os.environ["SLACK_API_URL"]),
        signing_secret=os.environ["SLACK_SIGNING_SECRET"],
        process_before_response=os.environ.get("PROCESS_FIRST") == "1",
    )
    if os.environ["LISTENER"] == "press":

        @app.action("plan.approve")
        async def approve(ack: AsyncAck) -> None:
            await ack()
    else:

        @app.command("/perf")
        async def home(ack: AsyncAck) -> None:
            await ack()

    web.run_app(
        app.web_app("/slack/events"), host="127.0.0.1", port=int(os.environ["PORT"]), print=None, access_log=None
    )


if __name__ == "__main__":
    main()
