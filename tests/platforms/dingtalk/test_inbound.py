"""Payloads of the documents, and what is in none, as events (threats T29, T35, T40)."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.events import Attached, Click, Said, Submitted
from bot.platforms.dingtalk import inbound
from bot.platforms.dingtalk.inbound import Malformed

CID, CODE = "cid6EUxx==", "mIof"
SAMPLE: dict[str, Any] = {
    "senderPlatform": "Mac",
    "conversationId": CID,
    "atUsers": [{"dingtalkId": "$:LWCP_v1:$xx", "staffId": "xxx", "unionId": "ed3"}],
    "chatbotCorpId": "ding9733",
    "chatbotUserId": "$:LWCP_xx",
    "msgId": "msgrK2xx==",
    "senderNick": "小钉",
    "isAdmin": True,
    "senderStaffId": "0147xxxx8602",
    "sessionWebhookExpiredTime": 1708332604316,
    "createAt": 1708327204136,
    "senderCorpId": "ding9733",
    "conversationType": "2",
    "senderId": "$:LWCP_v1xx",
    "sessionWebhook": "https://oapi.dingtalk.com/robot/sendBySession?session=66d7",
    "text": {"content": " text"},
    "robotCode": "dingoxx",
    "msgtype": "text",
}
ALONE = SAMPLE | {"conversationType": "1", "atUsers": []}
PARTS = [
    "content",
    "text",
    "richText",
    "type",
    "downloadCode",
    "recognition",
    "staffId",
    "params",
    "actionIds",
    "action",
]
WORDS = [*SAMPLE, *PARTS, "id", "form", "_", "value", "index", "cardPrivateData", "userId", "errCode"]


def said(**changed: Any) -> Said | Attached | None:
    """The event of a private message."""
    return inbound.message(ALONE | changed).event


def pressed(private: object, **changed: Any) -> dict[str, Any]:
    """A callback of a card."""
    body = {"type": "actionCallback", "outTrackId": "pm-1", "corpId": "ding9733", "userId": "0147", "userIdType": 1}
    return body | {"spaceType": "IM", "content": json.dumps({"cardPrivateData": private})} | changed


def test_the_sample_of_the_documents() -> None:
    came = inbound.message(SAMPLE)
    assert isinstance(came.event, Said)
    assert (came.event.who.tenant, came.event.who.user) == ("ding9733", "0147xxxx8602")
    assert (came.event.key, came.event.where.channel, came.event.where.private) == ("msgrK2xx==", CID, False)
    assert (came.talk.until, came.talk.channel, came.talk.private) == (1708332604.316, CID, False)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("  绩效 ", "绩效"),
        ("\u2005绩效&nbsp;目标\u3000", "绩效 目标"),
        ("/目标", "目标"),
        ("／ 目标", "目标"),
        ("#帮助", "帮助"),
        ("# 1. Read more", "# 1. Read more"),
        ("3", "3"),
        ("/3", "/3"),
    ],
)
def test_lines_are_read_as_they_were_meant(typed: str, read: str) -> None:
    event = said(text={"content": typed})
    assert isinstance(event, Said)
    assert event.text == read


@pytest.mark.parametrize(
    ("text", "people", "read", "meant"),
    [
        ("link @Ana", ["01"], "link @Ana", {"@Ana": "01"}),
        ("compare @Ana @Bob", ["01", "02"], "compare @Ana @Bob", {"@Ana": "01", "@Bob": "02"}),
        ("link", ["01"], "link @01", {"@01": "01"}),
        ("link @Ana Lima @x", ["01"], "link  Lima  @01", {"@01": "01"}),
        ("mail me @noon", [], "mail me @noon", {}),
    ],
)
def test_people_are_named_by_their_order_or_by_their_ids(
    text: str, people: list[str], read: str, meant: dict[str, str]
) -> None:
    users = [{"dingtalkId": "bot"}, *({"dingtalkId": "x", "staffId": user} for user in people)]
    event = said(text={"content": text}, atUsers=users)
    assert isinstance(event, Said)
    assert (" ".join(event.text.split()), event.mentions) == (" ".join(read.split()), meant if people else {})


@pytest.mark.parametrize(
    ("kind", "content", "name", "type_"),
    [
        ("picture", {"downloadCode": CODE}, "picture", "image/*"),
        ("video", {"downloadCode": CODE, "duration": 4000}, "video", "video/*"),
        ("file", {"downloadCode": CODE, "fileName": "KPI.xlsx"}, "KPI.xlsx", "application/octet-stream"),
        ("audio", {"downloadCode": CODE, "duration": 4000}, "audio", "audio/*"),
    ],
)
def test_files_come_with_a_code(kind: str, content: dict[str, Any], name: str, type_: str) -> None:
    event = said(msgtype=kind, content=content, text=None)
    assert isinstance(event, Attached)
    (file,) = event.files
    assert (file.name, file.type, file.url) == (name, type_, f"code:{CODE}")


def test_rich_texts_voices_and_what_cannot_be_read() -> None:
    parts = [{"text": "看"}, {"text": "这个"}, {"type": "picture", "downloadCode": CODE}]
    rich = said(msgtype="richText", content={"richText": parts})
    assert isinstance(rich, Attached)
    assert (rich.text, len(rich.files)) == ("看这个", 1)
    voice = said(msgtype="audio", content={"downloadCode": CODE, "recognition": "绩效"})
    assert isinstance(voice, Said)
    assert voice.text == "绩效"
    for kind in ("unknownMsgType", "chatRecord", "interactiveCard", "file"):
        unknown = said(msgtype=kind, content={}, text=None)
        assert isinstance(unknown, Said)
        assert unknown.text == ""


@pytest.mark.parametrize("user", [None, "", 5, "with space", "é" * 3, "x" * 300])
def test_T40_without_a_staff_id_there_is_nobody(user: object) -> None:
    came = inbound.message(ALONE | {"senderStaffId": user})
    assert (came.event, came.member, came.talk.user) == (None, False, "")


def test_guests_of_other_companies_are_nobody_either() -> None:
    assert not inbound.message(ALONE | {"senderCorpId": "dingother"}).member


@pytest.mark.parametrize("name", ["errorCode", "errCode"])
def test_a_message_that_was_withheld(name: str) -> None:
    body = {key: value for key, value in ALONE.items() if key != "text"} | {name: 20001}
    came = inbound.message(body)
    assert (came.over, came.event) == (True, None)


@pytest.mark.parametrize("name", ["conversationId", "msgId", "chatbotCorpId"])
@pytest.mark.parametrize("value", [None, 5, "", "a b"])
def test_broken_messages_are_malformed(name: str, value: object) -> None:
    with pytest.raises(Malformed):
        inbound.message(ALONE | {"senderCorpId": None, name: value})


@pytest.mark.parametrize(
    "private",
    [
        {"actionIds": ["goal.approve:7:3"], "params": {}},
        {"actionIds": ["b1"], "params": {"action": "goal.approve:7:3", "id": "x"}},
        {"actionIds": [], "params": {"id": "goal.approve:7:3"}},
    ],
)
def test_a_button_is_found_wherever_the_template_names_it(private: dict[str, Any]) -> None:
    event = inbound.press(pressed(private)).event("k")
    assert isinstance(event, Click)
    assert (event.key, event.action, event.subject, event.version) == ("k", "goal.approve", 7, 3)
    assert (event.where.message, event.where.private) == ("pm-1", True)


def test_content_may_be_an_object_or_be_called_value() -> None:
    private = {"cardPrivateData": {"actionIds": ["goal.approve:7:3"], "params": {}}}
    for changed in ({"content": private}, {"content": "", "value": json.dumps(private)}):
        assert inbound.press(pressed({}, **changed)).pressed is not None


@pytest.mark.parametrize(
    "private",
    [
        {},
        {"actionIds": ["goal.approve"]},
        {"actionIds": ["goal.approve:-7:3"]},
        {"actionIds": ["goal.approve:7:3\n"], "params": []},
        {"actionIds": ["DROP:1:1"]},
        {"actionIds": [5], "params": {"action": {"a": 1}}},
        {"params": {"form": {"title": "x"}}},
        {"params": {"form": {"_": "goal.save", "title": "x"}}},
        {"params": {"form": {"_": "goal.save:1:1", "title": {"value": {"a": 1}}}}},
    ],
)
def test_T29_what_no_button_of_ours_carries_is_malformed(private: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        inbound.press(pressed(private))


@pytest.mark.parametrize(
    "changed", [{"userIdType": 2}, {"content": "{"}, {"content": "[" * 99999}, {"userId": 5}, {"corpId": ""}]
)
def test_broken_presses_are_malformed(changed: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        inbound.press(pressed({"actionIds": ["goal.approve:7:3"]}) | changed)


def test_the_same_answers_to_the_same_form_are_one_submission() -> None:
    form = {"_": "goal.save:7:3", "title": "Ship", "many": {"index": [0], "value": ["a"]}}
    card = inbound.card_for(inbound.FORM, "pm-1", "k")
    one, two, other = (
        inbound.press(pressed({"params": {"form": form | more}}, outTrackId=card)).event(key)
        for key, more in (("a", {}), ("b", {}), ("c", {"title": "Sail"}))
    )
    assert isinstance(one, Submitted)
    assert isinstance(two, Submitted)
    assert isinstance(other, Submitted)
    assert one == two
    assert one.key != other.key
    assert (one.where.message, one.answers["many"], one.subject) == ("pm-1", ("a",), 7)
    assert inbound.shown_on(inbound.card_for(inbound.FORM, "", "k")) == ""


@pytest.mark.parametrize(
    ("kind", "body", "users"),
    [
        ("user_leave_org", {"userId": ["015", "016"]}, ("015", "016")),
        ("user_leave_org", {"UserId": ["015"]}, ("015",)),
        ("user_add_org", {"userId": "015"}, ("015",)),
        ("user_modify_org", {"userId": [5, None, ""]}, ()),
        ("org_dept_create", {"userId": ["015"]}, ()),
    ],
)
def test_whose_account_changed(kind: str, body: dict[str, Any], users: tuple[str, ...]) -> None:
    assert inbound.changed(kind, body) == users


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(WORDS), VALUES, max_size=8))
def test_T53_any_message_is_read_or_malformed(changed: dict[str, Any]) -> None:
    for kind in ("text", "richText", "file"):
        with contextlib.suppress(Malformed):
            inbound.message(SAMPLE | {"msgtype": kind} | changed)


@given(VALUES, st.dictionaries(st.sampled_from(WORDS), VALUES, max_size=4))
def test_T53_any_press_is_read_or_malformed(private: object, changed: dict[str, Any]) -> None:
    for body in (pressed(private), pressed(private) | changed, pressed({}, content=private)):
        with contextlib.suppress(Malformed):
            inbound.press(body).event("k")
