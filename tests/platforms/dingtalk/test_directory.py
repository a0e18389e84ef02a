"""DingTalk's directory in place of a file: every page, what is missing, and the command from end to end."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlmodel import Session, select

from bot import chores
from bot.db import Database
from bot.directory import Directory, Unread
from bot.platforms.dingtalk import directory
from bot.serving import Unusable
from bot.settings import Settings
from models.department import Department
from models.person import Person
from tests.fakes.dingtalk import DingTalkFake, Fault
from tests.fakes.dingtalk_contacts import MAIL, READ, TREE
from tests.platforms.dingtalk.stage import NOW

KEY = "c2V2ZW50ZWVuLXJhbmRvbS1ieXRlcy1hbmQtc29tZS1tb3Jl"
UNITS = {10: ("销售部", 1, "s1"), 11: ("华东", 10, ""), 12: ("技术部", 1, "t1")}
LIST, SUB = "POST /topapi/v2/user/list", "POST /topapi/v2/department/listsub"


@pytest.fixture
async def fake() -> AsyncIterator[DingTalkFake]:
    """A company of three departments and 113 people: a boss at the top, two heads."""
    async with DingTalkFake(NOW.timestamp, limited=False) as made:
        for number, (name, above, head) in UNITS.items():
            made.store.departments[number] = {"dept_id": number, "name": name, "parent_id": above, "leaders": [head]}
        staff(made)
        yield made


def staff(fake: DingTalkFake) -> None:
    """Everybody, with their departments."""
    fake.add_user("boss", name="林志强", email="boss@acme.test", number="boss")
    for letter, place, many in (("s", 10, 102), ("e", 11, 5), ("t", 12, 5)):
        for one in range(1, many + 1):
            user = f"{letter}{one}"
            made = fake.add_user(user, name=f"Person {user}", email=f"{user}@acme.test", number=user, title="Clerk")
            made.departments = (place,)
    people = fake.people
    people["s1"].manager = people["t1"].manager = "boss"
    people["e2"].departments, people["e2"].hired = (11, 12), 1709222400


async def asked(fake: DingTalkFake, secret: str = "") -> Directory:
    """What is read."""
    given = (fake.client_id, secret or fake.client_secret)
    where = {"base": fake.base, "old_base": fake.old_base}
    return await directory.read(*given, **where, zone="Asia/Shanghai", company="All", a_second=10_000)


async def refusal(fake: DingTalkFake, secret: str = "") -> str:
    """The sentence that says why not."""
    with pytest.raises(Unread) as no:
        await asked(fake, secret)
    return no.value.message


@pytest.mark.parametrize("stringly", [False, True])
async def test_every_page_is_read_and_everybody_once(fake: DingTalkFake, stringly: bool) -> None:
    fake.contacts.stringly = stringly
    found = await asked(fake)
    members = {one.id: one for one in found.members}
    assert (len(found.members), len(members), found.notes) == (113, 113, ())
    assert {unit.id: (unit.name, unit.parent, unit.head) for unit in found.units} == {
        "1": ("Acme", "", ""),
        "10": ("销售部", "1", "s1"),
        "11": ("华东", "10", ""),
        "12": ("技术部", "1", "t1"),
    }
    assert (members["boss"].unit, members["e2"].unit) == ("1", "11")
    assert members["e2"].hired_on == date(2024, 3, 1)
    assert (members["s1"].leader, members["s2"].leader, members["s2"].title) == ("boss", "", "Clerk")


@pytest.mark.parametrize(("scope", "sentence"), [(READ, directory.NO_PERMISSION), (TREE, directory.NO_PERMISSION)])
async def test_a_missing_permission_is_said(fake: DingTalkFake, scope: str, sentence: str) -> None:
    fake.scopes.remove(scope)
    assert await refusal(fake) == sentence


async def test_what_is_missing_and_what_half_a_company_is(fake: DingTalkFake) -> None:
    fake.scopes.remove(MAIL)
    assert [one.message for one in (await asked(fake)).notes] == [directory.NO_EMAILS]
    fake.fail(LIST, Fault(code=60003))
    assert await refusal(fake) == directory.NOT_WHOLE
    for one in fake.people.values():
        one.number = ""
    assert await refusal(fake) == directory.NO_NUMBERS
    fake.people.clear()  # type: ignore[attr-defined]
    assert await refusal(fake) == directory.NOT_WHOLE
    assert await refusal(fake, "wrong-secret-of-nobody-0123") == directory.REFUSED


async def test_it_tries_again(fake: DingTalkFake) -> None:
    fake.fail(SUB, Fault(reset=True))
    assert len((await asked(fake)).members) == 113


async def test_the_command_from_end_to_end(fake: DingTalkFake, tmp_path: Path) -> None:
    for user in [user for user in fake.people if user[0] == "s" and int(user[1:]) > 2]:
        fake.people[user].left = True
    settings = Settings(
        DATABASE_URL=f"sqlite:///{tmp_path}/company.db",
        PANDIAN_SECRET_KEY=SecretStr(KEY),
        PANDIAN_TIMEZONE="Asia/Shanghai",
        DINGTALK_CLIENT_ID=SecretStr(f"{fake.client_id}"),
        DINGTALK_CLIENT_SECRET=SecretStr(fake.client_secret),
        DINGTALK_API_URL=fake.base,
        DINGTALK_OAPI_URL=fake.old_base,
    )
    said: list[str] = []
    given = chores.Import("people", None, dry_run=False, apply=True, approved_by="The owner", source="dingtalk")
    assert await asyncio.to_thread(chores.bring_in, settings, given, said.append)
    assert "In the file: 13 people in 4 departments." in "\n".join(said)
    managers, units = await asyncio.to_thread(stored, settings)
    assert managers["s1"] == managers["t1"] == "boss"
    assert (managers["s2"], managers["e1"], managers["t2"]) == ("s1", "s1", "t1")
    assert units["e2"] == "华东"
    with pytest.raises(Unusable, match="DINGTALK_CLIENT_ID"):
        await asyncio.to_thread(chores.bring_in, Settings(DATABASE_URL=settings.database_url), given, said.append)


def stored(settings: Settings) -> tuple[dict[str, str], dict[str, str]]:
    """The manager's number, and the department's name, of everybody by number."""
    database = Database(settings.database_url)
    try:
        return database.now(_stored)
    finally:
        database.close()


def _stored(db: Session) -> tuple[dict[str, str], dict[str, str]]:
    people = {one.id: one for one in db.exec(select(Person)).all()}
    units = {one.id: one.name("zh_Hans") for one in db.exec(select(Department)).all()}
    managers = {one.number: people[one.manager_id].number if one.manager_id else "" for one in people.values()}
    return managers, {one.number: units[one.department_id or 0] for one in people.values()}
