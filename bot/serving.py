"""Serving: open the database, build the bot for this environment, answer until told to stop."""

import asyncio
import gc
import importlib
import signal
import socket
import sys
from collections.abc import Callable, Coroutine, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import typer
from aiohttp import web
from pydantic import SecretStr
from sqlalchemy.engine import make_url
from sqlmodel import Session, select

from bot.app import Bot, application
from bot.capability import Platform
from bot.cast import Cast, link_everybody
from bot.charts import Charts
from bot.db import Database
from bot.installations import Installations
from bot.passes import Passes
from bot.platforms.web import Web
from bot.settings import LOOPBACK, Settings, sample_key
from bot.tally import Tally
from bot.timing import SharedClock
from bot.vault import Vault
from models import migrations
from models.deployment import is_sample, mark_sample
from models.person import Person

if TYPE_CHECKING:
    from bot.platforms.slack import Distribution

GRACE = 10
# Python looks for rings of garbage after so many new objects (700 by default, of which a request alone makes more).
COLLECTED = (20_000, 20, 20)
NO_PLATFORM = "no platform is configured: set the variables of Slack, Feishu or DingTalk (docs/operation.md)"
SAMPLE_ZONE = "Asia/Shanghai"


T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """The result of `work`, on the event loop of a server: uvloop's, where there is one (docs/decisions/0011)."""
    factory = None if sys.platform == "win32" else importlib.import_module("uvloop").new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(work)


class Unusable(Exception):
    """The command cannot be carried out; the text says why in one line."""


def folder(settings: Settings) -> Path:
    """Where generated things are kept: beside a SQLite database, else ./var."""
    url = make_url(settings.database_url)
    beside = url.get_backend_name() == "sqlite" and url.database
    return Path(url.database or "").parent if beside else Path("var")


def open_database(settings: Settings) -> Database:
    """The database, brought to this version's tables."""
    database = Database(settings.database_url)
    migrations.upgrade(database.writer)
    return database


def vault_of(settings: Settings, *, sample: bool) -> Vault:
    """The vault of the configured keys; a sample database generates its own."""
    return Vault(keys_of(settings, sample=sample))


def keys_of(settings: Settings, *, sample: bool) -> tuple[bytes, ...]:
    """The configured keys, or those of a sample database."""
    keys = settings.keys()
    if not keys and sample:
        generated = settings.model_copy(update={"secret_key": sample_key(folder(settings))})
        keys = generated.keys()
    if not keys:
        raise Unusable("PANDIAN_SECRET_KEY is missing: set it to 32 random bytes in base64")
    return keys


def clock_of(settings: Settings, *, sample: bool) -> Callable[[], datetime]:
    """The clock; PANDIAN_NOW fixes its start on sample databases, from where it goes on."""
    if not settings.now:
        return lambda: datetime.now(UTC)
    if not sample:
        raise Unusable("PANDIAN_NOW works on sample databases only")
    try:
        start = datetime.fromisoformat(settings.now)
    except ValueError:
        raise Unusable("PANDIAN_NOW is an instant such as 2026-11-23T02:00:00+00:00") from None
    shift = (start if start.tzinfo else start.replace(tzinfo=UTC)) - datetime.now(UTC)
    return lambda: datetime.now(UTC) + shift


def fill(database: Database, vault: Vault, now: datetime, name: str = "") -> None:
    """Fills an empty database with an invented company and marks it as one."""
    from bot import sample

    def work(db: Session) -> None:
        sample.fill(db, vault, now, name or sample.COMPANY)
        mark_sample(db, name or sample.COMPANY)

    database.now(work)


async def serve(settings: Settings) -> None:
    """Serves until it is told to stop; prints the console's address."""
    database = open_database(settings)
    try:
        alone = not (settings.slack or settings.feishu or settings.dingtalk)
        if alone and settings.console in ("", "sample") and database.now(empty):
            if settings.host not in LOOPBACK:
                raise Unusable(NO_PLATFORM)
            typer.echo("Making the sample company …")
            now = clock_of(settings, sample=True)()
            fill(database, vault_of(settings, sample=True), now, "")
        await _served(settings, database)
    finally:
        database.close()


async def _served(settings: Settings, database: Database) -> None:
    sample = database.now(is_sample)
    bot = Bot(
        database,
        vault_of(settings, sample=sample),
        _shared(database, settings) or clock_of(settings, sample=sample),
        Charts(folder(settings) / "matplotlib"),
        settings.locale,
        SAMPLE_ZONE if sample and "timezone" not in settings.model_fields_set else settings.timezone,
    )
    add_platforms(bot, settings, sample=sample)
    if "web" in bot.platforms:
        database.now(lambda db: link_everybody(db, bot.clock()))
    if not bot.platforms:
        raise Unusable(f"{NO_PLATFORM}, or use a sample database")
    runner = web.AppRunner(application(bot), access_log=None)
    await runner.setup()
    listening = _listen(settings)
    await web.SockSite(runner, listening).start()
    host, port = listening.getsockname()[:2]
    gc.set_threshold(*COLLECTED)
    gc.freeze()  # what was loaded until now is never garbage: not looked through again (5 to 10 % of a broadcast)
    typer.echo(f"Pandian serves {', '.join(sorted(bot.platforms))} on http://{host}:{port}")
    if "web" in bot.platforms:
        typer.echo(f"Open the console: http://{host}:{port}/console/")
    await _until_told()
    await asyncio.wait_for(runner.cleanup(), GRACE)


def _shared(database: Database, settings: Settings) -> SharedClock | None:
    """Replicas have one clock, the database server's; alone, or with a clock that was set, it is the machine's."""
    if database.sqlite or settings.now:
        return None
    clock = SharedClock(database)
    clock.ask()
    return clock


def add_platforms(bot: Bot, settings: Settings, *, sample: bool) -> None:
    """Every platform that is switched on. Raises Unusable where the console would be open to strangers."""
    mode = settings.console or ("sample" if sample else "off")
    if mode == "signed-in":
        raise Unusable("PANDIAN_CONSOLE=signed-in is not available yet; use sample or off")
    if mode == "sample":
        if not sample:
            raise Unusable("PANDIAN_CONSOLE=sample works on a sample database only: it lets anybody play anybody")
        if settings.host not in LOOPBACK:
            raise Unusable("the sample console is served on loopback only: set PANDIAN_HOST=127.0.0.1")
        people = Cast(bot, settings.locale)
        bot.add(Web(mode="sample", people=people, history=bot.outbox.history, words=bot.words, clock=bot.clock))
    if settings.slack:
        bot.add(slack(settings, bot.clock, several(settings, bot, keys_of(settings, sample=sample)), Tally(bot.db)))
    if settings.feishu:
        bot.add(feishu(settings, bot.clock))
    if settings.dingtalk:
        bot.add(dingtalk(settings, bot.clock, Tally(bot.db)))


def several(settings: Settings, bot: Bot, keys: Sequence[bytes]) -> "Distribution | None":
    """What Slack needs to serve several workspaces; None where it serves the one of a token."""
    if settings.slack_client_id is None:
        return None
    from bot.platforms.slack import Distribution

    installations = Installations(bot.db, bot.vault, bot.clock, "slack")
    client = _secret(settings.slack_client_id), _secret(settings.slack_client_secret)
    return Distribution(*client, settings.public_url, installations, Passes(keys))


def slack(
    settings: Settings,
    clock: Callable[[], datetime],
    several: "Distribution | None" = None,
    tally: Tally | None = None,
) -> Platform:
    """Slack as the environment has it; its libraries are only loaded for who uses it."""
    from bot.platforms.slack import Slack
    from bot.platforms.slack.limits import rates

    limits = (settings.slack_posts_per_minute, settings.slack_redraws_per_minute, settings.slack_gap)
    pace = rates(*limits, settings.slack_pages_per_minute)
    signing, bot = _secret(settings.slack_signing_secret), _secret(settings.slack_bot_token)
    return Slack(
        signing,
        bot,
        _secret(settings.slack_app_token),
        settings.slack_api_url,
        clock,
        rates=pace,
        connections=settings.slack_connections,
        several=several,
        tally=tally,
    )


def feishu(settings: Settings, clock: Callable[[], datetime]) -> Platform:
    """Feishu as the environment has it."""
    from bot.platforms.feishu import Feishu

    return Feishu(
        _secret(settings.feishu_app_id),
        _secret(settings.feishu_app_secret),
        encrypt_key=_secret(settings.feishu_encrypt_key),
        verification_token=_secret(settings.feishu_verification_token),
        base=settings.feishu_api_url,
        delivery="socket" if settings.feishu_long_connection else "webhook",
        clock=clock,
    )


def dingtalk(settings: Settings, clock: Callable[[], datetime], tally: Tally) -> Platform:
    """DingTalk as the environment has it."""
    from bot.platforms.dingtalk import DingTalk

    return DingTalk(
        _secret(settings.dingtalk_client_id),
        _secret(settings.dingtalk_client_secret),
        robot_code=settings.dingtalk_robot_code,
        aes_key=_secret(settings.dingtalk_aes_key),
        token=_secret(settings.dingtalk_token),
        base=settings.dingtalk_api_url,
        old_base=settings.dingtalk_oapi_url,
        delivery="stream" if settings.dingtalk_stream else "http",
        form_template=settings.dingtalk_form_template,
        level=settings.dingtalk_level,
        card_template=settings.dingtalk_card_template,
        agent_id=settings.dingtalk_agent_id,
        corp_id=settings.dingtalk_corp_id,
        public_url=settings.public_url,
        quota=(settings.dingtalk_calls, settings.dingtalk_pushes),
        tally=tally,
        clock=clock,
    )


def _secret(value: SecretStr | None) -> str:
    return value.get_secret_value() if value else ""


def empty(db: Session) -> bool:
    """Whether nobody is in the database yet."""
    return db.exec(select(Person.id).limit(1)).first() is None


def _listen(settings: Settings) -> socket.socket:
    """The configured port; without one 8080, or any free port if that is taken."""
    for port in (settings.port,) if settings.port is not None else (8080, 0):
        try:
            return socket.create_server((settings.host, port), family=_family(settings.host))
        except OSError as busy:
            reason = busy.strerror
    raise Unusable(f"cannot listen on {settings.host}:{settings.port}: {reason}")


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


async def _until_told() -> None:
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    await stop.wait()
