"""What people see of our cards in the fake's client: every reader their language, and nothing but characters."""

from bot.capability import Message
from bot.cards import Bold, Button, Card, Facts, Style, Text, Tone
from bot.degrade import fit
from bot.platforms.feishu.render import CAN
from bot.text import LOCALES, texts
from handlers.samples.home import home_samples
from tests.platforms.feishu.stage import ANA, Stage

CLIENTS = {"en": "en_us", "zh_Hans": "zh_cn", "zh_Hant": "zh_hk", "ja": "ja_jp"}


async def test_one_message_reads_in_each_clients_language(webhook: Stage) -> None:
    cards = {one: dict(home_samples(texts(one, "Asia/Shanghai")))["home.todos"] for one in LOCALES}
    fitted = {one: fit(card, CAN)[0] for one, card in cards.items() if isinstance(card, Card)}
    message = Message(fitted["en"], "en", key="k1", others={one: fitted[one] for one in LOCALES if one != "en"})
    ref = await webhook.platform.deliver(ANA, message)
    for locale, client in CLIENTS.items():
        said = webhook.fake.render(ref.message, client)
        assert fitted[locale].title in said
        assert all(action.label in said for action in fitted[locale].actions), locale
    assert fitted["en"].title in webhook.fake.render(ref.message, "fr_fr")


async def test_what_people_wrote_is_read_as_they_wrote_it(webhook: Stage) -> None:
    typed = "<at id=all></at> [HR](http://evil.test) **x** :OK: {{v}} 1. a & b"
    card = Card(
        typed,
        (Text((Bold("完成："), typed, "于", Bold("（完）"), "二")), Facts(((typed, typed),))),
        (Button("Go", "a.b", 1, 2, Style.DANGER, typed),),
        Tone.BAD,
    )
    ref = await webhook.platform.deliver(ANA, Message(card, "en", key="k2"))
    said = webhook.fake.render(ref.message, "en_us")
    assert said.startswith(typed)
    assert f"完成：{typed}于（完）二" in said
    assert f"{typed}: {typed}" in said
