"""People change: leavers, accounts that prove nothing, codes for somebody else, and organisations with loops."""

import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, select

from bot.db import Database
from bot.vault import Vault
from models.access import Actor, relations
from models.base import Refused, changes
from models.cycle import Cycle
from models.department import Department
from models.identity import CODE_LIFE, Identity, LinkCode, link_by_code, link_by_email, make_code
from models.person import HR, Person, Role, head_of, superior
from models.plan import Plan, begin_plans
from models.todo import Todo
from tests.prepared import sqlite_at
from tests.security import company
from tests.security.stage import SHM, click, filled, plan_of, play, said, submitted, who
from tests.world import KEY, START, World

GONE = "Your account is not active any more."
WRONG = "This code is not valid. Please ask HR for a new one."
ASK_HR = "I don't know this account yet. Ask HR for a code and send me: link CODE"


async def _leave(world: World, handle: str) -> None:
    def work(db: Session) -> None:
        company.by_handle(db, handle).left_at = world.clock.now

    await world.run(work)


@pytest.mark.parametrize("platform", ["web", "slack"])
async def test_T37_who_left_is_refused_from_that_moment_on_every_door(tmp_path: Path, platform: str) -> None:
    """Helen leaves with cards on her screen, a form open and a message queued: nothing of it works any more."""
    async with play(tmp_path, platform, fill=filled(("ana", "compliance"), ("bo", "draft"))) as worlds:
        world = worlds[platform]
        helen, plan = world["helen"], await plan_of(world, "ana")
        await helen.says("perf goals @ana")
        card = helen.card("Pass")
        await helen.clicks("Return…")
        await _leave(world, "helen")
        before, looks = len(helen.messages), card.text
        await helen.fills({"What should change?": "Everything"})
        await helen.clicks("Pass", card)
        assert helen.last.toast == GONE
        for line in ("perf", "perf cycle", "perf goals @ana", "1"):
            await helen.says(line)
        by = who(world, "helen")
        for event in (said(by, "perf help"), click(by, "home.show"), submitted(by, "cycle.open")):
            assert (await world.bot.dispatch(event)).toast == GONE
        assert (await plan_of(world, "ana")).version == plan.version
        shown = [message for message in helen.messages[before:] if message.text.strip() != GONE]
        assert not shown, "no message reaches who left"
        assert [message.text for message in helen.messages if message.id == card.id] == [looks]


async def test_T37_what_is_queued_or_changes_later_is_not_sent_to_who_left(tmp_path: Path) -> None:
    """A message for Dana waits, she leaves, then it is due; her old cards are not redrawn either."""
    async with play(tmp_path, "slack", fill=filled(("ana", "compliance"))) as worlds:
        slack = worlds["slack"]
        dana, ana, henry = slack["dana"], slack["ana"], slack["henry"]
        await dana.says("perf goals @ana")
        await _leave(slack, "dana")
        before = [message.text for message in dana.messages]
        await henry.says("perf goals @ana")
        await henry.clicks("Pass")
        await ana.clicks("Confirm")  # tells the author and the line manager: both are Dana
        await slack.settle()
        assert [message.text for message in dana.messages] == before


async def test_T37_who_left_is_nobodys_next_approver(tmp_path: Path) -> None:
    """Eva leaves before Dana submits: the step goes one level up, the todo too."""
    async with play(tmp_path, "web", fill=filled(("ana", "draft"))) as worlds:
        web = worlds["web"]
        await _leave(web, "eva")
        plan = await plan_of(web, "ana")
        await web.bot.dispatch(click(who(web, "dana"), "plan.submit", plan.id, plan.version))
        plan = await plan_of(web, "ana")
        assert plan.waits_for_id == web["boss"].id


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = sqlite_at(tmp_path)
    opened.now(lambda db: company.fill_bare(db, Vault([KEY]), START))
    yield opened
    opened.close()


@pytest.mark.parametrize("empty", ["", " ", "None", "null", "LINK", "0000000000", "\x00"])
def test_T40_a_missing_code_or_address_never_equals_a_missing_one(database: Database, empty: str) -> None:
    """People without an address, codes that were used or are over: nothing empty ever fits anything empty."""

    def work(db: Session) -> None:
        for handle in ("ana", "bo"):
            company.by_handle(db, handle).email = None
        db.flush()
        assert link_by_email(db, "slack", "T", "U1", empty, START) is None
        with pytest.raises(Refused, match="not valid"):
            link_by_code(db, "slack", "T", "U1", empty, START)
        assert not db.exec(select(Identity)).all()

    database.now(work)


def test_T40_a_code_works_once_and_for_a_day(database: Database) -> None:
    def work(db: Session) -> None:
        ana, helen = (company.by_handle(db, handle) for handle in ("ana", "helen"))
        late, used = (make_code(db, ana, helen.id, START)[1] for _ in range(2))
        with pytest.raises(Refused):
            link_by_code(db, "slack", "T", "U1", late, START + CODE_LIFE)
        assert link_by_code(db, "slack", "T", "U1", f" {used.lower()} ", START).person_id == ana.id
        with pytest.raises(Refused):
            link_by_code(db, "slack", "T", "U2", used, START)
        with pytest.raises(Refused):
            link_by_code(db, "slack", "T", "U2", late, START)
        assert used not in str([row.model_dump() for row in db.exec(select(LinkCode))]), "only a hash is kept"

    database.now(work)


def test_T39_T40_an_address_that_two_people_share_or_a_leaver_had_links_nobody(database: Database) -> None:
    def work(db: Session) -> None:
        leo, bo = (company.by_handle(db, handle) for handle in ("leo", "bo"))
        assert link_by_email(db, "slack", "T", "U1", leo.email or "", START) is None
        assert link_by_email(db, "slack", "T", "U1", "BO@corp.example", START) is not None
        assert link_by_email(db, "slack", "T", "U2", bo.email or "", START) is None, "one account a person and tenant"

    database.now(work)


async def test_T41_a_code_belongs_to_the_person_it_was_made_for(tmp_path: Path) -> None:
    """A stranger says Ana's code beside Helen's name: the account is Ana's, whatever else is in the line."""
    async with play(tmp_path, "slack", fill=filled(("ana", "active"))) as worlds:
        slack = worlds["slack"]
        slack.driver.add_user("UNEW", name="Helen", email="helen@corp.example", vouched=False)
        await slack.run(lambda db: _unlink(db, "ana"))
        code = await slack.run(lambda db: _code(db, slack.clock.now))
        say = slack.driver.type
        assert (await say("UNEW", "perf goals @ana")).status == 200
        await slack.settle()
        assert ASK_HR in slack.driver.messages("UNEW")[-1].text
        await say("UNEW", "link ABCDEFGHJK")
        assert WRONG in slack.driver.messages("UNEW")[-1].text
        await say("UNEW", f"person_id={slack['helen'].id} @helen link {code}")
        await slack.settle()
        owner = await slack.run(lambda db: db.exec(select(Identity.person_id).where(Identity.user == "UNEW")).one())
        assert owner == slack["ana"].id
        slack.driver.add_user("UTHIRD", name="Third", email="", vouched=False)
        await say("UTHIRD", f"link {code}")
        assert WRONG in slack.driver.messages("UTHIRD")[-1].text


def _unlink(db: Session, handle: str) -> None:
    person = company.by_handle(db, handle)
    for row in db.exec(select(Identity).where(Identity.person_id == person.id)).all():
        db.delete(row)


def _code(db: Session, now: datetime) -> str:
    return make_code(db, company.by_handle(db, "ana"), company.by_handle(db, "helen").id, now)[1]


# Organisations with loops, holes and nobody at the top

SIZE = 7
Chart = tuple[list[int], list[int], list[int], list[bool], int]
CHARTS = st.tuples(
    st.lists(st.integers(-1, SIZE - 1), min_size=SIZE, max_size=SIZE),  # manager of each, -1: none, may be oneself
    st.lists(st.integers(-1, SIZE - 1), min_size=3, max_size=3),  # head of each department
    st.lists(st.integers(-1, 2), min_size=3, max_size=3),  # department above each, loops included
    st.lists(st.booleans(), min_size=SIZE, max_size=SIZE),  # who left
    st.integers(0, 2 ** (SIZE * 2) - 1),  # who is HR, who an executive
)
CHAIN = st.lists(st.sampled_from(["manager", "second", "head", "executive"]), min_size=1, max_size=3)


@pytest.fixture(scope="module")
def empty() -> Iterator[Database]:
    with tempfile.TemporaryDirectory(dir=SHM if SHM.exists() else None) as folder:
        opened = sqlite_at(Path(folder))
        yield opened
        opened.close()


@settings(
    max_examples=40,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # shrinking an organisation takes minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(chart=CHARTS, chain=CHAIN, setter=st.sampled_from(["manager", "employee"]))
def test_T42_any_organisation_ends_at_somebody_fit_or_at_hr(
    empty: Database, chart: Chart, chain: list[str], setter: str
) -> None:
    """Every plan of a made-up organisation is submitted and approved until HR has it, or a sentence says why not."""

    def work(db: Session) -> None:
        people = _organisation(db, chart)
        cycle = _cycle(db, people, chain, setter)
        begin_plans(db, cycle, [person for person in people if person.left_at is None], START)
        db.flush()
        for person in people:
            assert superior(db, person, frozenset()) is not person
            head_of(db, person, frozenset())
        for plan in db.exec(select(Plan).where(Plan.cycle_id == cycle.id)).all()[-3:]:
            relations(db, Actor(people[0].id), plan)
            _driven(db, plan)
        raise Undone

    with pytest.raises(Undone):
        empty.now(work)


class Undone(Exception):
    """Ends a transaction that was only tried."""


def _driven(db: Session, plan: Plan) -> None:
    """From draft to HR by whoever is asked; each step asks somebody active who neither owns nor wrote the plan."""
    setter = db.exec(select(Todo.assignee_id).where(Todo.subject_id == plan.id, Todo.kind == "plan.submit")).one()
    company.ready(db, plan)
    for _step in range(5):
        if plan.state == "compliance":
            return
        by = setter if plan.state == "draft" else plan.waits_for_id
        handle = db.get_one(Person, by).handle
        verb = "submit" if plan.state == "draft" else "approve"
        if not _acted(db, plan, handle, verb):
            return
        waited = db.get_one(Person, plan.waits_for_id)
        assert waited.left_at is None
        assert waited.id not in (plan.person_id, plan.author_id)
    raise AssertionError("the chain does not end")


def _acted(db: Session, plan: Plan, handle: str, verb: str) -> bool:
    """Whether it went through; the one thing that may stop it is that HR has nobody who could go on."""
    try:
        company.act(db, plan, company.actor(db, handle), verb, START + timedelta(hours=1))
    except Refused as no:
        if no.message != "Nobody in HR can decide this who is not concerned themselves. Please ask your administrator.":
            raise
        return False
    return True


def _organisation(db: Session, chart: Chart) -> list[Person]:
    managers, heads, above, left, roles = chart
    departments = [Department(code=f"d{number}", names={"en": "d"}) for number in range(3)]
    people = [Person(number=f"n{number}", name=f"N {number}", handle=f"n{number}") for number in range(SIZE)]
    db.add_all([*departments, *people])
    db.flush()
    for number, department in enumerate(departments):
        department.parent_id = departments[above[number]].id if above[number] >= 0 else None
        department.head_id = people[heads[number]].id if heads[number] >= 0 else None
        department.path = f"/{department.id}/"
    for number, person in enumerate(people):
        person.manager_id = people[managers[number]].id if managers[number] >= 0 else None
        person.department_id = departments[number % 3].id
        person.left_at = START if left[number] else None
        for bit, role in enumerate((HR, "executive")):
            if roles >> (number * 2 + bit) & 1:
                db.add(Role(person_id=person.id, name=role))
    company._library(db, {"boss": people[0], "eva": people[1]})
    db.flush()
    return people


def _cycle(db: Session, people: list[Person], chain: list[str], setter: str) -> Cycle:
    day = START.date()
    cycle = Cycle(kind="year", name="Y", starts_on=day, ends_on=day, chain=chain, languages=[], owner_id=people[0].id)
    cycle.setter, cycle.state = setter, "setting"
    db.add(cycle)
    db.flush()
    changes(db).clear()
    return cycle
