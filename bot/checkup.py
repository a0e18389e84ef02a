"""`doctor`: every setting, the database, fonts, texts and the console, and what to do about each."""

import hashlib
import importlib.resources
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, select

from bot.db import WAL_FIXED, Busy, Database
from bot.installations import Installations
from bot.serving import Unusable, vault_of
from bot.settings import LOOPBACK, Settings
from bot.text import LOCALES, catalog
from bot.vault import Unreadable
from models import migrations
from models.deployment import count_of, is_sample
from models.undelivered import lately_refused

FONT = "b76b0433203017ca80401b2ee0dd69350349871c4b19d504c34dbdd80541690a"

LATELY = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: whether it is in order, and what to do if not."""

    name: str
    ok: bool
    advice: str


async def run(settings: Settings, say: Callable[[str], object]) -> bool:
    """Says one line per check; whether all are in order."""
    found = [
        *_settings(settings),
        *_database(settings),
        *_texts(),
        _font(),
        *await _slack(settings),
        *await _feishu(settings),
        *await _dingtalk(settings),
    ]
    for check in found:
        say(f"{'ok' if check.ok else '!!'}  {check.name}" + ("" if check.ok else f": {check.advice}"))
    return all(check.ok for check in found)


def _settings(settings: Settings) -> Iterator[Check]:
    yield Check("settings", ok=True, advice="")
    local = settings.host in LOOPBACK
    if settings.slack and not settings.slack_app_token:
        public = settings.public_url.startswith("https://")
        advice = "set PANDIAN_PUBLIC_URL to the https address that Slack reaches, or SLACK_APP_TOKEN for Socket Mode"
        yield Check("Slack reaches this service", ok=public, advice=advice)
    if settings.feishu and not settings.feishu_long_connection:
        public = settings.public_url.startswith("https://")
        advice = "set PANDIAN_PUBLIC_URL to the https address that Feishu reaches, or FEISHU_LONG_CONNECTION=1"
        yield Check("Feishu reaches this service", ok=public, advice=advice)
        key = "set an Encrypt Key in Feishu and in FEISHU_ENCRYPT_KEY: without it who saw one request can forge others"
        yield Check("Feishu requests are signed", ok=settings.feishu_encrypt_key is not None, advice=key)
    if settings.dingtalk and not settings.dingtalk_stream:
        public = settings.public_url.startswith("https://")
        advice = "set PANDIAN_PUBLIC_URL to the https address that DingTalk reaches, or DINGTALK_STREAM=1"
        yield Check("DingTalk reaches this service", ok=public, advice=advice)
        events = (
            "set DINGTALK_TOKEN and DINGTALK_AES_KEY as the console shows them: nobody hears who has left otherwise"
        )
        yield Check("DingTalk events", ok=settings.dingtalk_token is not None, advice=events)
    console = settings.console != "sample" or local
    yield Check("console is on loopback", ok=console, advice="set PANDIAN_HOST=127.0.0.1 or PANDIAN_CONSOLE=off")


async def _slack(settings: Settings) -> list[Check]:
    """What Slack says of the app and of every workspace that is served, asked now."""
    if not settings.slack:
        return []
    from bot.platforms.slack.examined import Asked, examine

    tokens, arrived = await _slack_known(settings)
    app, config = settings.slack_app_token, settings.slack_config_token
    asked = Asked(
        settings.slack_api_url,
        tokens,
        app.get_secret_value() if app else "",
        config.get_secret_value() if config else "",
        arrived,
        settings.public_url,
        settings.slack_client_id is not None,
    )
    return [Check(name, ok=ok, advice=advice) async for name, ok, advice in examine(asked)]


async def _slack_known(settings: Settings) -> tuple[dict[str, str], list[str]]:
    """The tokens by workspace, and which kinds of events ever came; what the database does not tell is left out."""
    token = settings.slack_bot_token
    tokens, arrived = {"": token.get_secret_value()} if token else dict[str, str](), list[str]()
    try:
        database = Database(settings.database_url)
    except (Busy, ValueError, SQLAlchemyError):
        return tokens, arrived  # said by the check of the database
    try:
        arrived = database.now(_slack_events)
        if not token:
            vault = vault_of(settings, sample=database.now(is_sample))
            held = await Installations(database, vault, lambda: datetime.now(UTC), "slack").all()
            tokens = {f"{one.name} {one.tenant}": one.token for one in held}
    except (SQLAlchemyError, Unreadable, Unusable):
        return tokens, arrived
    finally:
        database.close()
    return tokens, arrived


def _slack_events(db: Session) -> list[str]:
    from bot.platforms.slack.arrivals import counted_as
    from bot.platforms.slack.manifest import EVENTS

    return [event for event in EVENTS if count_of(db, counted_as(event))]


async def _feishu(settings: Settings) -> list[Check]:
    """What Feishu says of the app, asked now."""
    if not (settings.feishu_app_id and settings.feishu_app_secret):
        return []
    from bot.platforms.feishu.examined import examine

    secrets = (settings.feishu_app_id.get_secret_value(), settings.feishu_app_secret.get_secret_value())
    asked = examine(*secrets, settings.feishu_api_url, socket=settings.feishu_long_connection)
    return [Check(name, ok=ok, advice=advice) async for name, ok, advice in asked]


async def _dingtalk(settings: Settings) -> list[Check]:
    """What DingTalk says of the app, asked now."""
    if not (settings.dingtalk_client_id and settings.dingtalk_client_secret):
        return []
    from bot.platforms.dingtalk.examined import Asked, examine

    asked = Asked(
        settings.dingtalk_client_id.get_secret_value(),
        settings.dingtalk_client_secret.get_secret_value().partition(",")[0].strip(),
        settings.dingtalk_api_url,
        settings.dingtalk_oapi_url,
        settings.dingtalk_robot_code,
        settings.dingtalk_card_template if settings.dingtalk_level == "card" else None,
        settings.dingtalk_form_template,
        settings.dingtalk_stream,
    )
    return [Check(name, ok=ok, advice=advice) async for name, ok, advice in examine(asked)]


def _database(settings: Settings) -> Iterator[Check]:
    try:
        database = Database(settings.database_url)
    except Busy:
        yield Check("database", ok=False, advice="another process serves this file; stop it, then ask the doctor again")
        return
    except (ValueError, SQLAlchemyError) as fault:
        yield Check("database", ok=False, advice=f"DATABASE_URL does not work ({type(fault).__name__})")
        return
    try:
        yield from _inside(settings, database)
    except SQLAlchemyError as fault:
        yield Check("database", ok=False, advice=f"cannot be reached ({type(fault).__name__}); check DATABASE_URL")
    finally:
        database.close()


def _inside(settings: Settings, database: Database) -> Iterator[Check]:
    current = migrations.revision(database.writer) == migrations.head()
    yield Check("database tables", ok=current, advice="run: python -m bot migrate")
    if not current:
        return
    sample = database.now(is_sample)
    yield Check(
        "secret key", ok=sample or bool(settings.keys()), advice="set PANDIAN_SECRET_KEY (32 random bytes, base64)"
    )
    yield Check("company", ok=not database.now(_nobody), advice="run: python -m bot import people FILE --apply …")
    if settings.slack:
        yield from database.now(lambda db: list(_tabs(db)))
    if settings.dingtalk:
        yield from database.now(lambda db: list(_used(settings, db)))
    if database.sqlite:
        fixed = sqlite3.sqlite_version_info >= WAL_FIXED
        note = "SQLite" if fixed else f"SQLite {sqlite3.sqlite_version} (has the WAL-reset bug; one process avoids it)"
        yield Check(note, ok=True, advice="")


def _tabs(db: Session) -> Iterator[Check]:
    """The two tabs of the app in Slack, as far as something was refused because of them lately."""
    for refusal, tab in (("messages_tab_disabled", "Messages"), ("not_enabled", "Home")):
        seen = lately_refused(db, "slack", refusal, datetime.now(UTC) - LATELY)
        yield Check(f"Slack {tab} tab", not seen, f"switch it on under App Home in the app's settings ({refusal})")


def _used(settings: Settings, db: Session) -> Iterator[Check]:
    """The calls of this month, which an organisation has only so many of."""
    from bot.platforms.dingtalk.quota import CALLS, PUSHES, WARNED, counted_as

    for kind, limit in ((CALLS, settings.dingtalk_calls), (PUSHES, settings.dingtalk_pushes)):
        used = count_of(db, counted_as(kind, datetime.now(UTC)))
        advice = "buy more from DingTalk, or set DINGTALK_LEVEL to action: broadcasts go to twenty people a call then"
        yield Check(
            f"DingTalk {kind} this month: {used} of {limit or 'any'}", not limit or used < WARNED * limit, advice
        )


def _texts() -> Iterator[Check]:
    for locale in LOCALES[1:]:
        whole = bool(catalog(locale).gettext("Home") != "Home")
        yield Check(f"texts in {locale}", ok=whole, advice=f"locales/{locale} is missing or empty")


def _font() -> Check:
    path = importlib.resources.files("noto_cjk_sans_otc") / "NotoSansCJK-Regular.ttc"
    same = path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == FONT
    return Check("chart font", ok=same, advice="reinstall the locked dependencies: make run")


def _nobody(db: Session) -> bool:
    from models.person import Person

    return db.exec(select(Person.id).limit(1)).first() is None
