"""Access that is lost and comes back: of one workspace among several, in several replicas, and of the only one."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.capability import Gone, Later, Message
from bot.events import Who
from bot.platforms.slack import Slack
from bot.platforms.slack.several import HERE, NOT_HERE
from tests.fakes import slack_payloads as payloads
from tests.fakes.slack import TOKEN, Fault
from tests.platforms.slack.spaces import Spaces, distributed, kept, slack_on
from tests.platforms.slack.stage import CARD, Application, Stage

BEA, OTA = Who("slack", "T0002", "UBEA"), Who("slack", "T0003", "UOTA")
CARDED = Message(CARD)


@pytest.fixture
async def spaces(tmp_path: Path) -> AsyncIterator[Spaces]:
    """A bot that nobody has installed yet."""
    async with distributed(tmp_path) as made:
        yield made


@pytest.mark.parametrize("kind", ["app_uninstalled", "tokens_revoked"])
async def test_where_it_is_removed_nothing_is_sent_and_the_others_go_on(spaces: Spaces, kind: str) -> None:
    await spaces.installed(spaces.berlin, spaces.osaka)
    about = {"tokens": {"oauth": ["UBEA"], "bot": ["UBOTT0002"]}} if kind == "tokens_revoked" else {}
    assert await spaces.tells(spaces.berlin, kind, **about) == 200
    await spaces.slack.deliver(BEA, CARDED)  # the token works: the event was an old one
    if about:
        assert await spaces.tells(spaces.berlin, kind, tokens={"oauth": ["UBEA"]}) == 200
    spaces.shop.remove(spaces.berlin, "token_revoked")
    spaces.fake.fail("auth.test", Fault(status=500))
    assert await spaces.tells(spaces.berlin, kind, **about) == 503, "Slack repeats it"
    assert await spaces.tells(spaces.berlin, kind, **about) == 200
    assert await spaces.tells(spaces.berlin, kind, **about) == 200, "the second event of two"
    with pytest.raises(Gone, match="no access: not installed"):
        await spaces.slack.deliver(BEA, CARDED)
    await spaces.slack.deliver(OTA, CARDED)
    ended = (await spaces.stored())[0]
    assert (ended.sealed, ended.ended_at is None) == (None, False)
    await spaces.installed(spaces.berlin)
    await spaces.slack.deliver(BEA, CARDED)


async def test_a_refusal_of_one_workspace_stops_no_other(spaces: Spaces) -> None:
    await spaces.installed(spaces.berlin, spaces.osaka)
    spaces.fake.fail("chat.postMessage", Fault(status=429, retry_after=7), Fault(error="token_revoked"))
    with pytest.raises(Later) as busy:
        await spaces.slack.deliver(BEA, CARDED)
    assert 6 <= busy.value.seconds <= 7
    assert not busy.value.everywhere
    with pytest.raises(Later) as odd:
        await spaces.slack.deliver(OTA, CARDED)
    assert not odd.value.entirely, "Slack knows the token when it is asked: nothing has ended"
    spaces.fake.fail("users.list", Fault(error="token_revoked"))
    listed: list[str] = []

    async def read() -> None:
        async for who, _profile in spaces.slack.roster(()):
            listed.append(who.tenant)

    with pytest.raises(Gone, match="no access: token_revoked"):
        await read()
    assert set(listed) == {"T0003"}, "the directory of the other one is read all the same"
    spaces.shop.remove(spaces.osaka, "account_inactive")
    with pytest.raises(Gone, match="no access: account_inactive"):
        await spaces.slack.deliver(OTA, CARDED)
    assert [row.tenant for row in await spaces.stored() if row.sealed] == ["T0002"]
    spaces.shop.remove(spaces.berlin, "org_login_required")
    with pytest.raises(Later):
        await spaces.slack.profile(BEA)
    assert (await spaces.stored())[0].sealed, "somebody there can mend that"


async def test_another_replica_installs_and_removes(spaces: Spaces) -> None:
    other = slack_on(spaces.fake, spaces.base, kept(spaces.database, spaces.clock), spaces.clock)
    app = Application()
    await other.start(app)
    assert other.ready()
    with pytest.raises(Gone):
        await other.deliver(BEA, CARDED)
    await spaces.installed(spaces.berlin)
    _pass(other, NOT_HERE + 0.1)
    await other.deliver(BEA, CARDED)
    spaces.shop.remove(spaces.berlin)
    await spaces.tells(spaces.berlin, "app_uninstalled")
    spaces.shop.install(spaces.berlin)
    await other.deliver(BEA, CARDED)  # believed for a minute, and Slack still takes it
    _pass(other, HERE + 0.1)
    with pytest.raises(Gone):
        await other.deliver(BEA, CARDED)
    await other.stop()


async def test_a_token_that_was_renewed_elsewhere_is_taken_and_not_ended(spaces: Spaces) -> None:
    await spaces.installed(spaces.berlin)
    held = await spaces.tenants.find("T0002")
    assert held is not None
    await spaces.slack.deliver(BEA, CARDED)
    spaces.fake.branches["xoxb-renewed"] = spaces.fake.branches[held.token]
    await spaces.tenants.save(replace(held, token="xoxb-renewed"))
    spaces.shop.remove(spaces.berlin, "token_revoked")
    with pytest.raises(Later) as soon:
        await spaces.slack.deliver(BEA, CARDED)
    assert not soon.value.entirely
    await spaces.slack.deliver(BEA, CARDED)
    assert (await spaces.stored())[0].ended_at is None


async def test_ready_once_slack_answers_for_one(spaces: Spaces) -> None:
    await spaces.installed(spaces.berlin, spaces.osaka)
    spaces.shop.remove(spaces.berlin)
    spaces.fake.fail("auth.test", *[Fault(status=500)] * 2)
    late = slack_on(spaces.fake, spaces.base, spaces.tenants, spaces.clock)
    await late.start(Application())
    assert not late.ready()
    await late._workspaces.whoami.knocking  # type: ignore[attr-defined]
    assert late.ready()
    assert [row.tenant for row in await spaces.stored() if row.sealed] == ["T0003"], "the other one was removed"
    await late.stop()


async def test_one_workspace_that_loses_access_is_not_ready_until_it_has_it_again(http: Stage) -> None:
    fake = http.driver.fake
    assert http.platform.ready()
    fake.ended[TOKEN] = "account_inactive"
    await http.driver.deliver("events_api", payloads.happened({"type": "app_uninstalled"}))
    assert not http.platform.ready()
    with pytest.raises(Later) as stopped:
        await http.platform.deliver(Who("slack", "T0001", "U0001"), CARDED)
    assert stopped.value.entirely, "there is nobody else to send to"
    del fake.ended[TOKEN]
    await http.platform._workspaces.whoami.knocking  # type: ignore[attr-defined]
    assert http.platform.ready()
    await http.platform.deliver(Who("slack", "T0001", "U0001"), CARDED)
    foreign = payloads.happened({"type": "app_uninstalled"}) | {"api_app_id": "A9"}
    status, _said = await http.driver.deliver("events_api", foreign)
    assert (status, http.platform.ready()) == (403, True)


def _pass(slack: Slack, seconds: float) -> None:
    """What a replica believes of its tenants gets older."""
    held = slack._workspaces
    now = held._now()  # type: ignore[attr-defined]
    held._now = lambda: now + seconds  # type: ignore[attr-defined]
