"""The HTTP door against forged, stale, broken and foreign requests (threats T01-T06, T09, T10, T51)."""

import asyncio
import gzip
import json
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from multidict import CIMultiDict
from structlog.testing import capture_logs

from bot.doorway import MOST, Refused
from bot.platforms.slack import Slack, door
from tests.fakes import slack_payloads as payloads
from tests.fakes.slack import SECRET, TOKEN
from tests.fakes.slack_payloads import signed
from tests.platforms.slack.stage import FORM, JSON, Stage, command, playing, send


@pytest.mark.parametrize(
    "forged",
    [
        None,
        "",
        "v0=",
        "v0=" + "0" * 64,
        "sha256=" + "0" * 64,
        "short",
        "upper",
        "other",
    ],
)
async def test_T01_wrong_signature_is_refused_and_not_logged(http: Stage, forged: str | None) -> None:
    body = command(http, "salary-canary")
    headers = signed(body, http.clock().timestamp())
    right = headers["X-Slack-Signature"]
    made = {"short": right[:-1], "upper": right.upper(), "other": signed(body, 1e9, "x9" * 16)["X-Slack-Signature"]}
    if forged is None:
        del headers["X-Slack-Signature"]
    else:
        headers["X-Slack-Signature"] = made.get(forged, forged)
    with capture_logs() as logs:
        status, text = await http.driver.post(body, headers | FORM)
    assert (status, text, http.app.events) == (401, "", [])
    assert [line["event"] for line in logs] == ["slack request refused"]
    assert "canary" not in json.dumps(logs)


@pytest.mark.parametrize(("at", "status"), [(-300, 200), (300, 200), (-301, 401), (301, 401), (-86400, 401)])
async def test_T02_only_fresh_timestamps(http: Stage, at: float, status: int) -> None:
    assert await send(http, command(http), FORM, at=at) == status
    assert len(http.app.events) == (status == 200)


@pytest.mark.parametrize("stamp", ["abc", "", "-1", "1e9", "１２", "9" * 5000, "1.5", " 1 2", "0x10", "é"])
async def test_T03_malformed_timestamps_are_refused(http: Stage, stamp: str) -> None:
    body = command(http)
    headers = signed(body, http.clock().timestamp()) | {"X-Slack-Request-Timestamp": stamp}
    assert (await http.driver.post(body, headers | FORM))[0] == 401


async def raw_status(stage: Stage, body: bytes, lines: list[bytes]) -> int:
    """The status of a request written byte by byte, for headers that no client would send."""
    address = urlsplit(stage.driver.base)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    head = [b"POST /slack/events HTTP/1.1", b"Host: x", b"Connection: close", *lines]
    length = f"Content-Length: {len(body)}".encode()
    writer.write(b"\r\n".join([*head, length, b"", body]))
    await writer.drain()
    answer = await asyncio.wait_for(reader.readline(), 5)
    writer.close()
    return int(answer.split()[1])


async def test_T03_signature_of_odd_bytes_or_twice_is_refused(http: Stage) -> None:
    body = command(http)
    headers = signed(body, http.clock().timestamp())
    lines = [f"{name}: {value}".encode() for name, value in (headers | FORM).items()]
    assert await raw_status(http, body, lines) == 200
    assert await raw_status(http, body, [*lines, lines[1]]) == 401
    assert await raw_status(http, body, [lines[0], *lines]) == 401
    assert await raw_status(http, body, [lines[0], b"X-Slack-Signature: v0=\xe9\xff", lines[2]]) == 401


async def test_T04_the_signature_covers_the_raw_bytes(http: Stage) -> None:
    body = command(http, "a b")
    assert await send(http, body.replace(b"a+b", b"a%20b"), FORM) == 200
    headers = signed(body, http.clock().timestamp()) | FORM
    assert (await http.driver.post(body.replace(b"a+b", b"a%20b"), headers))[0] == 401


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b'{"type":"event_callback"', JSON),
        (b"[1,2]", JSON),
        (b'"text"', JSON),
        (b'\xef\xbb\xbf{"type":"x"}', JSON),
        (b'{"type":"\xff"}', JSON),
        (b'{"type":"a","type":"b"}', JSON),
        (b'{"type":"x","n":NaN}', JSON),
        (b'{"type":"x","n":' + b"9" * 5000 + b"}", JSON),
        (b'{"type":"\\ud800"}', JSON),
        (b"", JSON),
        (b"", FORM),
        (b"payload=%7Bbroken", FORM),
        (b"payload=%5B%5D", FORM),
        (b"text=%ff%fe&command=/perf", FORM),
        (b"text=\xe4&command=/perf", FORM),
        (b"command=/a&command=/b", FORM),
        (b"no-equals-sign", FORM),
        ("&".join(f"k{n}=v" for n in range(1000)).encode(), FORM),
        (b"command=%2Fperf&text=x", FORM),
        (b'{"type":"event_callback"}', JSON),
        (b'{"type":"event_callback","event_id":5,"event":[]}', JSON),
        (b"<xml/>", {"Content-Type": "text/xml"}),
    ],
)
async def test_T04_broken_bodies_are_400(http: Stage, body: bytes, kind: dict[str, str]) -> None:
    assert await send(http, body, kind) == 400
    assert http.app.events == []


@given(st.text(st.sampled_from("a=&%+;F0f9E2\u00e4 8"), max_size=24))
@example("a=%EF%BF%BD&b=%F0%9F%98%80+x")
def test_T04_a_form_is_read_as_strictly_as_the_standard_library_reads_it(body: str) -> None:
    """By a faster reader, which would put something else where a byte makes no sense."""
    try:
        body.encode("ascii")
        pairs = parse_qsl(body, keep_blank_values=True, strict_parsing=True, errors="strict")
        strictly: object = dict(pairs) if pairs and len(dict(pairs)) == len(pairs) else Refused
    except ValueError:
        strictly = Refused
    try:
        found: object = door.parsed(body.encode(), "application/x-www-form-urlencoded")
    except Refused:
        found = Refused
    assert found == strictly


@pytest.mark.parametrize("secret", ["", "   ", "changeme", "x" * 15, "x" * 32, f"{SECRET},", f"{SECRET}, short"])
def test_T05_weak_secrets_refuse_to_start(secret: str) -> None:
    with pytest.raises(ValueError, match="SLACK_SIGNING_SECRET") as refused:
        Slack(secret, TOKEN)
    assert SECRET not in str(refused.value)
    with pytest.raises(ValueError, match="SLACK_BOT_TOKEN"):
        Slack(SECRET, " ")


async def test_T06_old_secret_until_it_is_retired(http: Stage) -> None:
    old, new = "0123456789abcdef" * 2, "fedcba9876543210" * 2
    body, now = b"ssl_check=1", http.clock().timestamp()
    both, after = door.secrets_of(f"{new}, {old}"), door.secrets_of(new)
    headers = CIMultiDict(signed(body, now, old))
    assert door.verified(headers, body, both, http.clock()) == old.encode()
    with pytest.raises(Refused) as refused:
        door.verified(headers, body, after, http.clock())
    assert refused.value.status == 401
    with capture_logs() as logs:
        await send(http, command(http), FORM)
        await send(http, command(http), FORM)
    used = [line["key"] for line in logs if line["event"] == "slack signing secret in use"]
    assert used == [door.fingerprint(SECRET.encode())]


async def test_T09_challenge_only_when_signed_small_and_as_json(http: Stage) -> None:
    asked = json.dumps({"type": "url_verification", "challenge": "<b>3eZ</b>", "token": "t"}).encode()
    assert (await http.driver.post(asked, JSON))[0] == 401
    headers = signed(asked, http.clock().timestamp()) | JSON
    assert await http.driver.post(asked, headers) == (200, '{"challenge": "<b>3eZ</b>"}')
    big = json.dumps({"type": "url_verification", "challenge": "x" * 10_000}).encode()
    assert await send(http, big, JSON) == 400


async def test_ssl_check_is_answered_only_when_signed(http: Stage) -> None:
    assert (await http.driver.post(b"ssl_check=1&token=t", FORM))[0] == 401
    assert await send(http, b"ssl_check=1&token=t", FORM) == 200


@pytest.mark.parametrize("changed", [{"team_id": "T0666"}, {"api_app_id": "A0666"}])
async def test_T10_other_workspace_or_app_is_403(http: Stage, changed: dict[str, str]) -> None:
    with capture_logs() as logs:
        assert await send(http, command(http, **changed), FORM) == 403
    assert (http.app.events, logs[-1]["status"]) == ([], 403)


async def test_T10_over_socket_mode_too() -> None:
    async with playing(socket=True) as stage:
        store = stage.driver.fake.store
        made = payloads.slash(store, "U0001", "C0001", "/perf", "", "http://127.0.0.1:9/hooks")
        foreign = made | {"team_id": "T0666"}
        assert await stage.driver.fake.envelope("slash_commands", foreign, 0.5) is None
        assert await stage.driver.fake.envelope("slash_commands", made) == {}
        assert len(stage.app.events) == 1


async def test_T51_size_depth_and_compression(http: Stage) -> None:
    assert await send(http, b"x" * (MOST + 1), FORM) == 413
    deep = b'{"type":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    assert await send(http, deep, JSON) == 400
    assert await send(http, b"payload=" + quote(deep.decode()).encode(), FORM) == 400
    packed = gzip.compress(b"x" * 50_000_000)
    assert await send(http, packed, FORM | {"Content-Encoding": "gzip"}) == 400
    assert await send(http, command(http), FORM) == 200


async def test_T51_huge_chunked_body_is_cut_off(http: Stage) -> None:
    address = urlsplit(http.driver.base)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    writer.write(b"POST /slack/events HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
    chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
    for _ in range(40):
        writer.write(chunk)
    answer = await asyncio.wait_for(reader.readline(), 10)
    writer.close()
    assert answer.split()[1] == b"413"
