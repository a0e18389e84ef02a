"""A bot in a process of its own, so that it can be killed: `python -m tests.security.served FILE PORT`."""

import asyncio
import sys
from pathlib import Path

from aiohttp import web

from bot.app import Bot, application
from bot.db import Database
from bot.platforms.web import Web
from bot.vault import Vault
from tests.drivers.web import WebDriver
from tests.security.company import PEOPLE
from tests.world import KEY, Clock, QuickCharts


async def serve(file: Path, port: int) -> None:
    """Serves the console on the database until killed."""
    bot = Bot(Database(f"sqlite:///{file}"), Vault([KEY]), Clock(), QuickCharts())  # type: ignore[arg-type]
    driver = WebDriver()
    for number, handle in enumerate(PEOPLE, 101):
        driver.add_user(str(number), name=handle.title(), email="")
    console = driver.console
    assert isinstance(console, Web)
    bot.add(console)
    runner = web.AppRunner(application(bot))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2])))
