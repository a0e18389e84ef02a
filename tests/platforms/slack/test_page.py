"""The App Home tab: published by whoever holds it, guarded by Slack's hash, and never in the way of messages."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.capability import PAGE, Answer, Gone, Later, Message, Rate, Ref
from bot.platforms.slack.limits import rates
from tests.fakes import slack_payloads as payloads
from tests.fakes.slack import Fault
from tests.platforms.slack.stage import ANA, CARD, NOW, Stage
from tests.platforms.slack.test_delivery import DRAWN

TAB = Ref("", PAGE)
METHOD = "views.publish"


async def publish(stage: Stage, title: str = "Goal 7", locale: str = "en") -> None:
    """One drawing of Ana's page."""
    await stage.platform.update(ANA, TAB, Message(replace(CARD, title=title), locale))


def shown(stage: Stage) -> str:
    """Ana's page as characters."""
    return stage.driver.messages(ANA.user)[-1].text


async def test_its_last_line_says_when_in_the_readers_own_way(http: Stage) -> None:
    await publish(http)
    at = int(NOW.timestamp())
    assert shown(http).endswith(f"Updated <!date^{at}^{{date_short}} {{time}}|2 Mar 2026, 09:00 UTC>")
    http.clock.now += timedelta(hours=1)
    await publish(http, locale="zh_Hans")
    assert re.search(rf"<!date\^{at + 3600}\^[^|]+\|2026年3月2日 10:00 UTC>", shown(http))
    assert http.refused == []


async def test_every_drawing_names_the_one_it_was_made_for(http: Stage) -> None:
    for number in range(3):
        await publish(http, f"Goal {number}")
    calls = http.driver.fake.called(METHOD)
    assert ["hash" in call for call in calls] == [False, True, True]
    assert calls[1]["hash"] != calls[2]["hash"]


async def test_what_another_replica_published_is_not_covered_by_older_figures(http: Stage) -> None:
    await publish(http, "Old")
    http.driver.fake.methods.publish({"user_id": ANA.user, "view": http.driver.fake.called(METHOD)[0]["view"]})
    with pytest.raises(Later) as again:
        await publish(http, "Older still")
    assert (again.value.seconds < 1, again.value.everywhere) == (True, False)
    assert shown(http).startswith("Old\n")
    await publish(http, "New")
    assert shown(http).startswith("New\n"), "drawn anew it needs no hash"


async def test_the_hash_of_what_is_looked_at_comes_with_the_event(http: Stage) -> None:
    """It was published by another process: this one knows of it by the event, and of none if nothing stood there."""
    await http.driver.open_home(ANA.user)
    http.driver.fake.methods.publish({"user_id": ANA.user, "view": {"type": "home", "blocks": [{"type": "divider"}]}})
    await http.driver.open_home(ANA.user)
    stands = http.driver.fake.store.homes[ANA.user]
    await publish(http)
    assert http.driver.fake.called(METHOD)[-1]["hash"] == stands.hash
    for view in ("x", ["x"], 7):
        odd = payloads.opened(ANA.user, "D0001")
        odd["event"]["view"] = view
        assert (await http.driver.deliver("events_api", odd))[0] == 400


async def test_a_picture_that_is_refused_is_left_out_in_the_end(http: Stage) -> None:
    http.driver.fake.store.unsettled = 1
    await http.platform.update(ANA, TAB, DRAWN)
    assert http.driver.messages(ANA.user)[-1].pictures == 1, "it was only not there yet"
    http.driver.fake.store.unsettled = 9
    await http.platform.update(ANA, TAB, DRAWN)
    assert http.driver.messages(ANA.user)[-1].pictures == 0
    assert "Revenue: 40%" in shown(http)
    assert len(http.driver.fake.called(METHOD)) == 2 + 4


async def test_whatever_slack_says_no_to_is_no_answer_for_messages(http: Stage) -> None:
    http.driver.fake.store.home_tab = False
    with pytest.raises(Gone, match="no access: not_enabled"):
        await publish(http)
    http.driver.fake.store.home_tab = True
    with pytest.raises(Gone, match="message refused: invalid_arguments"):
        await http.platform.update(replace(ANA, user="U0404"), TAB, Message(CARD))
    http.driver.fake.fail(METHOD, Fault(429, retry_after=30))
    with pytest.raises(Later) as limited:
        await publish(http)
    assert (limited.value.seconds, limited.value.everywhere, limited.value.entirely) == (30, True, False)
    await http.platform.deliver(ANA, Message(CARD))


async def test_a_chart_without_a_picture_is_its_figures_there(http: Stage) -> None:
    """Slack says of its own charts that they are for messages."""
    await http.platform.update(ANA, TAB, replace(DRAWN, pictures={}))
    assert "Revenue: 40%" in shown(http)
    assert http.refused == []


async def test_a_stranger_is_answered_in_place(http: Stage) -> None:
    http.app.answer = Answer(card=Message(replace(CARD, title="Pandian", actions=())))
    await http.driver.open_home(ANA.user)
    await http.driver.open_home(ANA.user)
    assert shown(http).startswith("Pandian\n")
    assert ["hash" in call for call in http.driver.fake.called(METHOD)] == [False, True]


def test_pages_have_a_limit_of_their_own() -> None:
    """Tier 4 of a workspace; many presses at once wait for nothing."""
    assert rates().page == (Rate(100, 60, 40),)
    assert (rates(pages=0).page, rates(pages=0).redraw) == ((), rates().redraw)
