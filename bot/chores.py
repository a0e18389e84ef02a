"""What an operator does by command, beside serving: fill, import, back up, roles, templates, keys, manifests."""

import asyncio
import getpass
import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.engine import make_url
from sqlmodel import Session, select

from bot import rotation
from bot.directory import Directory, Unread
from bot.passes import Passes
from bot.serving import Unusable, clock_of, empty, fill, folder, keys_of, open_database, vault_of
from bot.settings import KEY_FILE, Settings
from bot.text import N_, Texts, texts
from bot.vault import Unreadable
from models import audit
from models.base import Change, Refused
from models.content import INDUSTRIES, load_templates
from models.deployment import is_sample
from models.person import ROLES, Role, find

if TYPE_CHECKING:
    from bot.importing import Table


@dataclass(frozen=True, slots=True)
class Import:
    """What the import command was told; `source` names a platform whose directory is read in place of a file."""

    kind: str
    file: Path | None
    dry_run: bool
    apply: bool
    approved_by: str
    source: str = ""


def fill_sample(settings: Settings, name: str = "") -> None:
    """Fills an empty database with an invented company and marks it as one."""
    database = open_database(settings)
    try:
        if not database.now(empty):
            raise Unusable("this database already holds people; a sample company needs an empty one")
        vault = vault_of(settings, sample=True)
        fill(database, vault, clock_of(settings, sample=True)(), name)
    finally:
        database.close()


def migrate(settings: Settings) -> None:
    """Brings the tables to this version."""
    open_database(settings).close()


def bring_in(settings: Settings, given: Import, say: Callable[[str], None]) -> bool:
    """Reports on a file or a directory and, if told so, stores it; whether all was in order."""
    from bot import importing

    database = open_database(settings)
    t = texts(settings.locale, settings.timezone)
    try:
        return not importing.run_import(
            given.kind,
            _source(settings, given, t),
            dry_run=given.dry_run or not given.apply,
            apply=given.apply,
            approved_by=given.approved_by,
            db=database,
            vault=vault_of(settings, sample=database.now(is_sample)),
            now=datetime.now(UTC),
            out=say,
            t=t,
            imported_by=getpass.getuser(),
        )
    except (Refused, Unread) as no:
        raise Unusable(t(no.message, **no.facts)) from None
    finally:
        database.close()


def _source(settings: Settings, given: Import, t: Texts) -> "Path | Table":
    """The file, or the directory read now."""
    if given.file is not None and not given.source:
        return given.file
    readers = {"feishu": _feishu, "dingtalk": _dingtalk}
    if given.file is not None or given.source not in readers:
        raise Unusable("give a file, or --from feishu, or --from dingtalk")
    from bot.importing import rows

    return rows(asyncio.run(readers[given.source](settings, t(N_("The company")))))


async def _feishu(settings: Settings, company: str) -> Directory:
    if not (settings.feishu_app_id and settings.feishu_app_secret):
        raise Unusable("set FEISHU_APP_ID and FEISHU_APP_SECRET to read Feishu's directory")
    from bot.platforms.feishu.directory import read

    secrets = (settings.feishu_app_id.get_secret_value(), settings.feishu_app_secret.get_secret_value())
    return await read(*secrets, settings.feishu_api_url, zone=settings.timezone, company=company)


async def _dingtalk(settings: Settings, company: str) -> Directory:
    if not (settings.dingtalk_client_id and settings.dingtalk_client_secret):
        raise Unusable("set DINGTALK_CLIENT_ID and DINGTALK_CLIENT_SECRET to read DingTalk's directory")
    from bot.platforms.dingtalk.directory import read

    return await read(
        settings.dingtalk_client_id.get_secret_value(),
        settings.dingtalk_client_secret.get_secret_value().partition(",")[0].strip(),
        base=settings.dingtalk_api_url,
        old_base=settings.dingtalk_oapi_url,
        zone=settings.timezone,
        company=company,
    )


def backup(settings: Settings, file: Path) -> None:
    """A consistent copy of a SQLite database, also while it is served; PostgreSQL has pg_dump."""
    url = make_url(settings.database_url)
    if url.get_backend_name() != "sqlite" or not url.database:
        raise Unusable("this copies SQLite databases; use pg_dump for PostgreSQL")
    if not Path(url.database).exists():
        raise Unusable("there is no database to copy")
    if file.exists():
        raise Unusable("the target file exists already")
    with sqlite3.connect(url.database) as source, sqlite3.connect(file) as target:
        source.backup(target)


def give_role(settings: Settings, typed: str, name: str, *, remove: bool) -> str:
    """Gives or takes a role, with an entry in the audit trail; what was done, in one line."""
    if name not in ROLES:
        raise Unusable(f"a role is one of {', '.join(ROLES)}")
    database = open_database(settings)
    try:
        return database.now(lambda db: _role(db, typed, name, remove=remove))
    finally:
        database.close()


def _role(db: Session, typed: str, name: str, *, remove: bool) -> str:
    found = find(db, typed)
    if len(found) != 1:
        raise Unusable("nobody fits" if not found else "several people fit; give the employee number")
    person = found[0]
    held = db.exec(select(Role).where(Role.person_id == person.id, Role.name == name)).first()
    if remove and held is not None:
        db.delete(held)
    if not remove and held is None:
        db.add(Role(person_id=person.id, name=name))
    done = "role.taken" if remove else "role.given"
    audit.append(db, [Change(done, "person", person.id, {"role": name})], None, "command line", datetime.now(UTC))
    return f"{person.number} is {'no longer ' if remove else ''}{name}"


def adopt(settings: Settings, industries: list[str]) -> str:
    """Loads templates of some industries; they stay as the company changed them if they are there already."""
    if not set(industries) <= set(INDUSTRIES):
        raise Unusable(f"there are templates for {', '.join(INDUSTRIES)}")
    database = open_database(settings)
    try:
        database.now(lambda db: load_templates(db, tuple(industries)))
    finally:
        database.close()
    return f"templates for {', '.join(industries)} are in the library"


def rotate_keys(settings: Settings) -> int:
    """How many values were sealed anew with the newest key."""
    database = open_database(settings)
    try:
        return rotation.rotate(database, vault_of(settings, sample=database.now(is_sample)))
    except Unreadable:
        raise Unusable("a value cannot be opened: keep the old key in PANDIAN_SECRET_KEY, behind the new one") from None
    finally:
        database.close()


def invite(settings: Settings, platform: str, workspace: str = "") -> str:
    """An address at which somebody installs the bot, once and within an hour, and only in `workspace` if one is named;
    no database is needed for it."""
    if platform != "slack":
        raise Unusable(f"only Slack's workspaces install the bot by an invitation, not {platform}")
    if not settings.slack or settings.slack_client_id is None:
        raise Unusable("set SLACK_CLIENT_ID and SLACK_CLIENT_SECRET to serve several workspaces (docs/slack.md)")
    from bot.platforms.slack import invitation

    made = (folder(settings) / KEY_FILE).exists()  # beside a sample database
    passes, now = Passes(keys_of(settings, sample=made)), clock_of(settings, sample=made)()
    try:
        return invitation(settings.public_url, passes, now, workspace)
    except ValueError as no:
        raise Unusable(str(no)) from None


def manifest(settings: Settings, platform: str, *, several: bool = False) -> str:
    """What to paste into (or to set in) a platform's developer console, as JSON. `several`: many of Slack's workspaces
    are to install the app, although the settings do not say so yet (its client id is only known once it is made)."""
    if platform == "slack":
        from bot.platforms.slack import manifest as slack_manifest

        oauth, socket = several or settings.slack_client_id is not None, settings.slack_app_token is not None
        if oauth and not settings.public_url:
            raise Unusable("set PANDIAN_PUBLIC_URL: Slack sends back there who installs the app")
        made = slack_manifest(settings.public_url, socket=socket or None, oauth=oauth)
    elif platform == "feishu":
        from bot.platforms.feishu import manifest as feishu_manifest

        made = feishu_manifest("" if settings.feishu_long_connection else settings.public_url)
    elif platform == "dingtalk":
        from bot.platforms.dingtalk import manifest as dingtalk_manifest

        made = dingtalk_manifest("" if settings.dingtalk_stream else settings.public_url)
    else:
        raise Unusable(f"I have a manifest for slack, feishu and dingtalk, not for {platform}")
    return json.dumps(made, indent=2, ensure_ascii=False)
