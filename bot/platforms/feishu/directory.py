"""The whole directory by the contact API: departments first, then who is directly in each; all of it or nothing."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.calls import Answer
from bot.capability import Gone, Profile
from bot.directory import Directory, Member, Patience, Unit, Unread
from bot.platforms.feishu.api import Api
from bot.platforms.feishu.profiles import profile_of
from bot.text import N_, later

ROOT = "0"
CHILDREN, MEMBERS = f"/contact/v3/departments/{ROOT}/children", "/contact/v3/users/find_by_department"
IDS = {"user_id_type": "open_id", "department_id_type": "open_department_id"}
PAGE, MOST_PAGES = 50, 400
# A frozen account cannot be used, so it counts as left; who has not joined yet works here all the same.
LEFT = ("is_resigned", "is_exited", "is_frozen")
BASE, EMAIL = "contact:contact.base:readonly", "contact:user.email:readonly"
NUMBER = "contact:user.employee:readonly"
# Feishu leaves a field out when its scope is missing, so a field that nobody has tells of its scope.
OF_PEOPLE = {"name": "contact:user.base:readonly", "department_ids": "contact:user.department:readonly"}
OF_UNITS = {"name": "contact:department.base:readonly", "parent_department_id": "contact:department.organize:readonly"}

NO_SCOPE = N_("Feishu does not show what the import needs. Grant the app the scope {scope} and publish a version.")
NO_NUMBERS = N_(
    "Feishu shows no employee numbers. Grant the app the scope {scope} and publish a version, or enter the numbers."
)
NOT_WHOLE = N_(
    "Feishu does not show the whole company. Set the app's contact data scope to all members and publish a version."
)
NO_EMAILS = N_(
    "Feishu shows no e-mail addresses (scope {scope}). They stay as they are, and accounts are linked by codes."
)
BUSY = N_("Feishu asks to wait because there are too many calls. Please try again in some minutes.")
SILENT = N_("Feishu does not answer. Please try again later.")
REFUSED = N_("Feishu refuses this app. “python -m bot doctor” says why.")
_patiently = Patience(SILENT, BUSY, REFUSED)


async def read(app_id: str, app_secret: str, base: str, *, zone: str, company: str) -> Directory:
    """Departments and people; `zone` tells which day a hiring instant is, `company` names the top if Feishu does not.

    Raises Unread, with one sentence that says what to do, unless everything could be read.
    """
    api = Api(app_id, app_secret, base)
    api.open()
    try:
        return await _read(api, ZoneInfo(zone), company)
    finally:
        await api.close()


async def _read(api: Api, zone: ZoneInfo, company: str) -> Directory:
    below = await _below(api)
    _shown(below, OF_UNITS)
    units = [_unit(one) for one in below]
    users, found = await _users(api, [unit.id for unit in units])
    _people(users.values())
    known = {unit.id for unit in units}
    members = tuple(_member(user, _home(user, found[account], known), zone) for account, user in users.items())
    if any(member.unit == ROOT for member in members):
        units = [Unit(ROOT, await _top(api) or company), *units]
    notes = () if any(one.email for one in members) else (later(NO_EMAILS, scope=EMAIL),)
    return Directory(tuple(units), members, notes)


async def accounts(api: Api) -> list[tuple[str, Profile]]:
    """Everybody's open_id and what Feishu says of them. Raises Unread."""
    users, _found = await _users(api, [_text(one, "open_department_id") for one in await _below(api)])
    return [(account, profile_of(user)) for account, user in users.items()]


async def _below(api: Api) -> list[Answer]:
    """Every department below the company itself."""
    return [one for one in await _pages(api, CHILDREN, fetch_child="true") if not _is(one, "is_deleted")]


async def _users(api: Api, units: Sequence[str]) -> tuple[dict[str, Answer], dict[str, str]]:
    """Everybody by open_id, and the department in which each was found first."""
    users: dict[str, Answer] = {}
    found: dict[str, str] = {}
    for place in (ROOT, *units):
        for user in await _pages(api, MEMBERS, department_id=place):
            account = _text(user, "open_id")
            users.setdefault(account, user)
            found.setdefault(account, place)
    return users, found


def _people(users: Iterable[Answer]) -> None:
    """Refuses what is not enough to go on."""
    held = list(users)
    if not held:
        raise Unread(NOT_WHOLE)
    _shown(held, OF_PEOPLE)
    if not any(_text(user, "employee_no") for user in held):
        raise Unread(NO_NUMBERS, scope=NUMBER)


def _shown(held: Sequence[Answer], scopes: Mapping[str, str]) -> None:
    for field, scope in scopes.items():
        if held and not any(field in one for one in held):
            raise Unread(NO_SCOPE, scope=scope)


def _unit(said: Answer) -> Unit:
    head = _text(said, "leader_user_id")
    return Unit(_text(said, "open_department_id"), _text(said, "name"), _text(said, "parent_department_id"), head)


def _member(user: Answer, unit: str, zone: ZoneInfo) -> Member:
    account = profile_of(user)  # the address by which the account is linked at its first word
    return Member(
        id=_text(user, "open_id"),
        name=account.name,
        number=_text(user, "employee_no"),
        unit=unit,
        email=account.email,
        title=_text(user, "job_title"),
        leader=_text(user, "leader_user_id"),
        active=not _is(user, *LEFT) if isinstance(user.get("status"), dict) else None,
        hired_on=_day(user.get("join_time"), zone),
    )


def _home(user: Answer, found: str, known: set[str]) -> str:
    """The main department of somebody who is in several."""
    orders = [one for one in _listed(user.get("orders")) if one.get("is_primary_dept") is True]
    said = user.get("department_ids")
    wanted = [one.get("department_id") for one in orders] + (said if isinstance(said, list) else [])
    return next((str(one) for one in wanted if one in known), found)


async def _top(api: Api) -> str:
    """The company's name, if Feishu tells it."""
    try:
        answer = await _patiently(lambda: api.call("GET", f"/contact/v3/departments/{ROOT}", **IDS))
    except Gone:
        return ""
    department = answer.get("data", {}).get("department")
    return _text(department, "name") if isinstance(department, dict) else ""


async def _pages(api: Api, path: str, **params: str) -> list[Answer]:
    """Every item of a list."""
    items: list[Answer] = []
    token: dict[str, str] = {}
    for _page in range(MOST_PAGES):
        data = await _data(api, path, **IDS, **params, **token, page_size=str(PAGE))
        items += _listed(data.get("items"))
        following = _text(data, "page_token")
        if data.get("has_more") is not True or not following:
            return items
        token = {"page_token": following}
    raise Unread(SILENT)


async def _data(api: Api, path: str, **params: str) -> Answer:
    try:
        data = (await _patiently(lambda: api.call("GET", path, **params))).get("data")
    except Gone as gone:
        if str(gone).startswith("no access"):
            raise Unread(NO_SCOPE, scope=BASE) from None
        raise Unread(NOT_WHOLE) from None
    return data if isinstance(data, dict) else {}


def _day(said: object, zone: ZoneInfo) -> date | None:
    """The day of an instant in seconds; 0 says nothing."""
    return datetime.fromtimestamp(said, zone).date() if isinstance(said, int) and 0 < said < 2**31 else None


def _is(said: Answer, *names: str) -> bool:
    status = said.get("status")
    return isinstance(status, dict) and any(status.get(name) is True for name in names)


def _text(said: Mapping[str, Any], name: str) -> str:
    value = said.get(name)
    return value if isinstance(value, str) else ""


def _listed(held: object) -> list[Answer]:
    return [one for one in held if isinstance(one, dict)] if isinstance(held, list) else []
