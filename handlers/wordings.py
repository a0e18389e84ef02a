"""Writing an announcement: its words in each language, who gets it, what is asked, and a preview."""

import re
from typing import Any

from bot.cards import Card
from bot.context import Context
from bot.events import Click, Submitted
from bot.forms import SENTENCES, Invalid
from bot.router import Router
from bot.text import LOCALES, N_, NAMES, Texts, texts
from handlers.cards.announcements import ShownAnnouncement, preview_card
from handlers.cards.bulletinforms import NO, YES, AskForm, AudienceForm, BeginForm, WordsForm
from handlers.cards.kickoff import kickoff_wording
from handlers.cards.paragraphs import wording
from models.announcement import Announcement
from models.audience import Audience
from models.base import Refused
from models.bulletin import Bulletin, begin_bulletin, kickoff_of
from models.cycle import Cycle, end_of_day, stages_of
from models.department import Department, branches
from models.person import Person
from models.rulebook import Rulebook, documents, shelf
from models.wording import Wording, language, worded

router = Router()
router.said(
    bulletin_written=N_("{who} changed the text on {when}."),
    bulletin_addressed=N_("{who} changed who gets this on {when}."),
    bulletin_asked=N_("{who} changed what is asked of the readers on {when}."),
    bulletin_discarded=N_("{who} discarded this draft on {when}."),
)
BETWEEN = re.compile(r"[,，、;；\n]+|\s+(?=@)")
MOST_NAMED = 60


@router.button("bulletin.begin", right="bulletin.write")
def ask_begin(ctx: Context, event: Click) -> None:
    """In the language of who writes it."""
    ctx.ask(BeginForm, values={"locale": ctx.t.locale})


@router.form(BeginForm, right="bulletin.write")
def begin(ctx: Context, event: Submitted, form: BeginForm) -> None:
    """A draft; nobody gets it yet."""
    words = Wording(form.heading, form.text, form.more or "")
    made = begin_bulletin(ctx.db, ctx.actor.id, ctx.now, {_locale(ctx, form.locale): words})
    ctx.toast(ctx.t("Saved as a draft. Nobody gets it before you send it."))
    ctx.reply("bulletin.card", made)


@router.button("cycle.kickoff")
def kickoff(ctx: Context, event: Click) -> None:
    """The announcement of a cycle: the one there is, or a new draft in all languages of the cycle."""
    cycle = ctx.mine(Cycle)
    known = kickoff_of(ctx.db, cycle.id)
    ctx.reply("bulletin.card", known or _drafted(ctx, cycle))


@router.button("bulletin.write", versioned=True)
def ask_words(ctx: Context, event: Click) -> None:
    """The words in one language, as they are."""
    one, locale = ctx.mine(Bulletin), _locale(ctx, event.value)
    one.expect_open()
    known = one.texts.get(locale, {})
    values = {"locale": locale, "heading": known.get("title"), "text": known.get("text"), "more": known.get("more")}
    ctx.ask(WordsForm, one, values=values, options={"locale": [(locale, NAMES[locale])]})


@router.form(WordsForm, right="bulletin.write", versioned=True)
def write(ctx: Context, event: Submitted, form: WordsForm) -> None:
    """Both title and text, or neither: then there is no text in this language."""
    words = wording(form.heading, form.text, form.more)
    if words is not None and not words.title:
        raise Invalid({"heading": ctx.t(SENTENCES["missing"])})
    if words is not None and not words.text:
        raise Invalid({"text": ctx.t(SENTENCES["missing"])})
    ctx.mine(Bulletin).write(ctx.db, event.version, ctx.now, _locale(ctx, form.locale), words)
    ctx.toast(ctx.t("Saved. Nobody gets it before you send it."))


@router.button("bulletin.address", right="bulletin.write", versioned=True)
def ask_address(ctx: Context, event: Click) -> None:
    """Who gets it, as it is set."""
    one = ctx.mine(Bulletin)
    one.expect_unsent()
    known = one.readers()
    people = [ctx.get(Person, one_id) for one_id in known.people[:MOST_NAMED]]
    values = {
        "everybody": YES if known.everybody else NO,
        "departments": tuple(str(place) for place in known.departments),
        "roles": known.roles,
        "people": ", ".join(f"@{person.handle}" for person in people),
    }
    places = [(str(place.id), named) for place, named in branches(ctx.db, ctx.t.locale)]
    ctx.ask(AudienceForm, one, values=values, options={"departments": places})


@router.form(AudienceForm, right="bulletin.write", versioned=True)
def address(ctx: Context, event: Submitted, form: AudienceForm) -> None:
    """Everybody, or the parts together; whoever is not known is named."""
    places = tuple(ctx.chosen(Department, value).id for value in form.departments)
    some = Audience(departments=places, roles=form.roles, people=_people(ctx, form.people or ""))
    audience = Audience(everybody=True) if form.everybody == YES else some
    ctx.mine(Bulletin).address(ctx.db, event.version, ctx.now, audience)
    count = audience.count(ctx.db)
    ctx.toast(ctx.t.n("{n} person would get it.", "{n} people would get it.", count))


@router.button("bulletin.ask", right="bulletin.write", versioned=True)
def ask_ask(ctx: Context, event: Click) -> None:
    """What is asked of the readers, as it is set."""
    one = ctx.mine(Bulletin)
    one.expect_open()
    values = {
        "confirm": YES if one.confirm else NO,
        "due": one.due_at.astimezone(ctx.zone).date() if one.due_at else None,
        "rulebooks": tuple(str(number) for number in one.rulebook_ids),
    }
    ctx.ask(AskForm, one, values=values, options={"rulebooks": _documents(ctx)})


@router.form(AskForm, right="bulletin.write", versioned=True)
def ask(ctx: Context, event: Submitted, form: AskForm) -> None:
    """A day ends at its last second in the company's zone."""
    until = end_of_day(form.due, ctx.zone) if form.due else None
    wanted = [ctx.chosen(Rulebook, value).id for value in form.rulebooks]
    one = ctx.mine(Bulletin)
    one.ask(ctx.db, event.version, ctx.now, confirm=form.confirm == YES, due_at=until, rulebooks=wanted)
    ctx.toast(ctx.t("Saved."))


@router.button("bulletin.discard", right="bulletin.write", versioned=True)
def discard(ctx: Context, event: Click) -> None:
    """A draft is given up."""
    ctx.mine(Bulletin).discard(ctx.db, event.version, ctx.now)
    ctx.toast(ctx.t("Discarded."))


# Preview


@router.button("bulletin.preview", right="bulletin.write")
def preview(ctx: Context, event: Click) -> None:
    """What readers of one language get."""
    ctx.reply("bulletin.preview", ctx.mine(Bulletin), locale=_locale(ctx, event.value))


@router.view("bulletin.preview")
def preview_view(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """Drawn as for them: in their language, with what would have changed since the version they have."""
    ctx.check("bulletin.write")
    one, locale = ctx.get(Bulletin, subject), str(facts["locale"])
    reader = texts(locale, ctx.t.zone.key)
    shown = ShownAnnouncement(
        id=0,
        edition=one.edition + 1,
        words=worded(one.texts, locale),
        sent_at=one.send_at or one.changed_at,
        before=_before(ctx, one, locale),
        asked=one.confirm,
        due_at=one.due_at,
        rulebooks=[
            (document.id, worded(document.texts, locale).title) for document in documents(ctx.db, one.rulebook_ids)
        ],
    )
    said = ctx.t("Preview: so it looks for readers of {language}.", language=NAMES[locale])
    return preview_card(reader, shown, said=said, bulletin_id=one.id, back=ctx.t("Back to the announcement"))


# Parts


def _drafted(ctx: Context, cycle: Cycle) -> Bulletin:
    """For who takes part, with the documents of the cycle."""
    stages = stages_of(ctx.db, cycle.id)
    words = {
        tag: kickoff_wording(_home(ctx, tag), cycle, stages, ctx.zone) for tag in cycle.languages if tag in LOCALES
    }
    documents = [one.id for one, _cycle in shelf(ctx.db, hidden=True, cycle_id=cycle.id)]
    audience = cycle.audience or Audience(everybody=True).kept()
    values = {"cycle_id": cycle.id, "audience": audience, "rulebook_ids": documents}
    return begin_bulletin(ctx.db, ctx.actor.id, ctx.now, words, **values)


def _home(ctx: Context, locale: str) -> Texts:
    """A language with the company's zone."""
    return texts(locale, ctx.zone.key)


def _locale(ctx: Context, value: str) -> str:
    if value not in LOCALES:
        raise Invalid({"locale": ctx.t(SENTENCES["literal_error"])})
    return value


def _people(ctx: Context, typed: str) -> tuple[int, ...]:
    """Who is meant by every name; all that are not known are named at once."""
    found, faults = [], []
    for word in [part.strip() for part in BETWEEN.split(typed) if part.strip()]:
        try:
            found.append(ctx.person(word).id)
        except Refused as no:
            faults.append(ctx.t(no.message, **no.facts))
    if faults:
        raise Invalid({"people": " ".join(faults)})
    return tuple(dict.fromkeys(found))


def _documents(ctx: Context) -> list[tuple[str, str]]:
    shown = [(one, worded(one.texts, ctx.t.locale).title, cycle) for one, cycle in shelf(ctx.db, hidden=True)]
    return [(str(one.id), f"{title} · {cycle.name}") for one, title, cycle in shown]


def _before(ctx: Context, one: Bulletin, locale: str) -> Wording | None:
    if one.live_id is None:
        return None
    live = ctx.get(Announcement, one.live_id)
    same = language(live.texts, locale) == language(one.texts, locale)
    return worded(live.texts, locale) if same else None
