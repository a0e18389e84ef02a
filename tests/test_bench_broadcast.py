"""The broadcast's benchmark sends what it says and prints what it found, with a handful of people; nothing is timed."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp.test_utils import unused_port

from bench import campaign, ticks
from bench.broadcast import Sent, baseline, broadcast, prepare, receiver
from bench.campaign import POSTGRESQL, SQLITE, Found, Sizes
from bench.process import Failed
from bench.receiver import Board, Connection, Taken, busiest
from bench.ticks import Tick
from tests import postgres

BODY = b'{"channel": "D%d", "metadata": {"event_payload": {"key": "delivery:%d"}}, "text": "x"}'
PEOPLE = 12


async def test_everybody_gets_every_announcement_in_order(tmp_path: Path) -> None:
    """Two announcements to twelve people by a real sender; then a tick, which leaves alone who owes nothing."""
    url = prepare(f"sqlite:///{tmp_path / 'bench.db'}", PEOPLE, ticks.TODOS)
    async with receiver(0.01) as to:
        sent = await broadcast(to, url, PEOPLE, broadcasts=2, calls=200)
        sample = (await to.asked("sample")).decode()
    assert sent.messages == 2 * PEOPLE
    assert "Questions? Type" in sample
    assert sent.queued > 0
    assert len(sent.memory) == 3
    assert all(one > 0 for one in (sent.rate, sent.cpu, sent.first, *sent.memory))
    assert ticks.run(url).made == PEOPLE


@pytest.mark.postgres
@pytest.mark.parametrize("engine", ["pgqueuer", "procrastinate"])
async def test_the_other_queues_post_the_same(server: postgres.Server, engine: str) -> None:
    async with receiver(0.0) as to:
        sent = await baseline(to, engine, server.create(), 5, BODY.decode() % (1, 1))
    assert (sent.messages, sent.memory) == (5, ())


def test_the_receiver_sees_what_comes_twice_or_too_early() -> None:
    taken = Taken()
    places = [taken.message(BODY % one) for one in ((1, 5), (1, 7), (2, 6), (1, 6), (1, 7))]
    assert places == [b"D1", b"D1", b"D2", b"D1", b"D1"]
    assert taken.message(b"{}") == b"D0"
    found = taken.figures([60.0])
    assert (found["count"], found["doubled"], found["disordered"], found["unkeyed"]) == (6, 2, 1, 1)
    assert found["busiest"] == [6]


def test_the_busiest_window_is_found_wherever_it_is() -> None:
    assert busiest([0.0, 0.9, 1.1, 1.5, 1.89, 2.1], 1.0) == 4
    assert busiest([0.0, 1.0, 2.0], 1.0) == 1
    assert busiest([], 1.0) == 0


async def test_the_receiver_reads_requests_in_pieces() -> None:
    port, board = unused_port(), Board(0.0)
    served = await asyncio.get_running_loop().create_server(lambda: Connection(board), "127.0.0.1", port)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    body = BODY % (3, 9)
    head = b"POST /api/chat.postMessage HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body)
    whole = head + body + b"GET /figures?window=1 HTTP/1.1\r\nHost: x\r\n\r\n"
    for part in (whole[:30], whole[30:90], whole[90:]):
        writer.write(part)
        await writer.drain()
    said = await asyncio.wait_for(reader.readuntil(b'"busiest": [1]}'), 5)
    assert said.count(b"HTTP/1.1 200") == 2
    assert b'"channel":"D3"' in said
    writer.close()
    served.close()


async def test_a_sender_that_ends_too_early_is_named(tmp_path: Path) -> None:
    """It finds no tables."""
    async with receiver(0.0) as to:
        with pytest.raises(Failed, match="0 of 1 came; sender ended"):
            await broadcast(to, f"sqlite:///{tmp_path / 'empty.db'}", 1)


def test_what_was_found_is_printed_with_its_targets() -> None:
    whole = Sent(1000, 1.5, 0.2, 1200.0, 900.0, (100.0, 101.0, 102.0), 400)
    sent = {(engine, people): whole for engine in (SQLITE, POSTGRESQL) for people in (100, 1000)}
    sent[SQLITE, 1000] = replace(whole, rate=900.0, cpu=1800.0)
    others = {"pgqueuer": replace(whole, rate=600.0, cpu=450.0, memory=())}
    limited = {SQLITE: replace(whole, rate=149.0, busiest=150), POSTGRESQL: replace(whole, rate=120.0, busiest=151)}
    spent = {(SQLITE, 100): Tick(100, 1.0, 1.0, 0.2, 0.1), (SQLITE, 1000): Tick(1000, 11.0, 9.0, 0.2, 0.1)}
    found = Found(Sizes(1000), sent, others, limited, spent)
    printed = "\n".join(campaign.lines(found, "no server"))
    assert "ours, PostgreSQL / pgqueuer: 2.00 x the messages a second, 2.00 x the CPU a message" in printed
    assert "99.3% of the limit used, at most 150 in a second" in printed
    missed = [one.name for one in campaign.targets(found) if not one.met]
    assert missed == [
        "broadcast, SQLite: messages a second, no limit",
        "broadcast, SQLite: CPU a message, 1000 / 100",
        "broadcast, PostgreSQL: share of the limit used",
        "broadcast, PostgreSQL: most in any second / limit",
    ]
    assert printed.count("MISSED") == len(missed)
    assert "left out: no server" in printed
