"""Feishu's directory in place of a file: every page, what is missing, and the command from end to end."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import date
from pathlib import Path
from typing import TypeVar

import pytest
from pydantic import SecretStr
from sqlmodel import Session, col, select

from bot import chores
from bot.db import Database
from bot.directory import TRIES, Directory, Unread
from bot.platforms.feishu import directory
from bot.serving import Unusable
from bot.settings import Settings
from models.audit import Audit
from models.department import Department
from models.identity import link_by_email
from models.person import HR, Person, Role
from tests.fakes.feishu import Fault, FeishuFake
from tests.fakes.feishu_contacts import BASE, DEPARTMENT, EMAIL, JOB, NAME, TREE, UNIT
from tests.fakes.feishu_store import TENANT
from tests.platforms.feishu.stage import NOW

STAFF = {"od-sales": 70, "od-east": 35, "od-tech": 24}
CHILDREN, MEMBERS = "GET /contact/v3/departments/{id}/children", "GET /contact/v3/users/find_by_department"
KEY = "c2V2ZW50ZWVuLXJhbmRvbS1ieXRlcy1hbmQtc29tZS1tb3Jl"
T = TypeVar("T")


@pytest.fixture
async def fake() -> AsyncIterator[FeishuFake]:
    """A company of three departments and 130 people: a boss at the top, two heads, one who has left."""
    made = FeishuFake(NOW.timestamp, limited=False)
    staff(made)
    await made.start()
    yield made
    await made.stop()


def staff(fake: FeishuFake) -> None:
    """Everybody, with their departments."""
    heads = {"od-sales": "ou_sales1", "od-east": "ou_east1", "od-tech": ""}
    titles = {"od-sales": "销售部", "od-east": "华东", "od-tech": "技术部"}
    for name, title in titles.items():
        parent = "od-sales" if name == "od-east" else "0"
        unit = {"name": title, "open_department_id": name, "parent_department_id": parent}
        fake.store.departments[name] = unit | {"leader_user_id": heads[name], "status": {"is_deleted": False}}
    fake.add_user("ou_boss", name="林志强", email="boss@acme.test")
    for place, many in STAFF.items():
        for number in range(1, many + 1):
            key = f"{place.removeprefix('od-')}{number}"
            person = fake.add_user(f"ou_{key}", name=f"Person {key}", email=f"{key}@acme.test")
            person.departments, person.job = (place,), "Clerk"
    people = fake.people
    people["ou_sales1"].leader = people["ou_tech1"].leader = "ou_boss"
    for number in range(2, STAFF["od-tech"] + 1):
        people[f"ou_tech{number}"].leader = "ou_tech1"
    people["ou_sales70"].resigned = people["ou_tech24"].frozen = True
    people["ou_east2"].departments, people["ou_east2"].joined = ("od-east", "od-tech"), 1709222400


def configured(fake: FeishuFake, folder: Path) -> Settings:
    """The settings of a company with this fake."""
    return Settings(
        DATABASE_URL=f"sqlite:///{folder}/company.db",
        PANDIAN_SECRET_KEY=SecretStr(KEY),
        PANDIAN_TIMEZONE="Asia/Shanghai",
        FEISHU_APP_ID=SecretStr(fake.app_id),
        FEISHU_APP_SECRET=SecretStr(fake.secret),
        FEISHU_API_URL=fake.base,
    )


async def brought(
    settings: Settings,
    *,
    apply: bool = True,
    by: str = "The owner",
    source: str = "feishu",
    file: Path | None = None,
) -> tuple[bool, str]:
    """Whether all was in order, and what was said."""
    said: list[str] = []
    given = chores.Import("people", file, dry_run=not apply, apply=apply, approved_by=by, source=source)
    ok = await asyncio.to_thread(chores.bring_in, settings, given, said.append)
    return ok, "\n".join(said)


async def asked(fake: FeishuFake, secret: str = "") -> Directory:
    """What is read."""
    return await directory.read(fake.app_id, secret or fake.secret, fake.base, zone="Asia/Shanghai", company="All")


async def refusal(fake: FeishuFake, secret: str = "") -> tuple[str, object]:
    """The sentence and the scope that it names."""
    with pytest.raises(Unread) as no:
        await asked(fake, secret)
    return no.value.message, no.value.facts.get("scope")


async def test_every_page_is_read_and_everybody_once(fake: FeishuFake) -> None:
    found = await asked(fake)
    members = {one.id: one for one in found.members}
    assert (len(found.members), len(members), len(found.units), found.notes) == (130, 130, 4, ())
    assert len(fake.called(MEMBERS)) == 1 + 2 + 1 + 1
    assert (members["ou_boss"].unit, found.units[0].name) == ("0", "All")
    assert (members["ou_east2"].unit, members["ou_east2"].hired_on) == ("od-east", date(2024, 3, 1))
    assert [one.id for one in found.members if one.active is False] == ["ou_sales70", "ou_tech24"]
    assert (members["ou_tech2"].leader, members["ou_tech2"].title) == ("ou_tech1", "Clerk")


async def test_a_long_list_of_departments(fake: FeishuFake) -> None:
    for number in range(120):
        unit = {"name": f"Team {number}", "open_department_id": f"od-{number}", "parent_department_id": "od-tech"}
        fake.store.departments[f"od-{number}"] = unit
    fake.store.departments["od-0"]["status"] = {"is_deleted": True}
    assert len((await asked(fake)).units) == 4 + 119
    assert len(fake.called(CHILDREN)) == 3


@pytest.mark.parametrize(
    ("scope", "sentence", "named"),
    [
        (BASE, directory.NO_SCOPE, BASE),
        (NAME, directory.NO_SCOPE, NAME),
        (DEPARTMENT, directory.NO_SCOPE, DEPARTMENT),
        (UNIT, directory.NO_SCOPE, UNIT),
        (TREE, directory.NO_SCOPE, TREE),
        (JOB, directory.NO_NUMBERS, JOB),
    ],
)
async def test_a_missing_scope_is_named(fake: FeishuFake, scope: str, sentence: str, named: str) -> None:
    fake.scopes.remove(scope)
    assert await refusal(fake) == (sentence, named)


async def test_addresses_may_be_missing(fake: FeishuFake) -> None:
    fake.scopes.remove(EMAIL)
    assert [one.message for one in (await asked(fake)).notes] == [directory.NO_EMAILS]


async def test_half_a_company_is_none(fake: FeishuFake) -> None:
    fake.fail(CHILDREN, Fault(code=40014))
    assert await refusal(fake) == (directory.NOT_WHOLE, None)
    fake.fail(MEMBERS, Fault(code=40014))
    assert await refusal(fake) == (directory.NOT_WHOLE, None)
    for one in fake.people.values():
        one.seen = False
    assert await refusal(fake) == (directory.NOT_WHOLE, None)


async def test_it_waits_and_tries_again_for_a_while(fake: FeishuFake) -> None:
    limit = Fault(code=99991400, status=429, wait=0)
    fake.fail(MEMBERS, *[limit] * 3)
    assert len((await asked(fake)).members) == 130
    fake.fail(MEMBERS, *[limit] * TRIES)
    assert await refusal(fake) == (directory.BUSY, None)
    fake.fail(CHILDREN, Fault(reset=True))
    assert len((await asked(fake)).members) == 130
    fake.fail(CHILDREN, *[Fault(status=502)] * TRIES)
    assert await refusal(fake) == (directory.SILENT, None)


async def test_a_wrong_secret(fake: FeishuFake) -> None:
    assert await refusal(fake, "wrong-secret-of-nobody-0123") == (directory.REFUSED, None)


async def test_twice_is_once(fake: FeishuFake, tmp_path: Path) -> None:
    settings = configured(fake, tmp_path)
    ok, said = await brought(settings, apply=False)
    assert ok
    assert "In the file: 130 people in 4 departments." in said
    assert "New: 130. Changed: 0. Unchanged: 0. Leaving: 2." in said
    assert people(settings) == {}
    assert (await brought(settings))[0]
    stored = people(settings)
    assert (len(stored), stored["boss"].manager_id) == (130, None)
    assert stored["sales1"].manager_id == stored["tech1"].manager_id == stored["boss"].id
    assert stored["sales2"].manager_id == stored["east1"].manager_id == stored["sales1"].id
    assert stored["east35"].manager_id == stored["east1"].id
    assert {number for number, one in stored.items() if one.left_at} == {"sales70", "tech24"}
    assert heads(settings) == {"销售部": "sales1", "华东": "east1", "技术部": "tech1", "The company": "boss"}
    do(settings, lambda db: db.add(Role(person_id=stored["boss"].id, name=HR)))
    ok, said = await brought(settings, by="boss")
    assert ok
    assert "New: 0. Changed: 0. Unchanged: 130. Leaving: 0." in said
    assert [one.model_dump() for one in people(settings).values()] == [one.model_dump() for one in stored.values()]


async def test_what_changes_between_two_runs(fake: FeishuFake, tmp_path: Path) -> None:
    settings = configured(fake, tmp_path)
    await brought(settings)
    do(settings, lambda db: db.add(Role(person_id=person(db, "boss").id, name=HR)))
    fake.people["ou_tech3"].leader, fake.people["ou_tech4"].resigned = "ou_tech2", True
    fake.people["ou_tech24"].frozen = False
    ok, said = await brought(settings, by="boss")
    assert ok
    assert "New: 0. Changed: 3. Unchanged: 127. Leaving: 1." in said
    stored = people(settings)
    assert stored["tech3"].manager_id == stored["tech2"].id
    assert (stored["tech4"].left_at is None, stored["tech24"].left_at) == (False, None)
    bodies = do(settings, lambda db: [one.body for one in db.exec(select(Audit)).all()])
    assert not any("acme.test" in body or "林志强" in body for body in bodies)


async def test_an_imported_person_is_linked_by_the_address_at_the_first_word(fake: FeishuFake, tmp_path: Path) -> None:
    settings = configured(fake, tmp_path)
    await brought(settings)
    found = do(settings, lambda db: link_by_email(db, "feishu", TENANT, "ou_boss", "boss@acme.test", NOW))
    assert found is not None


async def test_a_finding_names_the_person(fake: FeishuFake, tmp_path: Path) -> None:
    fake.people["ou_tech5"].number = ""
    fake.people["ou_tech7"].number = "tech6"
    settings = configured(fake, tmp_path)
    ok, said = await brought(settings)
    assert not ok
    assert "(Person tech5) · Employee number: This is missing." in said
    assert "(Person tech6) has the same employee number." in said
    assert "2 errors. Nothing was stored." in said
    assert people(settings) == {}


async def test_the_command_wants_one_source(fake: FeishuFake, tmp_path: Path) -> None:
    settings = configured(fake, tmp_path)
    file = tmp_path / "staff.csv"
    for source, given in (("", None), ("icq", None), ("feishu", file), ("icq", file)):
        with pytest.raises(Unusable, match="--from feishu"):
            await brought(settings, source=source, file=given)
    fake.scopes.remove(NAME)
    with pytest.raises(Unusable, match=NAME):
        await brought(settings)
    with pytest.raises(Unusable, match="FEISHU_APP_ID"):
        await brought(Settings(DATABASE_URL=settings.database_url, PANDIAN_SECRET_KEY=SecretStr(KEY)))


def do(settings: Settings, work: Callable[[Session], T]) -> T:
    """What a transaction gives."""
    database = Database(settings.database_url)
    try:
        return database.now(work)
    finally:
        database.close()


def person(db: Session, number: str) -> Person:
    """By number."""
    return db.exec(select(Person).where(Person.number == number)).one()


def people(settings: Settings) -> dict[str, Person]:
    """Everybody, by number."""
    found = do(settings, lambda db: db.exec(select(Person).order_by(col(Person.id))).all())
    return {one.number: one for one in found}


def heads(settings: Settings) -> dict[str, str]:
    """Whose department it is, by its name."""
    everybody = {one.id: one.number for one in people(settings).values()}
    units = do(settings, lambda db: db.exec(select(Department)).all())
    return {one.name("en"): everybody.get(one.head_id or 0, "") for one in units}
