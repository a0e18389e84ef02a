"""Several workspaces: installed with a browser, told apart, removed, and shared by replicas (threats T10, T58)."""

import base64
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import web
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.oauth.installation_store import FileInstallationStore
from slack_sdk.oauth.state_store import FileOAuthStateStore
from slack_sdk.web.async_client import AsyncWebClient
from sqlmodel import select

from bot import chores
from bot.app import Bot
from bot.capability import Gone, Later, Message
from bot.events import Attached, Who
from bot.passes import Passes
from bot.platforms.slack import Slack, inbound
from bot.platforms.slack.installing import INVITATION
from bot.rotation import rotate
from bot.serving import Unusable, add_platforms
from bot.settings import load
from bot.vault import Unreadable, Vault
from models.audit import Audit
from tests.fakes import slack_payloads as payloads
from tests.fakes.slack import SECRET, TOKEN, FakeSlack
from tests.fakes.slack_oauth import CLIENT_ID, CLIENT_SECRET, placed
from tests.platforms.slack.spaces import Spaces, browser, distributed, get, kept, slack_on
from tests.platforms.slack.stage import CARD, Application
from tests.prepared import sqlite_at
from tests.world import KEY, QuickCharts

BEA, OTA, GIA = Who("slack", "T0002", "UBEA"), Who("slack", "T0003", "UOTA"), Who("slack", "E0001", "WGIA")
CARDED = Message(CARD)


@pytest.fixture
async def spaces(tmp_path: Path) -> AsyncIterator[Spaces]:
    """A bot that nobody has installed yet."""
    async with distributed(tmp_path) as made:
        yield made


async def test_two_workspaces_install_the_bot_and_are_kept_apart(spaces: Spaces) -> None:
    assert spaces.slack.ready(), "nobody has installed it yet, but the doors are open"
    assert await spaces.says(spaces.berlin, "UBEA") == 403
    status, text, _at = await spaces.visit(spaces.address, spaces.berlin, "fr;q=0.9, zh-TW;q=0.8, en;q=0.1")
    assert (status, 'lang="zh-Hant"' in text) == (200, True)
    assert "slack://app?team=T0002&amp;id=A0001" in text
    await spaces.installed(spaces.osaka)
    for branch, who in ((spaces.berlin, BEA), (spaces.osaka, OTA)):
        assert await spaces.says(branch, who.user) == 200, "at once, although it was foreign a moment ago"
        assert spaces.app.said().who == who
        before = len(branch.posts)
        ref = await spaces.slack.deliver(who, CARDED)
        assert (ref.channel, len(branch.posts)) == (branch.dm(who.user), before + 1)
        profile = await spaces.slack.profile(who)
        assert profile is not None
        assert profile.email == f"{who.user.lower()}@acme.test"
    assert await spaces.slack.profile(Who("slack", "T0003", "UBEA")) is None, "nobody there has that id"
    mixed = payloads.typed(spaces.berlin, "UBEA", "perf") | {"api_app_id": "A0999"}
    assert await spaces.post(spaces.berlin, mixed) == 403
    with pytest.raises(Gone, match="no access: not installed"):
        await spaces.slack.deliver(Who("slack", "T0009", "U9"), CARDED)
    rows = await spaces.stored()
    assert [(row.tenant, row.bot_user, row.bot, row.by) for row in rows] == [
        ("T0002", "UBOTT0002", "B0001T0002", "UADMIN"),
        ("T0003", "UBOTT0003", "B0001T0003", "UADMIN"),
    ]


async def test_a_file_is_fetched_with_the_token_of_its_workspace(spaces: Spaces) -> None:
    await spaces.installed(spaces.berlin, spaces.osaka)
    about = payloads.shared(spaces.osaka, spaces.fake.base, "proof.txt", b"proof")
    assert await spaces.post(spaces.osaka, payloads.typed(spaces.osaka, "UOTA", "", [about])) == 200
    attached = spaces.app.last()
    assert isinstance(attached, Attached)
    url = attached.files[0].url
    assert await spaces.slack.fetch(url, 100) == b"proof"
    assert await spaces.slack.fetch(f"T0003:{about['id']}", 100) == b"proof", "by its id as well"
    with pytest.raises(Gone):
        await spaces.slack.fetch(url.replace("T0003", "T0002"), 100)
    with pytest.raises(Gone):
        await spaces.slack.fetch(about["url_private"], 100)


async def test_in_a_whole_organisation_a_person_has_one_account_in_all_workspaces(spaces: Spaces) -> None:
    status, text, _at = await spaces.visit(spaces.address, spaces.grid)
    assert (status, "app.slack.com/manage/E0001/" in text) == (200, True), "it is not in any workspace yet"
    grid, hooks = spaces.grid, f"{spaces.fake.base}/hooks"
    sent = [
        (payloads.typed(grid, "WGIA", "perf"), "T0011"),
        (payloads.slash(grid, "WGIA", grid.dm("WGIA"), "/perf", "goals", hooks), "T0012"),
        (payloads.opened("WGIA", grid.dm("WGIA"), "messages"), "T0012"),
    ]
    for payload, team in sent:
        assert await spaces.post(grid, payload, team) == 200
        assert spaces.app.last().who == GIA
    names = {who.user: who.tenant async for who, _profile in spaces.slack.roster(())}
    assert names == {"WGIA": "E0001", "UADMIN": "E0001"}
    lone = {"type": "team_access_granted", "team_ids": ["T0011"]}
    told = payloads.happened(lone) | {"team_id": None, "enterprise_id": "E0001", "authorizations": []}
    assert await spaces.post(grid, told) == 200, "an organisation's own events have no team"
    assert await spaces.says(spaces.shop.add("T0011", "Alone"), "UADMIN") == 403, "an outsider is none of them"


async def test_a_workspace_of_an_organisation_that_installed_it_alone_stays_one(spaces: Spaces) -> None:
    part = spaces.shop.add("T0021", "Part", enterprise="E0002")
    part.add_user("UPAT", name="Pat", email="pat@acme.test")
    await spaces.installed(part)
    assert await spaces.says(part, "UPAT") == 200
    assert spaces.app.last().who.tenant == "T0021"
    other = spaces.shop.add("T0022", "Other", enterprise="E0002")
    assert await spaces.says(other, "UADMIN") == 403, "the rest of the organisation did not install it"


async def test_who_comes_from_elsewhere_in_a_shared_channel_stays_a_stranger(spaces: Spaces) -> None:
    await spaces.installed(spaces.berlin)
    spaces.berlin.add_user("UFAR", name="Far", email="bea@acme.test")
    spaces.berlin.users["UFAR"] |= {"is_stranger": True, "team_id": "T0099"}
    mention = payloads.mentioned("UFAR", "C1", "perf") | {"is_ext_shared_channel": True}
    mention["event"] |= {"user_team": "T0099", "source_team": "T0099"}
    assert await spaces.post(spaces.berlin, mention) == 200
    profile = await spaces.slack.profile(spaces.app.last().who)
    assert profile is not None
    assert not profile.vouched
    foreign = payloads.interaction(spaces.berlin, "UFAR", "shortcut") | {"callback_id": "perf.tasks"}
    assert await spaces.post(spaces.berlin, foreign, "T0099") == 403


async def test_T58_a_stolen_database_shows_no_token_and_keys_can_be_changed(spaces: Spaces) -> None:
    await spaces.installed(spaces.berlin, spaces.osaka)
    first = await spaces.tenants.find("T0002")
    assert first is not None
    await spaces.tenants.save(replace(first, token="xoxb-newer-fake"))
    file = Path(str(spaces.database.writer.url.database))
    seen = b"".join(path.read_bytes() for path in file.parent.glob(f"{file.name}*") if path.suffix != ".lock")
    assert b"xoxb-" not in seen
    one, other = await spaces.stored()
    with pytest.raises(Unreadable):
        Vault([KEY]).open(("installation", "sealed", other.id), one.sealed or b"")
    new = bytes(range(32, 64))
    assert rotate(spaces.database, Vault([new, KEY])) == 2
    moved = kept(spaces.database, spaces.clock, new)
    assert sorted(one.token for one in await moved.all()) == ["xoxb-1-fake-of-t0003", "xoxb-newer-fake"]
    with pytest.raises(Unreadable):
        await spaces.tenants.all()
    lost = slack_on(spaces.fake, spaces.base, spaces.tenants, spaces.clock)
    await lost.start(Application())
    assert not lost.ready(), "messages wait until the key is there"
    with pytest.raises(Later):
        await lost.deliver(BEA, CARDED)
    await lost.stop()


async def test_installations_are_in_the_audit_trail_without_their_tokens(spaces: Spaces) -> None:
    await spaces.installed(spaces.berlin, spaces.berlin)
    spaces.shop.remove(spaces.berlin)
    await spaces.tells(spaces.berlin, "app_uninstalled")
    said = await spaces.database.run(lambda db: db.exec(select(Audit)).all())
    assert [one.action for one in said] == ["installation.made", "installation.renewed", "installation.ended"]
    assert not any("xoxb" in one.body for one in said)


@pytest.mark.filterwarnings("ignore:BasicAuth is deprecated")
async def test_the_vendors_own_flow_installs_at_the_fake_as_ours_does(spaces: Spaces, tmp_path: Path) -> None:
    spaces.shop.redirects.append("http://127.0.0.1:1/back")
    store = FileInstallationStore(base_dir=str(tmp_path))
    settings = AsyncOAuthSettings(
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        scopes=["chat:write", "commands"],
        redirect_uri="http://127.0.0.1:1/back",
        authorization_url=f"{spaces.fake.base}/oauth/v2/authorize",
        installation_store=store,
        state_store=FileOAuthStateStore(expiration_seconds=60, base_dir=str(tmp_path)),
        install_page_rendering_enabled=False,
    )
    flow = AsyncOAuthFlow(client=AsyncWebClient(base_url=spaces.fake.api_url), settings=settings)
    for branch, team in ((spaces.osaka, "T0003"), (spaces.grid, None)):
        begun = await flow.handle_installation(AsyncBoltRequest(body=""))
        spaces.shop.consenting = branch
        async with browser() as visitor:
            _status, _text, back = await get(visitor, begun.headers["location"][0], follow=False)
        cookie = begun.headers["set-cookie"][0].partition(";")[0]
        back = back.partition("?")[2]
        done = await flow.handle_callback(AsyncBoltRequest(body="", query=back, headers={"cookie": cookie}))
        assert done.status == 200
        whole = team is None
        found = store.find_bot(enterprise_id="E0001" if whole else None, team_id=team, is_enterprise_install=whole)
        assert found is not None
        assert (found.bot_token, found.bot_user_id) == (branch.token, branch.bot)


async def test_one_token_of_a_whole_organisation(spaces: Spaces) -> None:
    token = spaces.shop.install(spaces.grid)
    alone = Slack(SECRET, token, api_url=spaces.fake.api_url, clock=spaces.clock)
    await alone.start(spaces.app)
    body = payloads.typed(spaces.grid, "WGIA", "perf")
    me = inbound.Identity("E0001", "UBOTE0001", "B0001E0001", "A0001", "E0001", True)
    served = await alone._workspaces.of(placed(body, spaces.grid, "T0011"))
    assert served is not None
    assert (served[1], served[1].tenant) == (me, "E0001")
    assert await alone._workspaces.of(body) is None
    assert {who.tenant async for who, _profile in alone.roster(())} == {"E0001"}
    await alone.stop()


async def test_bolt_does_not_switch_its_own_oauth_on(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "SLACK_BOT_TOKEN"):
        monkeypatch.setenv(name, "from-the-environment")
    fake = FakeSlack()
    await fake.start()
    slack = Slack(SECRET, TOKEN, api_url=fake.api_url)
    await slack.start(Application())
    assert slack._bolt is not None
    assert slack._bolt.oauth_flow is None
    assert slack._bolt.installation_store is None
    await slack.stop()
    await fake.stop()


async def test_all_workspaces_come_by_one_socket(tmp_path: Path) -> None:
    async with distributed(tmp_path, socket=True) as spaces:
        assert [route.path for route in spaces.slack.routes() if isinstance(route, web.RouteDef)] == [
            "/slack/install",
            "/slack/oauth_redirect",
        ]
        await spaces.installed(spaces.berlin, spaces.grid)
        for branch, who in ((spaces.berlin, BEA), (spaces.grid, GIA)):
            said = placed(payloads.typed(branch, who.user, "perf"), branch, "T0011" if branch.whole else "")
            assert await spaces.fake.envelope("events_api", said) is not None
            assert spaces.app.said().who == who
        foreign = placed(payloads.typed(spaces.osaka, "UOTA", "perf"), spaces.osaka)
        assert await spaces.fake.envelope("events_api", foreign, 0.2) is None


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An app for several workspaces."""
    for name, value in {"SIGNING_SECRET": SECRET, "CLIENT_ID": CLIENT_ID, "CLIENT_SECRET": CLIENT_SECRET}.items():
        monkeypatch.setenv(f"SLACK_{name}", value)
    monkeypatch.setenv("PANDIAN_PUBLIC_URL", "https://perf.example.com/")
    return monkeypatch


def test_the_environment_makes_a_bot_that_several_install(tmp_path: Path, environment: pytest.MonkeyPatch) -> None:
    environment.setenv("PANDIAN_SECRET_KEY", base64.b64encode(KEY).decode())
    database = sqlite_at(tmp_path)
    bot = Bot(database, Vault([KEY]), lambda: datetime.now(UTC), QuickCharts())  # type: ignore[arg-type]
    add_platforms(bot, load(), sample=False)
    paths = [route.path for route in bot.platforms["slack"].routes() if isinstance(route, web.RouteDef)]
    assert paths == ["/slack/events", "/slack/install", "/slack/oauth_redirect"]
    database.close()


def test_an_invitation_is_printed_without_the_database(tmp_path: Path, environment: pytest.MonkeyPatch) -> None:
    environment.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'none' / 'pandian.db'}")
    with pytest.raises(Unusable, match="PANDIAN_SECRET_KEY is missing"):
        chores.invite(load(), "slack")
    environment.setenv("PANDIAN_SECRET_KEY", base64.b64encode(KEY).decode())
    made = chores.invite(load(), "slack")
    assert made.startswith("https://perf.example.com/slack/install?invitation=")
    assert Passes((KEY,)).read(INVITATION, made.partition("=")[2], datetime.now(UTC)) is not None
    assert not (tmp_path / "none").exists()
    with pytest.raises(Unusable, match="only Slack's"):
        chores.invite(load(), "feishu")
    with pytest.raises(Unusable, match="named by its id"):
        chores.invite(load(), "slack", "berlin.slack.com")
    bound = chores.invite(load(), "slack", "T0002").partition("=")[2]
    found = Passes((KEY,)).read(INVITATION, bound, datetime.now(UTC))
    assert found is not None
    assert found.said == ("T0002",)
    for name in ("CLIENT_ID", "CLIENT_SECRET"):
        environment.delenv(f"SLACK_{name}")
    environment.setenv("SLACK_BOT_TOKEN", f"xoxb-{SECRET}")
    with pytest.raises(Unusable, match="set SLACK_CLIENT_ID"):
        chores.invite(load(), "slack")
