"""What people do on Slack and what they see, on both transports."""

from dataclasses import replace

from bot.capability import Answer, Message
from bot.cards import Card, Choice, Open, text
from bot.events import Attached, Click, Command, Where
from tests.platforms.slack.stage import ANA, CARD, SHEET, Stage


async def test_slash_command_with_its_card(stage: Stage) -> None:
    stage.app.answer = Answer(card=Message(CARD))
    outcome = await stage.driver.type("U0001", "/perf goals of @bob & co", channel="C0001", mentions={"@bob": "U0002"})
    event = stage.app.commanded()
    assert (event.text, event.mentions, event.who) == ("goals of @bob & co", {"@bob": "U0002"}, ANA)
    assert event.where == Where("C0001", private=True, inline=True)
    assert (outcome.status, stage.refused) == (200, [])
    seen = stage.driver.messages("U0001")[-1]
    assert seen.text.splitlines()[:2] == ["Goal 7", "Ship it"]
    assert seen.buttons == ("Approve", "Reject")
    assert stage.driver.channel("C0001") == []
    assert stage.driver.messages("U0002") == []


async def test_slash_command_toast(stage: Stage) -> None:
    stage.app.answer = Answer(toast="Nothing waits for you.")
    assert (await stage.driver.type("U0001", "/perf")).toast == "Nothing waits for you."


async def test_direct_message_and_mention(stage: Stage) -> None:
    await stage.driver.type("U0001", "perf <b> & more")
    said = stage.app.said()
    assert (said.text, said.where, said.who) == ("perf <b> & more", Where("D0001"), ANA)
    await stage.driver.type("U0001", "help @bob", channel="C0001", mentions={"bob": "U0002"})
    said = stage.app.said()
    assert (said.text, dict(said.mentions)) == ("help @U0002", {"@U0002": "U0002"})
    assert said.where == Where("C0001", private=False)


async def test_delivered_card_is_pressed_and_redrawn(stage: Stage) -> None:
    ref = await stage.platform.deliver(ANA, Message(CARD, key="k1"))
    message = stage.driver.messages("U0001")[-1]
    stage.app.answer = Answer(toast="Done.")
    outcome = await stage.driver.press("U0001", message, "Approve")
    click = stage.app.clicked()
    assert (click.action, click.subject, click.version, click.value) == ("goal.approve", 7, 3, "")
    assert click.where == Where(ref.channel, private=True, message=ref.message)
    assert outcome.toast == "Done."
    await stage.platform.update(ANA, ref, Message(replace(CARD, body=(text("Approved by Ana"),), actions=())))
    now = stage.driver.messages("U0001")[0]
    assert ("Approved by Ana" in now.text, now.buttons) == (True, ())
    await stage.driver.press("U0001", message, "Reject")  # the old look on another screen
    assert stage.app.clicked().action == "goal.reject"
    assert stage.refused == []


async def test_choice_carries_its_value(stage: Stage) -> None:
    options = (("en", "English"), ("zh:1", "简体中文"))
    card = Card("Language", actions=(Choice("Pick", "profile.language", options, 4, 2), Open("Site", "https://a.test")))
    await stage.platform.deliver(ANA, Message(card))
    message = stage.driver.messages("U0001")[-1]
    await stage.driver.press("U0001", message, "简体中文")
    click = stage.app.clicked()
    assert (click.action, click.subject, click.version, click.value) == ("profile.language", 4, 2, "zh:1")
    count = len(stage.app.events)
    assert (await stage.driver.press("U0001", message, "Site")).status == 200
    assert len(stage.app.events) == count


async def test_form_from_a_button_to_the_answers(stage: Stage) -> None:
    ref = await stage.platform.deliver(ANA, Message(CARD))
    stage.app.answer = Answer(sheet=SHEET)
    await stage.driver.press("U0001", stage.driver.messages("U0001")[-1], "Approve")
    form = stage.driver.form("U0001")
    assert form is not None
    assert (form.title, form.labels) == ("New goal for the first…", ("Title", "Weight", "Kind", "Note"))
    stage.app.answer = Answer(errors={"weight": "Too much.", "other": "And this."})
    outcome = await stage.driver.submit("U0001", {"Title": "Ship", "Weight": "１２", "Kind": "Habit"})
    assert outcome.errors == {"Weight": "Too much.", "Title": "And this."}
    first = stage.app.submitted()
    assert (first.action, first.subject, first.version) == ("goal.save", 7, 3)
    assert first.where == Where(ref.channel, private=True, message=ref.message)
    assert first.answers == {"title": "Ship", "weight": "12", "kind": "h", "note": ""}
    stage.app.answer = Answer(toast="Saved.")
    outcome = await stage.driver.submit("U0001", {"Weight": "10"})
    second = stage.app.submitted()
    assert second.answers["title"] == "Ship"
    assert second.key != first.key
    assert (outcome.toast, stage.driver.form("U0001"), stage.refused) == ("Saved.", None, [])


async def test_form_after_form_and_required_fields(stage: Stage) -> None:
    stage.app.answer = Answer(sheet=SHEET)
    await stage.driver.type("U0001", "/perf goals add")
    assert set((await stage.driver.submit("U0001", {"Title": "x"})).errors) == {"Weight", "Kind"}
    stage.app.answer = Answer(sheet=replace(SHEET, action="goal.more", title="More"))
    await stage.driver.submit("U0001", {"Title": "x", "Weight": "1", "Kind": "Habit"})
    form = stage.driver.form("U0001")
    assert form is not None
    assert (form.title, form.values["Title"]) == ("More", "")
    stage.app.answer = Answer(card=Message(CARD), toast="Kept.")
    outcome = await stage.driver.submit("U0001", {"Title": "y", "Weight": "2", "Kind": "Objective"})
    assert stage.app.submitted().action == "goal.more"
    assert outcome.toast == "Kept."
    assert stage.driver.messages("U0001")[-1].buttons == ("Approve", "Reject")


async def test_home_page(stage: Stage) -> None:
    stage.app.answer = Answer(card=Message(CARD))
    await stage.driver.open_home("U0001")
    opened = stage.app.opened()
    assert (opened.surface, opened.where) == ("home", Where(inline=True))
    page = stage.driver.messages("U0001")[-1]
    stage.app.answer = Answer(card=Message(replace(CARD, title="Goal 8")), toast="Already decided.")
    outcome = await stage.driver.press("U0001", page, "Approve")
    assert stage.app.clicked().where == Where(inline=True)
    assert outcome.toast == "Already decided."
    assert stage.driver.messages("U0001")[-1].text.startswith("Goal 8")
    stage.app.answer = Answer(sheet=SHEET)
    await stage.driver.press("U0001", stage.driver.messages("U0001")[-1], "Approve")
    stage.app.answer = Answer(card=Message(replace(CARD, title="Goal 9")), toast="Saved.")
    outcome = await stage.driver.submit("U0001", {"Title": "y", "Weight": "2", "Kind": "Objective"})
    assert stage.driver.messages("U0001")[-1].text.startswith("Saved.") or outcome.toast == "Saved."
    assert any(seen.text.startswith("Goal 9") for seen in stage.driver.messages("U0001"))
    assert stage.refused == []


async def test_ephemeral_card_is_replaced(stage: Stage) -> None:
    stage.app.answer = Answer(card=Message(CARD))
    await stage.driver.type("U0001", "/perf", channel="C0001")
    message = stage.driver.messages("U0001")[-1]
    stage.app.answer = Answer(card=Message(replace(CARD, title="Goal 8")))
    await stage.driver.press("U0001", message, "Approve")
    assert stage.app.clicked().where == Where("C0001", private=True, inline=True)
    assert [seen.text.splitlines()[0] for seen in stage.driver.messages("U0001")] == ["Goal 8"]


async def test_words_that_need_a_form_get_a_button(stage: Stage) -> None:
    stage.app.answer = Answer(sheet=SHEET)
    await stage.driver.type("U0001", "goals add")
    await stage.driver.press("U0001", stage.driver.messages("U0001")[-1], "Open the form")
    assert stage.app.commanded().text == "goals add"
    assert stage.driver.form("U0001") is not None


async def test_file_sent_to_the_bot(stage: Stage) -> None:
    await stage.driver.attach("U0001", "goals.csv", b"a,b", "for goal 7")
    event = stage.app.last()
    assert isinstance(event, Attached)
    assert (event.text, event.files[0].name, event.files[0].size) == ("for goal 7", "goals.csv", 3)
    assert await stage.platform.fetch(event.files[0].url, 10) == b"a,b"


async def test_late_answers_still_arrive(stage: Stage) -> None:
    stage.app.waits = 1.0
    stage.app.answer = Answer(card=Message(CARD), toast="Slow.")
    outcome = await stage.driver.type("U0001", "/perf")
    assert outcome.toast == "Working on it…\nSlow."
    assert stage.driver.messages("U0001")[-1].text.startswith("Goal 7")
    assert [type(event) for event in stage.app.events] == [Command]
    await stage.driver.press("U0001", stage.driver.messages("U0001")[-1], "Approve")
    assert [type(event) for event in stage.app.events] == [Command, Click]
    assert stage.refused == []
