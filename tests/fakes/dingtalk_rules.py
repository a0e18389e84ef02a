"""What DingTalk refuses in a message: keys of every msgKey, kinds of a webhook, parameters of a card."""

import json
import re
from collections.abc import Mapping
from typing import Any

from tests.fakes.dingtalk_store import Json, OldRefuse, Refuse, Store

PARAM_BYTES, VALUE_BYTES, KEY_BYTES = 15_000, 1024, 100
WEBHOOK = ("text", "markdown", "actionCard", "link", "feedCard")
FILES = ("xlsx", "pdf", "zip", "rar", "doc", "docx")
I18N = {"ZH_CN", "ZH_TW", "EN_US", "JA_JP", "VI_VN", "TH_TH"}
MARKDOWN, BUTTONS, AI = (
    "589420e2-c1e2-46ef-a5ed-b8728e654da9.schema",
    "1366a1eb-bc54-4859-ac88-517c56a9acb1.schema",
    "382e4302-551d-4880-bf29-a30acfab2e71.schema",
)
PUBLIC = {
    MARKDOWN: {"markdown", "title", "logo"},
    BUTTONS: {"markdown", "tips", "title", "logo", "sys_full_json_obj"},
    AI: {"msgTitle", "staticMsgContent", "msgContent", "sys_full_json_obj", "flowStatus", "logo"},
}
KEYS: dict[str, str] = {
    "sampleText": "content",
    "sampleMarkdown": "title text",
    "sampleImageMsg": "photoURL",
    "sampleLink": "title text picUrl messageUrl",
    "sampleActionCard": "title text singleTitle singleURL",
    **{
        f"sampleActionCard{many}": " ".join(
            ["title text", *(f"actionTitle{n} actionURL{n}" for n in range(1, many + 1))]
        )
        for many in range(2, 6)
    },
    "sampleActionCard6": "title text buttonTitle1 buttonUrl1 buttonTitle2 buttonUrl2",
    "sampleFile": "mediaId fileName fileType",
    "sampleAudio": "mediaId duration",
    "sampleVideo": "duration videoMediaId videoType picMediaId",
}
PICTURE = re.compile(r"!\[[^\]]*\]\(([^)]*)\)")
SCHEMES = ("https://", "http://", "dtmd://dingtalkclient/", "dingtalk://dingtalkclient/")


def message(store: Store, key: object, raw: object) -> Json:
    """The parameters of a robot's message; raises Refuse as the new API does."""
    if key not in KEYS:
        raise Refuse("invalidParameter.msgKey.invalid")
    assert isinstance(key, str)
    if not isinstance(raw, str):
        raise Refuse("invalidParameter.msgParam.invalid", "msgParam is a string")
    if len(raw.encode()) > PARAM_BYTES:
        raise Refuse("invalidParameter.msgParam.tooLong")
    given = _object(raw)
    if given is None or set(given) != set(KEYS[key].split()) or not all(isinstance(v, str) for v in given.values()):
        raise Refuse("invalidParameter.msgParam.invalid", f"{key} takes {KEYS[key]}")
    empty = [name for name, value in given.items() if not value.strip()]
    if empty:
        raise Refuse("invalidParameter.msgParam.invalid", f"empty {empty}")
    wrong = _content(store, given)
    if wrong:
        raise Refuse("invalidParameter.msgParam.invalid", wrong)
    return given


def _content(store: Store, given: Mapping[str, str]) -> str:
    """What is wrong with links, pictures and files; "" if nothing is."""
    for name, value in given.items():
        if re.fullmatch(r"(action|button|single|message)U(rl|RL)\d?", name) and not value.startswith(SCHEMES):
            return f"{name} leads nowhere"
    held = store.media.get(given.get("mediaId", ""))
    if "mediaId" in given and (held is None or held.kind == "image"):
        return "mediaId is unknown"
    if "fileType" in given and given["fileType"] not in FILES:
        return "fileType"
    return pictures(store, given.get("text", "")) or pictures(store, f"![]({given.get('photoURL', 'https://')})")


def pictures(store: Store, source: str) -> str:
    """What is wrong with the pictures of a markdown text."""
    for found in PICTURE.findall(source):
        held = store.media.get(found)
        if not found.startswith("https://") and (held is None or held.kind != "image"):
            return f"picture {found[:20]!r} is unknown"
    return ""


def webhook(store: Store, body: Json) -> tuple[str, Json]:
    """The kind and content of a message by sessionWebhook; raises OldRefuse."""
    kind = body.get("msgtype")
    inner = body.get(str(kind))
    if kind not in WEBHOOK or not isinstance(inner, dict):
        raise OldRefuse(40035, "缺少参数 msgtype")
    at = body.get("at", {})
    known = {"atUserIds", "atMobiles", "isAtAll"}
    if not isinstance(at, dict) or set(at) - known or not isinstance(at.get("isAtAll", False), bool):
        raise OldRefuse(40035, "at")
    if at.get("isAtAll"):
        store.flag("somebody was made to @ everybody")
    wrong = _hooked(str(kind), inner) or pictures(store, str(inner.get("text", "")))
    if wrong:
        raise OldRefuse(40035, wrong)
    return str(kind), inner


def _hooked(kind: str, inner: Json) -> str:
    needed = {
        "text": ("content",),
        "markdown": ("title", "text"),
        "actionCard": ("title", "text"),
        "link": ("title", "text", "messageUrl"),
        "feedCard": (),
    }
    missing = [name for name in needed[kind] if not isinstance(inner.get(name), str) or not inner[name].strip()]
    if missing:
        return f"{kind} without {missing}"
    if kind != "actionCard":
        return ""
    if "btns" not in inner:
        single = all(str(inner.get(name) or "") for name in ("singleTitle", "singleURL"))
        return "" if single else "actionCard without a button"
    if inner.get("btnOrientation", "0") not in ("0", "1"):
        return "btnOrientation"
    good = isinstance(inner["btns"], list) and inner["btns"] and all(_button(one) for one in inner["btns"])
    return "" if good else "btns"


def _button(one: Any) -> bool:
    return (
        isinstance(one, dict)
        and set(one) == {"title", "actionURL"}
        and all(isinstance(value, str) and value.strip() for value in one.values())
        and one["actionURL"].startswith(SCHEMES)
    )


def params(store: Store, given: object, known: set[str], *, strict: bool = True) -> dict[str, str]:
    """A cardParamMap; raises Refuse."""
    if not isinstance(given, dict):
        raise Refuse("param.cardPublicDataEmpty")
    for name, value in given.items():
        if not isinstance(value, str):
            raise Refuse("MissingStringValue", f"{name} is no string")
        if strict and (len(name.encode()) > KEY_BYTES or len(value.encode()) > VALUE_BYTES):
            raise Refuse("param.error", f"{name} has {len(value.encode())} bytes")
    _noticed(store, given, known)
    return dict(given)


def _noticed(store: Store, given: Mapping[str, str], known: set[str]) -> None:
    """Flags what is taken, and not shown as it was meant."""
    for name in set(given) - known:
        store.flag(f"card variable {name} is unknown to its template")
    for name in ("sys_full_json_obj", "form"):
        if given.get(name) and _object(given[name]) is None:
            store.flag(f"card variable {name} holds no JSON object")
    wrong = pictures(store, given.get("markdown", ""))
    if wrong:
        store.flag(wrong)


def _object(raw: str) -> Json | None:
    try:
        value = json.loads(raw)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
