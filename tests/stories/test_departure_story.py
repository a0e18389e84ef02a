"""T37: an account is closed in the chat's own directory, and what waited for its owner goes on without an import."""

from datetime import timedelta

import pytest
from sqlmodel import select

from models.audit import Audit
from models.identity import Identity
from models.person import Person
from models.plan import Plan
from tests.drivers.dingtalk import DingTalkDriver
from tests.drivers.feishu import FeishuDriver
from tests.drivers.slack import SlackDriver
from tests.fakes.slack_payloads import happened
from tests.stories.acts import plan_submitted
from tests.world import World

BOTH_WAYS = ["dingtalk", "dingtalk-http", "feishu", "feishu-socket", "slack", "slack-socket"]
CLOSED = "was closed in the chat's own directory"


async def closes(world: World, handle: str) -> None:
    """The company closes somebody's account, and the platform says so."""
    user = world[handle].user
    match world.driver:
        case DingTalkDriver() as dingtalk:
            assert (await dingtalk.fake.leave(user)).taken
        case FeishuDriver() as feishu:
            feishu.fake.people[user].resigned = True
            pushed = await feishu.fake.contact(user, "deleted")
            assert pushed.status == 200
        case SlackDriver() as slack:
            account = slack.fake.store.users[user]
            account["deleted"] = True
            status, _ = await slack.deliver("events_api", happened({"type": "user_change", "user": account}))
            assert status == 200
    await world.settle()


async def person(world: World, handle: str) -> Person:
    """Somebody's row."""
    return await world.run(lambda db: db.get_one(Person, world[handle].id))


@pytest.mark.parametrize("world", BOTH_WAYS, indirect=True)
async def test_what_waited_for_a_leaver_goes_on_and_hr_is_told(world: World) -> None:
    await plan_submitted(world)
    await world["dana"].says("perf")
    held = len(world["eva"].messages)
    await closes(world, "eva")
    plan = await world.run(lambda db: db.exec(select(Plan).where(Plan.person_id == world["ana"].id)).one())
    assert (plan.state, plan.waits_for_id) == ("submitted", world["boss"].id)
    world["helen"].sees("Eva", CLOSED)
    assert len(world["eva"].messages) == held
    told = await world.run(lambda db: db.exec(select(Audit).where(Audit.action == "person.left")).all())
    assert [(one.subject_id, one.actor_id) for one in told] == [(world["eva"].id, None)]
    await closes(world, "eva")
    assert sum(CLOSED in seen.text for seen in world["helen"].messages) == 1


@pytest.mark.parametrize("world", ["feishu"], indirect=True)
async def test_names_follow_and_who_went_on_elsewhere_stays(world: World) -> None:
    """A name that HR wrote otherwise stays as it is; so does who used another account since."""
    fake, ana = world.driver.fake, world["ana"]  # type: ignore[attr-defined]
    for name, before, now in (("Ana Lima", "Ana Silva", "Ana Lima"), ("A. Lima", "Ana Maria", "Ana Lima")):
        fake.people[ana.user].name = name
        await fake.contact(ana.user, "updated", name=before)
        assert (await person(world, "ana")).name == now
    later = world.clock() + timedelta(days=1)
    await world.run(lambda db: db.add(Identity(platform="slack", user="U1", person_id=ana.id, seen_at=later)))
    await closes(world, "ana")
    assert (await person(world, "ana")).left_at is None
