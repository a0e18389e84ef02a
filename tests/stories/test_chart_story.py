"""A workspace without charts of Slack's own reads the same as a picture: nothing is lost, nothing comes twice."""

from datetime import timedelta

from tests.drivers.slack import SlackDriver
from tests.stories.scoring import in_stage
from tests.world import World


async def test_a_refused_chart_comes_again_as_a_picture(slack: tuple[World, SlackDriver]) -> None:
    world, driver = slack
    await in_stage(world, "self_scoring", "ana", "kenji")
    world.clock.forward(timedelta(days=11))
    dana, store = world["dana"], driver.fake.store
    store.charts = False
    await dana.says("perf progress department")
    dana.sees("Sales · Self scoring · Q4 2026", "2 of 2 late.")
    (blocks,) = (post.now["blocks"] for post in store.posts if "Self scoring" in str(post.now["blocks"][0]))
    assert [block["type"] for block in blocks][:3] == ["header", "rich_text", "image"]
    assert [one.split(":")[0] for one in driver.fake.refused] == ["chat.postMessage"]
    await dana.says("perf progress department")
    dana.sees("2 of 2 late.")
    assert len(driver.fake.refused) == 1, "asked once, and not again that day"
