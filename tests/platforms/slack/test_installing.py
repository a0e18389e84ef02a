"""Who may install the bot, and what nobody can do with an address of it (threats T11, T27, T40, T41, T48, T54, T56)."""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from structlog.testing import capture_logs

from bot.passes import Passes
from bot.platforms.slack import Distribution, invitation
from bot.platforms.slack.grant import OTHER_APP, ROTATES, SCOPES_MISSING, Client, Unwanted, granted
from bot.platforms.slack.installing import INVITATION, STATE, Installing
from bot.platforms.slack.landing import reader
from bot.platforms.slack.manifest import SCOPES
from bot.platforms.slack.wire import Wire
from tests.fakes.slack import Fault
from tests.fakes.slack_oauth import CLIENT_ID, CLIENT_SECRET
from tests.platforms.slack.spaces import Spaces, browser, distributed, get
from tests.world import START as NOW

INVITE, LATE, CLOSED = "you need an invitation", "was finished already", "the browser in which you began"
HOUR = timedelta(hours=1)


@pytest.fixture
async def spaces(tmp_path: Path) -> AsyncIterator[Spaces]:
    """A bot that nobody has installed yet; somebody in Berlin would allow it."""
    async with distributed(tmp_path) as made:
        made.shop.consenting = made.berlin
        yield made


async def back_from_slack(visitor: aiohttp.ClientSession, spaces: Spaces, address: str = "") -> str:
    """The address to which Slack sends a browser that was invited and allowed it."""
    _status, _text, authorize = await get(visitor, address or spaces.address, follow=False)
    _status, _text, back = await get(visitor, authorize, follow=False)
    return back


def changed(address: str, **values: str) -> str:
    """An address with other values in its query; "" takes one away."""
    given = {name: held[0] for name, held in parse_qs(urlsplit(address).query).items()} | values
    return f"{address.partition('?')[0]}?{urlencode({name: said for name, said in given.items() if said})}"


FORGED: dict[str, Callable[[Spaces], str]] = {
    "none": lambda _: "",
    "empty parts": lambda _: "....",
    "another key": lambda s: Passes([bytes(range(1, 33))]).make(INVITATION, s.clock() + HOUR),
    "another purpose": lambda s: s.passes.make(STATE, s.clock() + HOUR),
    "expired": lambda s: s.passes.make(INVITATION, s.clock()),
    "longer": lambda s: s.passes.make(INVITATION, s.clock()).replace(".", "9.", 1),
    "unsigned": lambda s: s.passes.make(INVITATION, s.clock() + HOUR).rpartition(".")[0] + ".",
    "odd": lambda s: s.passes.make(INVITATION, s.clock() + HOUR) + "\u00e9",
    "huge": lambda _: "9" * 4000,
}


@pytest.mark.parametrize("kind", FORGED)
async def test_T27_T40_nobody_installs_without_an_invitation(spaces: Spaces, kind: str) -> None:
    async with browser() as visitor:
        address = f"{spaces.base}/slack/install?{urlencode({'invitation': FORGED[kind](spaces)})}"
        status, text, _at = await get(visitor, address, follow=False)
        assert (status, INVITE in text) == (403, True)
        assert not list(visitor.cookie_jar)
    assert not spaces.shop.asked


async def test_T27_an_invitation_works_once_and_for_an_hour(spaces: Spaces) -> None:
    address = spaces.address
    async with browser() as first, browser() as second:
        early, late = await back_from_slack(first, spaces, address), await back_from_slack(second, spaces, address)
        assert (await get(first, early))[0] == 200
        spaces.shop.consenting = spaces.osaka
        status, text, _at = await get(second, late)
        assert (status, LATE in text) == (403, True), "begun before, but somebody else was sooner"
        assert (await get(second, address))[0] == 403
    spaces.clock.now += timedelta(seconds=1)
    left = spaces.address
    spaces.clock.now += HOUR
    assert (await spaces.visit(left, spaces.osaka))[0] == 403
    assert [row.tenant for row in await spaces.stored()] == ["T0002"]


async def test_T27_an_invitation_can_be_for_one_workspace_alone(spaces: Spaces) -> None:
    for wanted, consenting, expected in (("T0003", spaces.berlin, 400), ("T0002", spaces.berlin, 200)):
        address = invitation(spaces.base, spaces.passes, spaces.clock(), wanted)
        status, text, _at = await spaces.visit(address, consenting)
        assert (status, "for another workspace" in text) == (expected, expected == 400)
        assert spaces.shop.asked[-1]["team"] == wanted, "Slack offers it first"
    organisation = invitation(spaces.base, spaces.passes, spaces.clock(), "E0001")
    assert (await spaces.visit(organisation, spaces.grid))[0] == 200
    assert "team" not in spaces.shop.asked[-1]
    assert [row.tenant for row in await spaces.stored()] == ["T0002", "E0001"]


async def test_T11_an_address_that_installed_does_nothing_again(spaces: Spaces) -> None:
    async with browser() as visitor:
        back = await back_from_slack(visitor, spaces)
        cookies = {one.key: one.value for one in visitor.cookie_jar}
        assert (await get(visitor, back))[0] == 200
        assert not list(visitor.cookie_jar), "the browser forgets it"
        assert (await get(visitor, back))[0] == 403
    async with aiohttp.ClientSession(cookies=cookies, cookie_jar=aiohttp.CookieJar(unsafe=True)) as again:
        status, text, _at = await get(again, back)
        assert (status, LATE in text) == (403, True)
    assert len(spaces.fake.called("oauth.v2.access")) == 1


@pytest.mark.parametrize("what", ["no cookie", "another browser's", "state missing", "state of another", "too late"])
async def test_T40_T41_only_the_browser_that_began_can_finish(spaces: Spaces, what: str) -> None:
    async with browser() as mine, browser() as theirs:
        back = await back_from_slack(mine, spaces)
        if what != "no cookie":
            other = await back_from_slack(theirs, spaces)
        state = parse_qs(urlsplit(other).query)["state"][0] if what == "state of another" else ""
        if what == "too late":
            spaces.clock.now += timedelta(minutes=10)
        by = mine if what == "too late" else theirs
        address = changed(back, state=state) if what.startswith("state") else back
        address = changed(address, code=parse_qs(urlsplit(back).query)["code"][0])
        if what == "state of another":
            by = mine
        status, text, _at = await get(by, address)
        assert status == 403
        assert (CLOSED in text) is (what in ("no cookie", "another browser's", "state of another"))
    assert not spaces.fake.called("oauth.v2.access")
    assert not await spaces.stored()


async def test_T54_everything_leads_to_slack_and_back_whatever_is_asked_for(spaces: Spaces) -> None:
    async with browser() as visitor:
        asked = {"redirect_uri": "https://evil.example/", "state": "mine", "scope": "admin", "next": "//evil.example"}
        headers = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
        address = f"{spaces.address}&{urlencode(asked)}"
        async with visitor.get(address, headers=headers, allow_redirects=False) as answer:
            went, cookie = answer.headers["Location"], answer.cookies["pandian_installing"]
        given = {name: held[0] for name, held in parse_qs(urlsplit(went).query).items()}
        assert went.startswith(f"{spaces.fake.base}/oauth/v2/authorize?")
        assert (given["redirect_uri"], given["scope"]) == (f"{spaces.base}/slack/oauth_redirect", ",".join(SCOPES))
        assert (given["client_id"], CLIENT_SECRET in went, "evil" in went) == (CLIENT_ID, False, False)
        assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/slack/")
        assert given["state"] != "mine"
    async with browser() as visitor, visitor.head(spaces.address, allow_redirects=False) as looked:
        assert looked.status == 405, "who only looks at an address does not begin"


async def test_T41_behind_a_proxy_the_cookie_is_for_https_and_for_our_path_alone(spaces: Spaces) -> None:
    base = "https://perf.example.com/below"
    by = Distribution(CLIENT_ID, CLIENT_SECRET, f"{base}/", spaces.tenants, spaces.passes)
    doors = Installing(by, Wire(spaces.fake.api_url), "", spaces.clock, spaces.tenants.find)
    app = web.Application()
    app.add_routes(doors.routes())
    async with TestServer(app) as server, browser() as visitor:
        path = invitation(base, spaces.passes, spaces.clock()).removeprefix(base)
        answer = await visitor.get(server.make_url(path), allow_redirects=False)
        cookie = answer.cookies["pandian_installing"]
        assert (cookie["secure"], cookie["path"], cookie["max-age"]) == (True, "/below/slack/", "600")
        back = parse_qs(urlsplit(answer.headers["Location"]).query)["redirect_uri"]
        assert back == [f"{base}/slack/oauth_redirect"]
        there = server.make_url("/slack/oauth_redirect?state=%ff&code=%00")
        odd = await visitor.get(there, headers={"Cookie": "pandian_installing=\xff"})
        assert odd.status == 403


async def test_T48_a_workspace_name_is_text_and_pages_run_nothing(spaces: Spaces) -> None:
    spaces.berlin.name = '<script>alert(1)</script>"><img src=x onerror=alert(2)>'
    async with browser() as visitor:
        back = await back_from_slack(visitor, spaces)
        async with visitor.get(back) as answer:
            text, told = await answer.text(), answer.headers
    assert "<script" not in text
    assert "<img" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "default-src 'none'" in told["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in told["Content-Security-Policy"]
    assert "unsafe" not in told["Content-Security-Policy"]
    kept = ("Cache-Control", "Referrer-Policy", "X-Content-Type-Options")
    assert [told[name] for name in kept] == ["no-store", "no-referrer", "nosniff"]


async def test_T56_logs_and_addresses_hold_no_secret(spaces: Spaces) -> None:
    with capture_logs() as logs:
        await spaces.visit(spaces.address, spaces.berlin)
        await spaces.visit(spaces.address, None)
        spaces.shop.withheld = "files:write"
        await spaces.visit(spaces.address, spaces.osaka)
        spaces.fake.fail("oauth.v2.access", Fault(status=502))
        await spaces.visit(spaces.address, spaces.osaka)
    told = repr(logs)
    assert "slack installed" in told
    for secret in (CLIENT_SECRET, "xoxb", ".code.", spaces.berlin.name):
        assert secret not in told
        assert not any(secret in repr(dict(one)) for one in spaces.shop.asked)
    sent = spaces.fake.called("oauth.v2.access")
    assert [set(one) for one in sent] == [{"code", "redirect_uri"}] * 3, "id and secret go in the header alone"
    assert CLIENT_SECRET not in repr(Client(CLIENT_ID, CLIENT_SECRET)) + repr(spaces.tenants)


WRONG: dict[str, tuple[Callable[[Spaces], object], str, int]] = {
    "cancelled": (lambda s: setattr(s.shop, "consenting", None), "Slack was not allowed to install", 403),
    "rotating": (lambda s: setattr(s.shop, "rotates", True), "token rotation", 400),
    "a scope less": (lambda s: setattr(s.shop, "withheld", "im:history"), "Missing: im:history", 400),
    "Slack is down": (lambda s: s.fake.fail("oauth.v2.access", Fault(status=503)), "(not_reached)", 400),
    "Slack hangs up": (lambda s: s.fake.fail("oauth.v2.access", Fault(reset=True)), "(not_reached)", 400),
    "no answer": (lambda s: s.fake.fail("oauth.v2.access", Fault(error="<b>")), "(unknown)", 400),
    "not this bot": (lambda s: s.fake.fail("auth.test", Fault(error="invalid_auth")), "(auth_test)", 400),
}


async def test_T56_an_error_of_ours_is_a_page_and_a_log_without_values(spaces: Spaces) -> None:
    address = spaces.address
    await spaces.database.run(lambda db: db.connection().exec_driver_sql("DROP TABLE installation"))
    with capture_logs() as logs:
        status, text, _at = await spaces.visit(address, spaces.berlin)
    assert (status, "Something went wrong here" in text) == (500, True)
    assert any(one["event"] == "slack installation failed" for one in logs)
    assert "xoxb" not in repr(logs)
    assert "INSERT" not in repr(logs)


@pytest.mark.parametrize("what", WRONG)
async def test_what_goes_wrong_is_said_and_nothing_is_stored(spaces: Spaces, what: str) -> None:
    wrong, said, expected = WRONG[what]
    wrong(spaces)
    async with browser() as visitor:
        address = spaces.address
        status, text, _at = await get(visitor, address)
    assert (status, said in text) == (expected, True), text
    assert not await spaces.stored()
    if what == "cancelled":
        assert (await spaces.visit(address, spaces.berlin))[0] == 200, "who pressed Cancel may change their mind"


async def test_what_slack_grants_is_looked_at_before_it_is_kept(spaces: Spaces) -> None:
    wire, back = Wire(spaces.fake.api_url), f"{spaces.base}/slack/oauth_redirect"
    wire.open()
    asked = f"{spaces.fake.base}/oauth/v2/authorize?" + urlencode(
        {"client_id": CLIENT_ID, "redirect_uri": back, "scope": ",".join(SCOPES)}
    )

    async def reason(client: Client, to: str = back, code: str = "") -> str:
        async with browser() as visitor:
            _status, _text, sent = await get(visitor, asked, follow=False)
        with pytest.raises(Unwanted) as no:
            await granted(wire, client, code or parse_qs(urlsplit(sent).query)["code"][0], to)
        return no.value.values.get("reason") or no.value.message

    right = Client(CLIENT_ID, CLIENT_SECRET)
    assert await reason(Client(CLIENT_ID, "another secret")) == "bad_client_secret"
    assert await reason(Client("1.2", CLIENT_SECRET)) == "invalid_client_id"
    assert await reason(right, f"{spaces.base}/slack/oauth_redirect/..") == "bad_redirect_uri"
    assert await reason(right, code="made.up") == "invalid_code"
    assert await reason(Client(CLIENT_ID, CLIENT_SECRET, "A0002")) == OTHER_APP
    used = next(code for code, held in spaces.shop.codes.items() if held.used)
    assert await reason(right, code=used) == "code_already_used"
    spaces.shop.rotates = True
    assert await reason(right) == ROTATES
    spaces.shop.rotates, spaces.shop.withheld = False, "commands"
    assert await reason(right) == SCOPES_MISSING
    await wire.close()


def test_T40_passes_say_only_what_we_signed() -> None:
    new, old = bytes(range(32)), bytes(range(32, 64))
    made = Passes([old]).make("a", NOW + HOUR, "x", "y")
    read = Passes([new, old]).read("a", made, NOW)
    assert read is not None
    assert read.said == ("x", "y"), "of the key before"
    assert Passes([new]).read("a", made, NOW) is None
    for forged in (made.replace(".x.", ".z."), made.replace(".x.y", ".x"), made.upper(), made[:-1], ""):
        assert Passes([old]).read("a", forged, NOW) is None
    assert Passes([old]).read("a", made, NOW + HOUR) is None
    with pytest.raises(ValueError, match="letters"):
        Passes([old]).make("a", NOW, "a.b")
    with pytest.raises(ValueError, match="key"):
        Passes([])


def test_a_browser_says_what_its_reader_likes_best() -> None:
    asked = ["ja", "fr, zh-CN;q=0.5, en;q=0.7", "zh-HK, en", "", "*;q=x, \x00;q=1e9, de", "en-GB;q=0,ja;q=0.1"]
    assert [reader(one).locale for one in asked] == ["ja", "en", "zh_Hant", "en", "en", "ja"]
