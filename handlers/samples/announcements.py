"""Announcements as their readers get them, as HR has them, who has confirmed them, and their forms."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from bot.cards import Card
from bot.forms import Sheet
from bot.text import LOCALES, NAMES, Texts
from handlers.cards.announcements import ShownAnnouncement, announcement_card, preview_card, replaced_card
from handlers.cards.bulletinforms import (
    NO,
    ROLES,
    YES,
    AskForm,
    AudienceForm,
    BeginForm,
    RemindForm,
    ScheduleForm,
    WordsForm,
)
from handlers.cards.bulletins import Listed, ShownBulletin, Turnout, audience_text, bulletin_card, bulletins_card
from handlers.cards.kickoff import kickoff_wording
from handlers.cards.readers import ShownChase, ShownReaders, chase_card, readers_card
from handlers.cards.todos import todo_label
from handlers.samples.company import BLOCKERS, DUE, HOSTILE, LONG, NOW, REASONS, REVIEWER, Company, said
from handlers.samples.company import NAMES as PEOPLE
from models.announcement import CONFIRM
from models.wording import Wording

Samples = Iterator[tuple[str, Card | Sheet]]
ZONE = ZoneInfo("Asia/Shanghai")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FAR = Turnout(total=203, delivered=190, under_way=6, no_account=4, failed=3, asked=203, read=148)
NUMBER = "0042"


def announcement_samples(t: Texts) -> Samples:
    """(name, card or sheet) of everything about announcements."""
    company = Company(t)
    words = kickoff_wording(t, company.cycle, company.stages(), ZONE)
    yield from _readers(t, company, words)
    yield from _lists(t, words)
    yield from _bulletins(t, company, words)
    yield from _names(t, company, words)
    yield from _forms(t, company, words)


def _readers(t: Texts, company: Company, words: Wording) -> Samples:
    sent = ShownAnnouncement(21, 1, words, NOW)
    asked = replace(sent, asked=True, due_at=DUE)
    documents = [(number, title) for number, title in enumerate(company.departments(), 1)]
    yield "announcement.read_only", announcement_card(t, sent)
    yield "announcement.asked", announcement_card(t, asked)
    yield "announcement.asked.without_day", announcement_card(t, replace(asked, due_at=None))
    yield "announcement.asked.rules", announcement_card(t, replace(asked, rulebooks=documents[:2]))
    yield "announcement.asked.many_rules", announcement_card(t, replace(asked, rulebooks=documents))
    yield "announcement.confirmed", announcement_card(t, replace(asked, read_at=NOW + HOUR))
    yield "announcement.corrected", announcement_card(t, replace(asked, corrected_at=NOW + DAY))
    before = replace(words, text=f"{words.text}\n{said(REASONS, t)}", more=said(BLOCKERS, t))
    yield "announcement.changed", announcement_card(t, replace(asked, edition=2, before=before))
    news = replace(words, title=said(BLOCKERS, t))
    yield "announcement.changed.title", announcement_card(t, replace(asked, edition=3, words=news, before=words))
    lines = [f"{HOSTILE} {number}." for number in range(12)]
    many = replace(
        asked, edition=2, before=Wording(words.title, "\n\n".join(lines[::2])), words=Wording(HOSTILE, "\n".join(lines))
    )
    yield "announcement.changed.much", announcement_card(t, many)
    yield "announcement.hostile", announcement_card(t, replace(asked, words=Wording(HOSTILE, HOSTILE, HOSTILE)))
    yield "announcement.long", announcement_card(t, replace(asked, words=Wording(LONG[:70], LONG * 5, LONG * 5)))
    yield "announcement.replaced", replaced_card(t, words.title, 21)
    line = t("Preview: so it looks for readers of {language}.", language=NAMES[t.locale])
    yield "announcement.preview", preview_card(t, asked, said=line, bulletin_id=5, back=t("Back to the announcement"))


def _lists(t: Texts, words: Wording) -> Samples:
    draft = Listed(5, words.title, "draft", NOW)
    later = Listed(6, said(BLOCKERS, t), "scheduled", NOW + DAY)
    sent = Listed(4, words.title, "sent", NOW - DAY, 203, 148)
    over = Listed(3, HOSTILE, "ended", NOW - 9 * DAY, 203, 190)
    plain = Listed(2, LONG, "sent", NOW - 9 * DAY)
    yield "bulletins.none.hr", bulletins_card(t, [], writes=True, opens="bulletin.pick")
    yield "bulletins.hr", bulletins_card(t, [draft, later, sent, plain, over], writes=True, opens="bulletin.pick")
    yield "bulletins.auditor", bulletins_card(t, [sent, over], writes=False, opens="bulletin.pick")
    yield (
        "bulletins.head",
        bulletins_card(t, [replace(sent, asked=17, read=12)], writes=False, opens="bulletin.missing"),
    )
    yield "bulletins.none.auditor", bulletins_card(t, [], writes=False, opens="bulletin.pick")
    yield "bulletins.none.head", bulletins_card(t, [], writes=False, opens="bulletin.missing")


def _bulletins(t: Texts, company: Company, words: Wording) -> Samples:
    everybody = audience_text(t, {"everybody": True}, [], ROLES)
    kept = {"roles": ["manager", "hr"], "people": [1, 2, 3]}
    some = audience_text(t, kept, company.departments()[:2], ROLES)
    draft = ShownBulletin(5, 3, "draft", words.title, LOCALES, everybody, 203, confirm=True, due_at=DUE)
    rules = list(company.departments()[:2])
    kickoff = replace(draft, cycle=company.cycle.name, rulebooks=rules)
    sent = replace(draft, state="sent", version=4, edition=1, sent_at=NOW, turnout=FAR, asking=True)
    yield "bulletin.draft.hr", bulletin_card(t, replace(draft, languages=[t.locale], due_at=None))
    yield "bulletin.draft.some.hr", bulletin_card(t, replace(draft, audience=some, count=1, confirm=False))
    yield (
        "bulletin.draft.nobody.hr",
        bulletin_card(t, replace(draft, audience=audience_text(t, {}, [], ROLES), count=0)),
    )
    yield "bulletin.draft.kickoff.hr", bulletin_card(t, kickoff)
    yield "bulletin.draft.stopped.hr", bulletin_card(t, replace(kickoff, stopped=True))
    yield "bulletin.draft.auditor", bulletin_card(t, replace(draft, manages=False))
    planned = replace(kickoff, state="scheduled", send_at=t.datetime(NOW + DAY), zone=ZONE.key)
    yield "bulletin.scheduled.hr", bulletin_card(t, planned)
    yield "bulletin.sent.hr", bulletin_card(t, sent)
    begun = Turnout(total=203, under_way=203)
    yield "bulletin.sent.begun.hr", bulletin_card(t, replace(sent, turnout=begun))
    whole = Turnout(total=203, delivered=203, asked=203, read=203)
    yield "bulletin.sent.all.hr", bulletin_card(t, replace(sent, turnout=whole))
    unasked = replace(sent, confirm=False, due_at=None, asking=False, turnout=replace(FAR, asked=0, read=0))
    yield "bulletin.sent.unasked.hr", bulletin_card(t, unasked)
    yield "bulletin.sent.changed.hr", bulletin_card(t, replace(sent, changed=True, version=5))
    yield "bulletin.sent.corrected.hr", bulletin_card(t, replace(sent, corrected_at=NOW + HOUR))
    yield "bulletin.sent.auditor", bulletin_card(t, replace(sent, manages=False))
    yield "bulletin.ended.hr", bulletin_card(t, replace(sent, state="ended", asking=False))
    yield "bulletin.sent.hostile.hr", bulletin_card(t, replace(sent, title=HOSTILE, audience=HOSTILE, rulebooks=[LONG]))


def _names(t: Texts, company: Company, words: Wording) -> Samples:
    names = [(name, NUMBER, None) for name in PEOPLE[t.locale]]
    read = [(name, NUMBER, NOW + HOUR) for name in PEOPLE[t.locale]]
    places = [(number, name, 40 + number, 30) for number, name in enumerate(company.departments(), 1)]
    waiting = ShownReaders(5, words.title, False, 203, 148, names, places, manages=True)
    yield "bulletin.waiting.hr", readers_card(t, waiting)
    yield "bulletin.waiting.page.hr", readers_card(t, replace(waiting, page=1, asked=1203))
    one = replace(waiting, place=places[0][1], place_id=1, asked=41, done=30)
    yield "bulletin.waiting.department.hr", readers_card(t, one)
    yield (
        "bulletin.waiting.head",
        readers_card(t, replace(waiting, manages=False, places=places[:1], asked=41, done=34)),
    )
    yield "bulletin.waiting.nobody.hr", readers_card(t, replace(waiting, names=[], done=203))
    yield "bulletin.waiting.ended.hr", readers_card(t, replace(waiting, asking=False))
    yield "bulletin.readers.hr", readers_card(t, replace(waiting, read=True, names=read))
    yield "bulletin.readers.nobody.hr", readers_card(t, replace(waiting, read=True, names=[], done=0))
    hostile = replace(waiting, title=HOSTILE, names=[(HOSTILE, NUMBER, None)], places=())
    yield "bulletin.waiting.hostile.hr", readers_card(t, hostile)
    line = todo_label(t, CONFIRM, "", own=True)
    chase = ShownChase(5, words.title, company.name(REVIEWER), 55, line, DUE, 41, 9, 5)
    yield "bulletin.chase.hr", chase_card(t, chase)
    yield "bulletin.chase.one.hr", chase_card(t, replace(chase, waiting=1, due_at=None, at_once=1, later=0, had=0))
    yield "bulletin.chase.nobody.hr", chase_card(t, replace(chase, waiting=0))


def _forms(t: Texts, company: Company, words: Wording) -> Samples:
    written = {"locale": t.locale, "heading": words.title, "text": words.text, "more": words.more}
    one = {"locale": [(t.locale, NAMES[t.locale])]}
    yield "form.bulletin.begin.empty", BeginForm.sheet(t)
    yield "form.bulletin.begin.filled", BeginForm.sheet(t, values=written)
    yield "form.bulletin.write.empty", WordsForm.sheet(t, options=one)
    yield "form.bulletin.write.filled", WordsForm.sheet(t, options=one, values=written)
    places = {"departments": [(str(number), name) for number, name in enumerate(company.departments(), 1)]}
    some = {"everybody": NO, "departments": ("1", "3"), "roles": ("manager",), "people": company.name(0)}
    yield "form.bulletin.address.empty", AudienceForm.sheet(t, options=places)
    yield "form.bulletin.address.filled", AudienceForm.sheet(t, options=places, values=some)
    documents = {"rulebooks": [("1", company.departments()[0])]}
    asks = {"confirm": YES, "due": DUE.date(), "rulebooks": ("1",)}
    yield "form.bulletin.ask.empty", AskForm.sheet(t, options=documents)
    yield "form.bulletin.ask.filled", AskForm.sheet(t, options=documents, values=asks)
    yield "form.bulletin.schedule.empty", ScheduleForm.sheet(t)
    yield "form.bulletin.schedule.filled", ScheduleForm.sheet(t, values={"day": DUE.date(), "time": "09:30"})
    yield "form.bulletin.remind.empty", RemindForm.sheet(t)
    yield "form.bulletin.remind.filled", RemindForm.sheet(t, values={"words": said(BLOCKERS, t)})
