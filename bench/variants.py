"""The servers that are compared, and the databases they are given."""

import base64
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench import company
from bench.asked import SECRET, TOKEN
from bot.db import Database
from models import migrations

BARE, ACKS, ACKS_FIRST, PLAIN, OURS, OURS_PG = (
    "(a) aiohttp, signature only",
    "(b) Bolt, one listener, ack",
    "(b') the same, process_before_response",
    "(c) Bolt, 60 listeners, async SQLModel",
    "ours, SQLite",
    "ours, PostgreSQL",
)
KEY = base64.b64encode(bytes(range(32))).decode()


@dataclass(frozen=True)
class Variant:
    """A server: a Python module with its environment. `works`: it does the whole job, not only acknowledge."""

    name: str
    command: Sequence[str]
    works: bool = False
    env: Mapping[str, str] = field(default_factory=dict)
    database: str = ""


def variants(kind: str, databases: Mapping[str, str]) -> list[Variant]:
    """All servers for "press" or "home"; `databases` are the URLs by variant name."""
    listener = {"LISTENER": kind}
    found = [
        Variant(BARE, ["bench.baselines.bare"]),
        Variant(ACKS, ["bench.baselines.acks"], env=listener),
        Variant(ACKS_FIRST, ["bench.baselines.acks"], env=listener | {"PROCESS_FIRST": "1"}),
    ]
    own = {"PANDIAN_SECRET_KEY": KEY, "PANDIAN_CONSOLE": "off"}
    for name, url in databases.items():
        if name == PLAIN:
            found.append(Variant(name, ["bench.baselines.plain"], works=True, database=url))
        else:
            found.append(Variant(name, ["bot", "run"], works=True, env=own, database=url))
    return found


def environment(variant: Variant, port: int, api: str) -> dict[str, str]:
    """What a server is told: its port, the fake Slack and its database."""
    slack = {"SLACK_SIGNING_SECRET": SECRET, "SLACK_BOT_TOKEN": TOKEN, "SLACK_API_URL": api}
    slack |= {
        "SLACK_POSTS_PER_MINUTE": "0",
        "SLACK_REDRAWS_PER_MINUTE": "0",
        "SLACK_PAGES_PER_MINUTE": "0",
        "SLACK_SECONDS_PER_CONVERSATION": "0",
    }
    at = {"PORT": str(port), "PANDIAN_PORT": str(port), "NO_PROXY": "127.0.0.1"}
    return {**slack, **at, **({"DATABASE_URL": variant.database} if variant.database else {}), **variant.env}


def prepare(url: str, presses: int, *, told: bool) -> None:
    """Fills a new database with the company."""
    database = Database(url)
    migrations.upgrade(database.writer)
    with database.writer.begin() as connection:
        company.fill(connection, presses, told=told)
    database.close()


def copies(folder: Path, presses: int, *, told: bool) -> dict[str, str]:
    """The same SQLite file for the plain app and for ours."""
    made = folder / "company.db"
    prepare(f"sqlite:///{made}", presses, told=told)
    urls = {}
    for name, scheme in ((PLAIN, "sqlite+aiosqlite"), (OURS, "sqlite")):
        path = folder / scheme / "company.db"
        path.parent.mkdir()
        shutil.copyfile(made, path)
        urls[name] = f"{scheme}:///{path}"
    return urls
