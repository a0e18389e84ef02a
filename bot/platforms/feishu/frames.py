"""The long connection's frames: proto2 messages, read and written without protobuf."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

CONTROL, DATA = 0, 1
VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
WORD = 1 << 64
Value = int | bytes


class Broken(ValueError):
    """Bytes that are no frame."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame. `service`, `seq` and `log` are the sender's numbers; of headers with one name the first counts."""

    method: int
    service: int = 0
    seq: int = 0
    log: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    encoding: str = ""
    type: str = ""
    payload: bytes = b""
    log_new: str = ""

    def header(self, name: str, default: str = "") -> str:
        """The value of a header."""
        return next((value for key, value in self.headers if key == name), default)

    def answered(self, payload: bytes, milliseconds: int) -> "Frame":
        """The same frame as an acknowledgement."""
        return replace(self, headers=(*self.headers, ("biz_rt", str(milliseconds))), payload=payload)


def ping(service: int) -> Frame:
    """What keeps a connection alive."""
    return Frame(CONTROL, service, headers=(("type", "ping"),))


def encode(frame: Frame) -> bytes:
    """The frame's bytes; required fields are written even where they are zero."""
    numbers = ((1, frame.seq), (2, frame.log), (3, frame.service), (4, frame.method))
    made = b"".join(_number(field) + _number(value) for field, value in ((n << 3, v) for n, v in numbers))
    for key, value in frame.headers:
        made += _bytes(5, _bytes(1, key.encode()) + _bytes(2, value.encode()))
    parts = ((6, frame.encoding.encode()), (7, frame.type.encode()), (8, frame.payload), (9, frame.log_new.encode()))
    return made + b"".join(_bytes(field, value) for field, value in parts if value)


def decode(data: bytes) -> Frame:
    """The frame; raises Broken for anything else. Fields it does not know are passed over."""
    numbers: dict[int, int] = {}
    texts: dict[int, bytes] = {}
    headers: list[tuple[str, str]] = []
    for field, value in _fields(data):
        if isinstance(value, int):
            numbers[field] = value
        elif field == 5:
            headers.append(_header(value))
        else:
            texts[field] = value
    if not {1, 2, 3, 4} <= numbers.keys():
        raise Broken("a required field is missing")
    encoding, kind, log_new = (_text(texts.get(field, b"")) for field in (6, 7, 9))
    return Frame(
        numbers[4], numbers[3], numbers[1], numbers[2], tuple(headers), encoding, kind, texts.get(8, b""), log_new
    )


def _header(data: bytes) -> tuple[str, str]:
    held = dict(_fields(data))
    key, value = held.get(1), held.get(2)
    if not isinstance(key, bytes) or not isinstance(value, bytes):
        raise Broken("header")
    return _text(key), _text(value)


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise Broken("text") from None


def _fields(data: bytes) -> Iterator[tuple[int, Value]]:
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        field, wire = tag >> 3, tag & 7
        if not field:
            raise Broken("field")
        if wire == VARINT:
            value, at = _varint(data, at)
            yield field, value
            continue
        length, at = (8, at) if wire == FIXED64 else (4, at) if wire == FIXED32 else _length(data, at, wire)
        if at + length > len(data):
            raise Broken("cut off")
        if wire == BYTES:
            yield field, data[at : at + length]
        at += length


def _length(data: bytes, at: int, wire: int) -> tuple[int, int]:
    if wire != BYTES:
        raise Broken("wire type")
    return _varint(data, at)


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for place in range(10):
        if at >= len(data):
            raise Broken("cut off")
        byte, at = data[at], at + 1
        value |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            return value % WORD, at
    raise Broken("number")


def _number(value: int) -> bytes:
    left, made = value % WORD, bytearray()
    while left > 0x7F:
        made.append(left & 0x7F | 0x80)
        left >>= 7
    made.append(left)
    return bytes(made)


def _bytes(field: int, value: bytes) -> bytes:
    return _number(field << 3 | BYTES) + _number(len(value)) + value
