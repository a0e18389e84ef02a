"""The fake DingTalk, held to its own reference: what it refuses, what it swallows, and what clients show."""

import json
from typing import Any

import pytest
from aiohttp import FormData

from tests.fakes.dingtalk import AGENT, FORM, DingTalkFake, Fault
from tests.fakes.dingtalk_rules import BUTTONS
from tests.fakes.dingtalk_screen import shown
from tests.fakes.dingtalk_store import DAY, HOUR, Json
from tests.platforms.dingtalk.conftest import Hand
from tests.world import PIXEL

ONE, GROUP = "/v1.0/robot/oToMessages/batchSend", "/v1.0/robot/groupMessages/send"
CARD = "/v1.0/card/instances"
DENIED = "Forbidden.AccessDenied"


async def call(
    fake: DingTalkFake, path: str, body: Any = None, *, method: str = "POST", token: str | None = None
) -> Json:
    """The answer of either API, with its HTTP status under "status"."""
    assert fake.http is not None
    given = fake.store.token()[0] if token is None else token
    old = not path.startswith("/v1.0")
    url = f"{fake.old_base}{path}" if old else f"{fake.base}{path}"
    how: Json = {"data": body} if isinstance(body, FormData) else {"json": body}
    if old:
        how["params"] = {"access_token": given} | how.pop("params", {})
    else:
        how["headers"] = {"x-acs-dingtalk-access-token": given}
    async with fake.http.request(method, url, **how) as answer:
        value: Json = await answer.json()
        return value | {"status": answer.status}


async def send(
    fake: DingTalkFake, key: str = "sampleText", users: tuple[str, ...] = ("0147ana",), **given: str
) -> Json:
    """A robot message."""
    said = given or {"content": "hello"}
    body = {"robotCode": fake.client_id, "userIds": list(users), "msgKey": key, "msgParam": json.dumps(said)}
    return await call(fake, ONE, body)


def card(fake: DingTalkFake, track: str = "c1", template: str = BUTTONS, **given: Any) -> Json:
    """What creates and delivers a card to Ana."""
    buttons = {"msgButtons": [{"text": "Approve", "id": "t:1", "request": True, "params": {"action": "t:1"}}]}
    said = {"title": "Goal", "markdown": "**Ship** it", "tips": "", "sys_full_json_obj": json.dumps(buttons)}
    return {
        "cardTemplateId": template,
        "outTrackId": track,
        "callbackType": "STREAM",
        "cardData": {"cardParamMap": given or said},
        "openSpaceId": "dtv1.card//IM_ROBOT.0147ana",
        "imRobotOpenSpaceModel": {"supportForward": False},
        "imRobotOpenDeliverModel": {"spaceType": "IM_ROBOT", "robotCode": fake.client_id},
    }


async def test_every_call_needs_a_token_a_scope_and_room(fake: DingTalkFake, clock: Hand) -> None:
    assert (await call(fake, ONE, {}, token=""))["code"] == "AuthenticationFailed.MissingParameter"
    wrong = await call(fake, ONE, {}, token="x")
    assert (wrong["status"], wrong["code"]) == (400, "InvalidAuthentication")
    old = await call(fake, "/topapi/v2/user/get", {"userid": "0147ana"}, token="x")
    assert (old["status"], old["errcode"], old["sub_code"]) == (200, 88, "40014")
    secret = {"appKey": fake.client_id, "appSecret": "no"}
    assert (await call(fake, "/v1.0/oauth2/accessToken", secret))["code"] == "invalidClientIdOrSecret"
    first = (await call(fake, "/v1.0/oauth2/accessToken", secret | {"appSecret": fake.client_secret}))["accessToken"]
    clock.now += 1.5 * HOUR
    assert fake.store.token()[0] == first
    clock.now += 3 * HOUR
    assert fake.store.token()[0] != first
    fake.scopes.discard("qyapi_robot_sendmsg")
    denied = await send(fake)
    assert (denied["status"], denied["code"]) == (403, f"{DENIED}.AccessTokenPermissionDenied")
    assert denied["accessdenieddetail"] == {"requiredScopes": ["qyapi_robot_sendmsg"]}
    fake.scopes.add("qyapi_robot_sendmsg")
    fake.limited = True
    codes = [(await send(fake)).get("code", "") for _ in range(21)]
    assert codes == [""] * 20 + [f"{DENIED}.QpsLimitForAppkeyAndApi"]
    clock.now += 1.1
    fake.store.monthly["api"] = fake.store.spent["api"]
    assert (await send(fake))["code"] == f"{DENIED}.ApiCountLimitForOrg"
    assert (await call(fake, "/v1.0/nowhere", {}))["status"] == 404
    assert (await call(fake, "/nowhere", {}))["errcode"] == 22


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"userIds": []}, "userIds.empty"),
        ({"userIds": ["u"] * 21}, "userIds.overMax"),
        ({"msgKey": "sampleTable"}, "msgKey.invalid"),
        ({"msgParam": {"content": "x"}}, "msgParam.invalid"),
        ({"msgParam": '{"content": 1}'}, "msgParam.invalid"),
        ({"msgParam": '{"text": "x"}'}, "msgParam.invalid"),
        ({"msgParam": json.dumps({"content": "绩" * 5000})}, "msgParam.tooLong"),
        ({"robotCode": "another"}, "robotCode.auth"),
        ({"msgKey": "sampleMarkdown", "msgParam": '{"title": "x", "text": "![](@no)"}'}, "msgParam.invalid"),
        (
            {
                "msgKey": "sampleActionCard",
                "msgParam": '{"title": "x", "text": "x", "singleTitle": "x", "singleURL": "javascript:x"}',
            },
            "msgParam.invalid",
        ),
    ],
)
async def test_messages_that_are_refused(fake: DingTalkFake, changed: Json, code: str) -> None:
    body = {"robotCode": fake.client_id, "userIds": ["0147ana"], "msgKey": "sampleText", "msgParam": '{"content": "x"}'}
    assert (await call(fake, ONE, body | changed))["code"] == f"invalidParameter.{code}"
    assert fake.view("0147ana") == []


async def test_what_is_taken_is_not_always_delivered(fake: DingTalkFake, clock: Hand) -> None:
    fake.store.people["0147bob"].flowed = True
    sent = await send(fake, users=("0147ana", "0147bob", "0147no"))
    assert (sent["invalidStaffIdList"], sent["flowControlledStaffIdList"]) == (["0147no"], ["0147bob"])
    assert [look.text for _, look in fake.view("0147ana")] == ["hello"]
    recall = {"robotCode": fake.client_id, "processQueryKeys": [sent["processQueryKey"]]}
    assert (await call(fake, "/v1.0/robot/otoMessages/batchRecall", recall))["failedResult"] == {}
    assert fake.view("0147ana") == []
    group = {"robotCode": fake.client_id, "msgKey": "sampleText", "msgParam": '{"content": "x"}'}
    assert "processQueryKey" in await call(fake, GROUP, group | {"openConversationId": "cidTeam=="})
    assert (await call(fake, GROUP, group | {"openConversationId": "cidNo"}))["status"] == 400
    notice = {"agent_id": AGENT, "userid_list": "0147ana", "msg": {"msgtype": "text", "text": {"content": "due"}}}
    tasks = [(await call(fake, "/topapi/message/corpconversation/asyncsend_v2", notice))["task_id"] for _ in range(2)]
    results = [
        await call(fake, "/topapi/message/corpconversation/getsendresult", {"agent_id": AGENT, "task_id": task})
        for task in tasks
    ]
    codes = [[one["code"] for one in result["send_result"]["forbidden_list"]] for result in results]
    assert codes == [[], ["143106"]]
    clock.now += DAY


async def test_sessions_end_and_check_what_they_are_given(fake: DingTalkFake, clock: Hand) -> None:
    url = fake.message("0147ana", "", "text", {"content": "hi"})["sessionWebhook"].removeprefix(fake.old_base)
    assert (await call(fake, url, {"msgtype": "text", "text": {"content": "yes"}}, token=""))["errcode"] == 0
    assert (await call(fake, url, {"msgtype": "sampleText", "text": {"content": "no"}}))["errcode"] == 40035
    buttons = {
        "title": "t",
        "text": "x",
        "btns": [{"title": "Go", "actionURL": "dtmd://dingtalkclient/sendMessage?content=go"}],
    }
    assert (await call(fake, url, {"msgtype": "actionCard", "actionCard": buttons}))["errcode"] == 0
    clock.now += 1.5 * HOUR
    assert (await call(fake, url, {"msgtype": "text", "text": {"content": "late"}}))["errcode"] == 300001
    assert [look.whole for _, look in fake.view("0147ana")] == ["yes", "x\nGo"]
    pushed = await fake.tap("0147ana", fake.view("0147ana")[-1][0], "Go")
    assert (pushed.said, fake.pushes[-1][1]["text"]) == ("go", {"content": "go"})


async def test_cards_are_created_once_and_merged_by_their_options(fake: DingTalkFake) -> None:
    made = await call(fake, f"{CARD}/createAndDeliver", card(fake))
    assert made["result"]["deliverResults"][0]["success"] is True
    assert (await call(fake, f"{CARD}/createAndDeliver", card(fake)))["success"] is True
    ((post, look),) = fake.view("0147ana")
    assert look.whole.splitlines() == ["Goal", "Ship it", "Approve"]
    update = {"outTrackId": "c1", "cardData": {"cardParamMap": {"tips": "done"}}, "cardUpdateOptions": {}}
    merge = {"cardUpdateOptions": {"updateCardDataByKey": True, "updatePrivateDataByKey": True}}
    private = {"privateData": {"0147ana": {"cardParamMap": {"title": "Yours"}}}}
    assert (await call(fake, CARD, update | merge | private, method="PUT"))["result"] is True
    assert fake.view("0147ana")[0][1].whole.splitlines() == ["Yours", "Ship it", "done", "Approve"]
    assert (await call(fake, CARD, update, method="PUT"))["result"] is True
    assert fake.view("0147ana")[0][1].whole.splitlines() == ["Yours", "done"]
    assert fake.flags == []
    await call(fake, f"{CARD}/createAndDeliver", card(fake, title="other"))
    assert len(fake.flags) == 1
    assert fake.looked("0147ana", post, "Goal\nShip it\nApprove") is not None


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"outTrackId": ""}, "param.outTrackIdEmpty"),
        ({"cardTemplateId": ""}, "param.cardTemplateIdEmpty"),
        ({"openSpaceId": "IM_ROBOT.0147ana"}, "param.openSpaceIdInvalid"),
        ({"imRobotOpenSpaceModel": None}, "param.error"),
        ({"cardData": None}, "param.cardPublicDataEmpty"),
        ({"cardData": {"cardParamMap": {"title": 1}}}, "MissingStringValue"),
        ({"cardData": {"cardParamMap": {"title": "绩" * 342}}}, "param.error"),
        ({"privateData": {"0147no": {"cardParamMap": {"title": "x"}}}}, "param.userIdNotExist"),
    ],
)
async def test_cards_that_are_refused(fake: DingTalkFake, changed: Json, code: str) -> None:
    assert (await call(fake, f"{CARD}/createAndDeliver", card(fake) | changed))["code"] == code
    unknown = {"outTrackId": "c9", "cardData": {"cardParamMap": {"title": "x"}}}
    assert (await call(fake, CARD, unknown, method="PUT"))["code"] == "param.cardNotExist"


async def test_a_person_who_is_gone_gets_no_card(fake: DingTalkFake) -> None:
    fake.store.people["0147ana"].left = True
    made = await call(fake, f"{CARD}/createAndDeliver", card(fake))
    assert (made["success"], made["result"]["deliverResults"][0]["success"]) == (True, False)


async def test_forms_are_checked_by_the_client_for_what_is_required_only(fake: DingTalkFake) -> None:
    fields = [
        {"name": "_", "type": "TEXT", "hidden": True, "defaultValue": "42"},
        {
            "name": "score",
            "label": "Score",
            "type": "SELECT",
            "required": True,
            "options": [{"value": "a", "text": "A"}],
        },
        {"name": "many", "label": "Many", "type": "MULTI_SELECT", "options": [{"value": "b", "text": "B"}]},
        {"name": "why", "label": "Why", "type": "TEXT_AREA"},
    ]
    given = {"title": "Form", "form": json.dumps({"fields": fields}), "form_btn_text": "Send"}
    await call(fake, f"{CARD}/createAndDeliver", card(fake, template=FORM, **given))
    ((post, look),) = fake.view("0147ana")
    assert look.whole.splitlines() == ["Form", "Score", "Many", "Why", "A", "B", "Send"]
    assert list((await fake.fill("0147ana", post, {"Why": "so"})).stopped) == ["Score"]
    assert (await fake.fill("0147ana", post, {"Score": "A", "Many": ["B"], "Why": "so"})).failed, "nobody listens"
    content = json.loads(fake.pushes[-1][1]["content"])["cardPrivateData"]
    chosen = {"score": {"index": 0, "value": "a"}, "many": {"index": [0], "value": ["b"]}}
    assert content["params"]["form"] == {"_": "42", "why": "so"} | chosen
    fake.store.people["0147ana"].client = "7.5.0"
    assert fake.view("0147ana")[0][1].submit == ""


async def test_media_files_and_contacts(fake: DingTalkFake) -> None:
    form = FormData()
    form.add_field("media", PIXEL, filename="a.png")
    form.add_field("type", "image")
    picture = await call(fake, "/media/upload", form)
    assert (await send(fake, "sampleMarkdown", title="t", text=f"![]({picture['media_id']})"))["status"] == 200
    assert fake.view("0147ana")[0][1].pictures == 1
    sheet = {"mediaId": picture["media_id"], "fileName": "a.csv", "fileType": "csv"}
    assert (await send(fake, "sampleFile", **sheet))["code"] == "invalidParameter.msgParam.invalid"
    user = (await call(fake, "/topapi/v2/user/get", {"userid": "0147ana"}))["result"]
    assert (user["name"], user["org_email"], user["manager_userid"]) == ("Ana Lima", "ana@acme.test", "0147bob")
    page = (await call(fake, "/topapi/v2/user/list", {"dept_id": 1, "cursor": 0, "size": 1}))["result"]
    assert (len(page["list"]), page["has_more"], page["next_cursor"]) == (1, True, 1)
    fake.scopes.clear()
    assert (await call(fake, "/topapi/v2/user/get", {"userid": "0147ana"}))["sub_code"] == "60011"


async def test_faults_come_one_after_another(fake: DingTalkFake) -> None:
    fake.fail(f"POST {ONE}", Fault(500, "system.busy"), Fault(504, "timeout", after=True))
    answers = [(await send(fake)) for _ in range(3)]
    assert [one["status"] for one in answers] == [500, 504, 200]
    assert len(fake.view("0147ana")) == 2, "the second had its effect"


def test_how_markdown_is_shown() -> None:
    assert shown("one\ntwo  \nthree\n\nfour") == "one two\nthree\nfour"
    assert shown("# Head\n**Ann** \\*x\\* [go](dtmd://x) ![](@a)") == "Head\nAnn *x* go"
    assert shown("|a|b|\n|--|--|\n|1|2|") == "a | b\n1 | 2"
    assert shown("\u200b1. Approve  \n\u200b2. Return") == "1. Approve\n2. Return"
