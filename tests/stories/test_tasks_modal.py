"""What waits for somebody, in a modal that Slack's own shortcut opens from anywhere: done there, and never outdated."""

from sqlmodel import select

from models.delivery import Delivery
from tests.drivers.slack import SlackDriver
from tests.stories.acts import plan_submitted
from tests.world import World


async def test_a_plan_is_sent_back_and_approved_from_the_shortcut(slack: tuple[World, SlackDriver]) -> None:
    world, driver = slack
    await plan_submitted(world)
    eva, dana = world["eva"], world["dana"]
    before = await world.run(lambda db: len(db.exec(select(Delivery)).all()))
    await driver.shortcut(eva.user)
    await eva.clicks("Approve Ana Silva's plan", eva.messages[-1])
    assert "Justified complaints" in eva.messages[-1].text
    assert await world.run(lambda db: len(db.exec(select(Delivery)).all())) == before, "nothing was sent to be seen"
    await eva.clicks("Return…", eva.messages[-1])
    await eva.fills({eva.form.labels[0]: "Fewer, please"})
    left = eva.messages[-1]
    assert left.text.startswith("My tasks\nReturned")
    assert "Approve Ana Silva's plan" not in left.text
    await dana.clicks("Submit")
    await eva.clicks("Home", left)
    await eva.clicks("Back to the list", eva.messages[-1])
    await eva.clicks("Approve Ana Silva's plan", eva.messages[-1])
    await eva.clicks("Approve", eva.messages[-1])
    assert eva.messages[-1].text.startswith("My tasks\nApproved. Next: Helen Zhou.\n2 things")
    assert driver.fake.refused == []
