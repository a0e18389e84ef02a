"""Frames of the long connection: ours against the fake's own codec, fragments, and bytes that are none."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.feishu import frames
from bot.platforms.feishu.fragments import LIFE, PARTS, Fragments
from bot.platforms.feishu.frames import Broken, Frame
from tests.fakes import feishu_frames as theirs

WORDS = st.text(max_size=20)
FRAMES = st.builds(
    Frame,
    st.sampled_from([frames.CONTROL, frames.DATA]),
    st.integers(0, 2**31 - 1),
    st.integers(0, 2**64 - 1),
    st.integers(0, 2**64 - 1),
    st.lists(st.tuples(WORDS, WORDS), max_size=4).map(tuple),
    WORDS,
    WORDS,
    st.binary(max_size=300),
    WORDS,
)


@given(FRAMES)
def test_a_frame_survives(frame: Frame) -> None:
    assert frames.decode(frames.encode(frame)) == frame


def test_the_other_side_reads_ours_and_we_theirs() -> None:
    made = theirs.Frame(theirs.DATA, {"type": "event", "sum": "1"}, b'{"a":1}', 33554678, 5, 7)
    read = frames.decode(made.encode())
    assert (read.header("type"), read.payload, read.service, read.seq, read.log) == (
        "event",
        b'{"a":1}',
        33554678,
        5,
        7,
    )
    back = theirs.decode(frames.encode(read.answered(b"{}", 12)))
    assert (back.headers["biz_rt"], back.payload, back.service) == ("12", b"{}", 33554678)


def test_required_fields_are_written_though_they_are_zero() -> None:
    assert frames.encode(Frame(frames.CONTROL)) == bytes([8, 0, 16, 0, 24, 0, 32, 0])


def test_unknown_fields_are_passed_over() -> None:
    more = bytes([15 << 3, 1, 14 << 3 | 1, *range(8), 13 << 3 | 5, *range(4), 12 << 3 | 2, 1, 9])
    assert frames.decode(frames.encode(Frame(frames.DATA, payload=b"x")) + more).payload == b"x"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x08",
        b"\x08\x01",
        b"\xff" * 12,
        b"\x00\x01",
        frames.encode(Frame(1))[:-1],
        frames.encode(Frame(1)) + b"\x42\x05ab",
        frames.encode(Frame(1)) + b"\x2a\x02\x0a\x00",
        frames.encode(Frame(1)) + b"\x2a\x06\x0a\x01\xff\x12\x01a",
        frames.encode(Frame(1)) + b"\x0b",
    ],
)
def test_what_is_no_frame_is_broken(data: bytes) -> None:
    with pytest.raises(Broken):
        frames.decode(data)


@given(st.binary(max_size=80))
def test_any_bytes_are_a_frame_or_broken(data: bytes) -> None:
    with contextlib.suppress(Broken):
        frames.decode(data)


def part(total: int, place: int, payload: bytes, name: str = "m1") -> Frame:
    """One frame of a payload in several."""
    about = (("type", "event"), ("message_id", name), ("sum", str(total)), ("seq", str(place)))
    return Frame(frames.DATA, headers=about, payload=payload)


def test_fragments_in_any_order_and_twice_are_put_together() -> None:
    heap = Fragments()
    assert heap.whole(part(1, 0, b"alone")) == b"alone"
    assert heap.whole(part(3, 2, b"c")) is None
    assert heap.whole(part(3, 0, b"a")) is None
    assert heap.whole(part(3, 0, b"a")) is None
    assert heap.whole(part(3, 0, b"x", "other")) is None
    assert heap.whole(part(3, 1, b"b")) == b"abc"


def test_fragments_are_forgotten_after_five_seconds() -> None:
    now = [0.0]
    heap = Fragments(lambda: now[0])
    assert heap.whole(part(2, 0, b"a")) is None
    now[0] = LIFE
    assert heap.whole(part(2, 1, b"b")) is None
    assert heap.whole(part(2, 0, b"a")) == b"ab"


def test_too_many_fragments_and_strange_numbers_are_left_out() -> None:
    heap = Fragments()
    assert heap.whole(part(PARTS + 1, 0, b"a")) is None
    assert heap.whole(part(2, 2, b"a")) is None
    odd = Frame(frames.DATA, headers=(("sum", "many"), ("seq", "-1")), payload=b"a")
    assert heap.whole(odd) == b"a"
