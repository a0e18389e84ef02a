"""One card in several languages, as the client of each reader shows it, and what people wrote as they wrote it."""

from typing import Any

from bot.capability import Message
from bot.cards import Bold, Button, Card, Chart, Facts, Note, Style, Table, Text, Tone
from bot.degrade import fit
from bot.platforms.feishu import render
from bot.platforms.feishu.render import CAN
from bot.text import LOCALES, texts
from handlers.samples.home import home_samples
from tests.platforms.feishu.stage import ANA, Stage
from tests.platforms.feishu.test_render import accepted, tagged
from tests.test_samples import shown

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


def wordy(name: str) -> bool:
    """Cards without a table or a picture, which no client translates."""
    card = shown("en")[name]
    return isinstance(card, Card) and not any(isinstance(block, Table | Chart) for block in card.body)


def in_all(name: str, locale: str = "en") -> dict[str, Any]:
    """A sample in all languages at once, as who chose none gets it."""
    cards = {one: fit(card, render.CAN)[0] for one in LOCALES if isinstance(card := shown(one)[name], Card)}
    others = {one: card for one, card in cards.items() if one != locale}
    made = render.card(Message(cards[locale], locale, others=others), lambda _chart: "")
    accepted(made)
    return made


def test_one_card_reads_in_each_readers_language() -> None:
    made = in_all("home.todos")
    assert made["config"]["locales"] == ["en_us", "zh_cn", "zh_tw", "zh_hk", "ja_jp"]
    assert made["config"]["summary"]["i18n_content"]["zh_cn"] == "你的待办和绩效计划"
    title = made["header"]["title"]
    assert title["content"] == title["i18n_content"]["en_us"]
    assert title["i18n_content"]["zh_tw"] == title["i18n_content"]["zh_hk"] != title["i18n_content"]["zh_cn"]
    for button in tagged(made, "button"):
        assert {"zh_cn", "ja_jp"} <= button["text"]["i18n_content"].keys()


def test_nearly_every_card_of_words_is_in_all_languages() -> None:
    """Except where a language has other lines than another."""
    tried = [name for name in shown("en") if wordy(name)]
    done = [name for name in tried if "locales" in in_all(name)["config"]]
    assert len(done) > 0.9 * len(tried) > 200


def test_cards_that_differ_in_more_than_words_stay_apart() -> None:
    here, there = Card("A", (Text(("a",)),)), Card("B", (Text(("b",)), Note("c")))
    made = render.card(Message(here, "en", others={"ja": there}), lambda _chart: "")
    assert made == render.card(Message(here, "en"), lambda _chart: "")
    pressed = Card("B", (Text(("b",)),), (Button("x", "a.b"),))
    assert render.card(Message(here, "en", others={"ja": pressed}), lambda _chart: "") == made


def test_too_much_in_all_languages_is_the_readers_own_alone() -> None:
    long = {
        locale: Card("A", (Text((char * 1900,)),) * 3)
        for locale, char in (("en", "a"), ("ja", "あ"), ("zh_Hant", "好"))
    }
    made = render.card(Message(long.pop("en"), "en", others=long), lambda _chart: "")
    assert "locales" not in made["config"]
    accepted(made)
