"""Frames of the long connection as bytes (proto2), written from the field list, for the fake alone."""

from collections.abc import Iterator
from dataclasses import dataclass, field

CONTROL, DATA = 0, 1
SEQ, LOG, SERVICE, METHOD, HEADER, PAYLOAD = 1, 2, 3, 4, 5, 8
NUMBERS = (SEQ, LOG, SERVICE, METHOD)


@dataclass
class Frame:
    """One frame; header names are unique here."""

    method: int
    headers: dict[str, str] = field(default_factory=dict)
    payload: bytes = b""
    service: int = 1
    sequence: int = 0
    log: int = 0

    def encode(self) -> bytes:
        """Its bytes: every required number, headers in order, the payload."""
        values = (self.sequence, self.log, self.service, self.method)
        numbers = b"".join(_tag(at, 0) + _varint(value) for at, value in zip(NUMBERS, values, strict=True))
        pairs = b"".join(_bytes(HEADER, _pair(key, value)) for key, value in self.headers.items())
        return numbers + pairs + (_bytes(PAYLOAD, self.payload) if self.payload else b"")


def decode(raw: bytes) -> Frame:
    """The frame in the bytes; raises ValueError for broken ones, or without a required field."""
    frame, found = Frame(-1), set()
    for number, value in _fields(raw):
        found.add(number)
        match number, value:
            case (1 | 2 | 3 | 4, int()):
                setattr(frame, ("sequence", "log", "service", "method")[number - 1], value)
            case (5, bytes()):
                pair = dict(_fields(value))
                key, said = pair.get(1, b""), pair.get(2, b"")
                if not isinstance(key, bytes) or not isinstance(said, bytes):
                    raise ValueError("header")
                frame.headers[key.decode()] = said.decode()
            case (8, bytes()):
                frame.payload = value
    if not set(NUMBERS) <= found:
        raise ValueError("a required field is missing")
    return frame


def _fields(raw: bytes) -> Iterator[tuple[int, int | bytes]]:
    at = 0
    while at < len(raw):
        tag, at = _number(raw, at)
        number, kind = tag >> 3, tag & 7
        if kind not in (0, 2):
            raise ValueError("wire type")
        value, at = _number(raw, at)
        if kind == 0:
            yield number, value
            continue
        if at + value > len(raw):
            raise ValueError("cut off")
        yield number, raw[at : at + value]
        at += value


def _number(raw: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if at >= len(raw) or shift > 63:
            raise ValueError("varint")
        byte = raw[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if not byte & 0x80:
            return value, at


def _varint(value: int) -> bytes:
    made = bytearray()
    while value > 0x7F:
        made.append(value & 0x7F | 0x80)
        value >>= 7
    made.append(value)
    return bytes(made)


def _tag(number: int, kind: int) -> bytes:
    return _varint(number << 3 | kind)


def _bytes(number: int, value: bytes) -> bytes:
    return _tag(number, 2) + _varint(len(value)) + value


def _pair(key: str, value: str) -> bytes:
    return _bytes(1, key.encode()) + _bytes(2, value.encode())
