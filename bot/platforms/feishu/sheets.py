"""A form's submit button carries how the form was drawn, so that any replica can draw it again with what was typed.

It comes back from the client: it is only ever shown to who sent it, and the answers are read by the form's own rules.
"""

import base64
import binascii
import secrets
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import TypeAdapter, ValidationError

from bot.forms import Sheet
from bot.platforms.feishu import elements, forms
from bot.platforms.feishu.elements import Json

MOST = 64 * 1024  # bytes of an unpacked sheet
NONCE = 32
_SHEET = TypeAdapter(Sheet)


@dataclass(frozen=True, slots=True)
class Carried:
    """What a submit button says: the press itself, the reader's language, the message it was opened from, the drawing's
    own mark, and the form (None where it could not be carried)."""

    button: Json
    locale: str = "en"
    message: str = ""
    nonce: str = ""
    sheet: Sheet | None = None


def drawn(sheet: Sheet, locale: str, errors: Mapping[str, str], message: str) -> Json:
    """The form's card, its submit button carrying the form as far as there is room."""
    card = forms.form(sheet, locale, errors)
    light = {"l": locale, "m": message, "n": secrets.token_hex(8)}
    for button in _submits(card):
        value = button["behaviors"][0]["value"]
        value |= light | {"f": packed(sheet)}
        if elements.weight(card)[0] > elements.BUDGET:
            del value["f"]
    return card


def packed(sheet: Sheet) -> str:
    """The questions without what stands in them."""
    bare = replace(sheet, fields=tuple(replace(field, value="") for field in sheet.fields))
    return base64.b64encode(zlib.compress(_SHEET.dump_json(bare), 9)).decode()


def unpacked(value: object) -> Carried:
    """What a submit button carried; raises ValueError for what was never put there."""
    match value:
        case {"a": str(action), "v": str(carried), **rest}:
            button = elements.value(action, carried)
        case _:
            raise ValueError("value")
    locale, message, nonce = (rest.get(name, "") for name in ("l", "m", "n"))
    if not (isinstance(locale, str) and isinstance(message, str) and isinstance(nonce, str) and len(nonce) <= NONCE):
        raise ValueError("value")
    return Carried(button, locale[:20] or "en", message[:128], nonce, _sheet(rest.get("f"), action))


def _sheet(held: object, action: str) -> Sheet | None:
    if not isinstance(held, str):
        return None
    try:
        unzip = zlib.decompressobj()
        sheet = _SHEET.validate_json(unzip.decompress(base64.b64decode(held, validate=True), MOST))
    except (binascii.Error, zlib.error, ValidationError, ValueError):
        return None
    return sheet if sheet.action == action and sheet.fields else None


def _submits(held: Any) -> list[Json]:
    if isinstance(held, list):
        return [found for part in held for found in _submits(part)]
    if not isinstance(held, dict):
        return []
    mine = [held] if held.get("form_action_type") == "submit" else []
    return mine + [found for part in held.values() for found in _submits(part)]
