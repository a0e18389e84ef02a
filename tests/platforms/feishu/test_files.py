"""Files: what people send is an address that only we can open, and what they ask for comes under its own name."""

import pytest

from bot.capability import Gone, Later, Message, TooLarge
from bot.cards import Card, Enclosed
from bot.events import Attached, File
from tests.fakes.feishu import Fault
from tests.platforms.feishu.stage import ANA, BOB, GROUP, Stage

RESOURCE, FILES, SEND = "GET /im/v1/messages/{id}/resources/{key}", "POST /im/v1/files", "POST /im/v1/messages"


async def sent(stage: Stage, kind: str) -> File:
    """One file of Ana's, as it comes in."""
    assert (await stage.fake.attach(ANA.user, "报告.pdf", b"%PDF-1.7 figures", kind=kind)).status == 200
    attached = stage.app.last(Attached)
    assert (attached.who, attached.where.private, attached.wanted) == (ANA, True, False)
    (file,) = attached.files
    return file


@pytest.mark.parametrize(
    ("kind", "name", "media"), [("file", "报告.pdf", "application/octet-stream"), ("image", "image", "image/*")]
)
async def test_a_file_is_fetched_by_its_address(stage: Stage, kind: str, name: str, media: str) -> None:
    file = await sent(stage, kind)
    assert (file.name, file.type, file.size) == (name, media, 0)
    stage.fake.expire_tokens()
    assert await stage.platform.fetch(file.url, 100) == b"%PDF-1.7 figures"
    assert await stage.platform.fetch(file.url, 16) == b"%PDF-1.7 figures"
    with pytest.raises(TooLarge):
        await stage.platform.fetch(file.url, 15)
    stage.fake.fail(RESOURCE, Fault(status=502), Fault(code=234003))
    for reason in ("status 502", "234003"):
        with pytest.raises(Gone if reason == "234003" else OSError, match=reason):
            await stage.platform.fetch(file.url, 100)
    stage.fake.store.posts[-1].gone = True
    with pytest.raises(Gone):
        await stage.platform.fetch(file.url, 100)


async def test_pictures_in_a_text_are_files_with_words_beside_them(stage: Stage) -> None:
    fake, keys = stage.fake, [stage.fake.store.file("", bytes([one] * 9), own=False) for one in (1, 2)]
    row = [
        {"tag": "text", "text": "Signed, "},
        {"tag": "at", "user_id": "@_user_1"},
        {"tag": "img", "image_key": keys[0]},
    ]
    content = {"title": "March", "content": [row, [{"tag": "img", "image_key": keys[1]}]]}
    posted = fake.store.post(fake.people[ANA.user].chat, "post", content, own=False)
    event = fake.message(posted, ANA.user)
    event["message"]["mentions"] = [{"key": "@_user_1", "id": fake.ids(BOB.user), "name": "Bob Reed"}]
    posted.content = {key: key for key in keys}  # a message knows the keys of all that is in it
    assert (await fake.send_event("im.message.receive_v1", event)).status == 200
    attached = stage.app.last(Attached)
    assert attached.text == "March\nSigned, @Bob_Reed"
    assert [await stage.platform.fetch(one.url, 99) for one in attached.files] == [b"\1" * 9, b"\2" * 9]


async def test_a_file_in_a_group_says_that_it_is_one(webhook: Stage) -> None:
    key = webhook.fake.store.file("a.pdf", b"%PDF", own=False)
    posted = webhook.fake.store.post(GROUP, "file", {"file_key": key, "file_name": "a.pdf"}, own=False)
    event = webhook.fake.message(posted, ANA.user)
    event["message"]["mentions"] = [webhook.fake._mention(1, "Pandian", "ou_bot")]
    await webhook.fake.send_event("im.message.receive_v1", event)
    assert not webhook.app.last(Attached).where.private


async def test_no_other_address_is_opened_with_our_token(webhook: Stage) -> None:
    good = (await sent(webhook, "file")).url
    base = webhook.fake.base
    for url in (
        good.replace("127.0.0.1", "127.0.0.2"),
        good.replace(base, f"{base}@evil.test"),
        good.replace("/resources/", "/../../../contact/v3/users/"),
        f"{base}/open-apis/im/v1/messages/../../contact/v3/users/ou_ana?type=file",
        f"{good}&x=1",
        f"{good}\n",
        good.partition("?")[0],
        "",
    ):
        with pytest.raises(ValueError, match="not a Feishu file"):
            await webhook.platform.fetch(url, 100)
    assert webhook.fake.called(RESOURCE) == []


@pytest.mark.parametrize(
    ("name", "kind"), [("报告.pdf", "pdf"), ("plan.DOCX", "doc"), ("a.xlsx", "xls"), ("scan.png", "stream")]
)
async def test_a_file_is_handed_over_once_under_its_own_name(stage: Stage, name: str, kind: str) -> None:
    content = bytes(range(256)) * 9000
    card = Card("File", enclosed=Enclosed(1, 2, name, "application/pdf", len(content)))
    refs = [await stage.platform.hand(ANA, Message(card, key="delivery:1"), content) for _ in range(2)]
    assert refs[0] == refs[1]
    (post,) = stage.mine()
    held = stage.fake.store.files[post.content["file_key"]]
    assert (post.kind, held["name"], held["kind"], held["content"]) == ("file", name, kind, content)
    stage.fake.fail(FILES, Fault(code=234006), Fault(code=99991400, status=429))
    for no in (Gone, Later):
        with pytest.raises(no):
            await stage.platform.hand(ANA, Message(card, key="delivery:2"), content)
    assert len(stage.fake.called(SEND)) == 2
