"""The whole directory by the contact API: departments first, then who is directly in each; all of it or nothing."""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.calls import Answer
from bot.capability import Gone, Profile
from bot.directory import Directory, Member, Patience, Unit, Unread
from bot.platforms.dingtalk.api import Api
from bot.platforms.dingtalk.codes import NoScope
from bot.platforms.dingtalk.profiles import GET, profile_of
from bot.platforms.dingtalk.quota import Quota
from bot.text import N_, later

ROOT = "1"
CHILDREN, DEPARTMENT = "/topapi/v2/department/listsub", "/topapi/v2/department/get"
MEMBERS = "/topapi/v2/user/list"
PAGE, MOST_PAGES, MOST_UNITS = 100, 400, 20_000
AT_ONCE, A_SECOND = 4, 16.0  # calls at once, and in a second

NO_PERMISSION = N_(
    "DingTalk does not show what the import needs. Grant the app the permissions for contacts and publish a version."
)
NO_NUMBERS = N_("DingTalk shows no employee numbers. Enter them in its contacts, or import a file.")
NOT_WHOLE = N_(
    "DingTalk does not show the whole company. Set the range of the app's contact permissions to all employees."
)
NO_EMAILS = N_("DingTalk shows no e-mail addresses. They stay as they are, and accounts are linked by codes.")
BUSY = N_("DingTalk asks to wait because there are too many calls. Please try again in some minutes.")
SILENT = N_("DingTalk does not answer. Please try again later.")
REFUSED = N_("DingTalk refuses this app. “python -m bot doctor” says why.")
_patiently = Patience(SILENT, BUSY, REFUSED)


async def read(
    client_id: str,
    client_secret: str,
    *,
    base: str,
    old_base: str,
    zone: str,
    company: str,
    a_second: float = A_SECOND,
) -> Directory:
    """Departments and people; `zone` tells which day a hiring instant is, `company` names the top if DingTalk does not,
    and `a_second` is how many accounts are read in a second.

    Raises Unread, with one sentence that says what to do, unless everything could be read.
    """
    quota = Quota(0, 0, lambda: datetime.now(UTC))
    api = Api(client_id, client_secret, base, old_base, quota)
    api.open()
    try:
        return await _read(api, ZoneInfo(zone), company, a_second)
    finally:
        await api.close()


async def _read(api: Api, zone: ZoneInfo, company: str, a_second: float) -> Directory:
    units = await _units(api)
    users, found = await _users(api, [unit.id for unit in units])
    _enough(users.values())
    users = await _detailed(api, users, a_second)
    heads = {unit: account for account, user in users.items() for unit in _led(user)}
    known = {ROOT, *(unit.id for unit in units)}
    units = [Unit(unit.id, unit.name, unit.parent, heads.get(unit.id, "")) for unit in units]
    members = tuple(_member(user, _home(user, found[account], known), zone) for account, user in users.items())
    if any(member.unit == ROOT for member in members):
        units = [Unit(ROOT, await _top(api) or company, head=heads.get(ROOT, "")), *units]
    notes = () if any(one.email for one in members) else (later(NO_EMAILS),)
    return Directory(tuple(units), members, notes)


async def accounts(api: Api) -> list[tuple[str, Profile]]:
    """Everybody's userid and what DingTalk says of them. Raises Unread."""
    users, _found = await _users(api, [unit.id for unit in await _units(api)])
    return [(account, profile_of(user)) for account, user in users.items()]


async def _users(api: Api, units: Sequence[str]) -> tuple[dict[str, Answer], dict[str, str]]:
    """Everybody by userid, and the department in which each was found first."""
    users: dict[str, Answer] = {}
    found: dict[str, str] = {}
    for place in (ROOT, *units):
        for user in await _members(api, place):
            account = _text(user, "userid")
            users.setdefault(account, user)
            found.setdefault(account, place)
    return users, found


async def _units(api: Api) -> list[Unit]:
    """Every department; DingTalk tells the direct children of one at a time."""
    units: list[Unit] = []
    waiting = [ROOT]
    while waiting:
        above = waiting.pop()
        for one in _listed((await _asked(api, CHILDREN, {"dept_id": int(above)})).get("result")):
            made = Unit(_text(one, "dept_id"), _text(one, "name"), _text(one, "parent_id") or above)
            units.append(made)
            waiting.append(made.id)
        if len(units) > MOST_UNITS:
            raise Unread(SILENT)
    return units


async def _members(api: Api, unit: str) -> list[Answer]:
    """Everybody directly in a department."""
    items: list[Answer] = []
    cursor = 0
    for _page in range(MOST_PAGES):
        answer = await _asked(api, MEMBERS, {"dept_id": int(unit), "cursor": cursor, "size": PAGE})
        result = answer.get("result")
        held: Mapping[str, Any] = result if isinstance(result, dict) else {}
        items += _listed(held.get("list"))
        following = _text(held, "next_cursor")
        if not _true(held.get("has_more")) or not following.isdigit():
            return items
        cursor = int(following)
    raise Unread(SILENT)


def _enough(users: Iterable[Answer]) -> None:
    """Refuses what is not enough to go on."""
    held = list(users)
    if not held:
        raise Unread(NOT_WHOLE)
    if not any(_text(user, "name") for user in held):
        raise Unread(NO_PERMISSION)
    if not any(_text(user, "job_number") for user in held):
        raise Unread(NO_NUMBERS)


def _member(user: Answer, unit: str, zone: ZoneInfo) -> Member:
    account = profile_of(user)  # the address by which the account is linked at its first word
    return Member(
        id=_text(user, "userid"),
        name=account.name,
        number=_text(user, "job_number"),
        unit=unit,
        email=account.email,
        title=_text(user, "title"),
        leader=_text(user, "manager_userid"),
        hired_on=_day(_text(user, "hired_date"), zone),
    )


def _home(user: Answer, found: str, known: Collection[str]) -> str:
    """The main department of somebody who is in several: the first that DingTalk names."""
    said = user.get("dept_id_list")
    return next((str(one) for one in said if str(one) in known), found) if isinstance(said, list) else found


async def _detailed(api: Api, users: Mapping[str, Answer], a_second: float) -> dict[str, Answer]:
    """Everybody with what lists leave out: the direct manager, and which departments they head. These calls cost
    nothing."""
    places = asyncio.Semaphore(AT_ONCE)

    async def one(account: str) -> Answer:
        async with places:
            result = (await _asked(api, GET, {"userid": account, "language": "zh_CN"})).get("result")
            await asyncio.sleep(AT_ONCE / a_second)
        return result if isinstance(result, dict) else {}

    told = await asyncio.gather(*(one(account) for account in users))
    return {account: {**users[account], **more} for account, more in zip(users, told, strict=True)}


def _led(user: Answer) -> list[str]:
    """The departments that somebody heads."""
    return [_text(one, "dept_id") for one in _listed(user.get("leader_in_dept")) if _true(one.get("leader"))]


async def _top(api: Api) -> str:
    """The company's name, if DingTalk tells it."""
    try:
        result = (await _patiently(lambda: api.old(DEPARTMENT, {"dept_id": int(ROOT)}))).get("result")
    except Gone:
        return ""
    return _text(result, "name") if isinstance(result, dict) else ""


async def _asked(api: Api, path: str, body: Mapping[str, object]) -> Answer:
    try:
        return await _patiently(lambda: api.old(path, body))
    except NoScope:
        raise Unread(NO_PERMISSION) from None
    except Gone:
        raise Unread(NOT_WHOLE) from None


def _day(said: str, zone: ZoneInfo) -> date | None:
    """The day of an instant in milliseconds."""
    seconds = int(said) / 1000 if said.isascii() and said.isdigit() and len(said) < 15 else 0
    return datetime.fromtimestamp(seconds, zone).date() if seconds else None


def _true(value: object) -> bool:
    """DingTalk's own samples show truths as text."""
    return str(value).lower() == "true"


def _text(said: Mapping[str, Any], name: str) -> str:
    """A text or a number as text."""
    value = said.get(name)
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _listed(held: object) -> list[Answer]:
    return [one for one in held if isinstance(one, dict)] if isinstance(held, list) else []
