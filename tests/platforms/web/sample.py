"""A small bot behind the console's real doors: it answers, redraws, asks and remembers like the real one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from aiohttp import web

from bot.capability import Answer, Message, Ref
from bot.cards import Card, Tone, text
from bot.events import Attached, Changed, Click, FromPerson, Said, Submitted, Who
from bot.forms import Invalid
from bot.platforms.web import Player, Role, Web
from bot.text import negotiate
from tests.platforms.web import cards

SURNAMES = ("Wang 王", "Li 李", "Zhang 张", "Liu 刘", "Chen 陈", "Yang 杨", "Zhao 赵", "Huang 黄", "Zhou 周", "Wu 吴")
GIVEN = ("Wei 伟", "Fang 芳", "Na 娜", "Min 敏", "Jing 静", "Lei 磊", "Yan 艳", "Yong 勇", "Jie 杰", "Tao 涛")
DEPARTMENTS = ("Sales", "Risk", "Operations", "Technology", "Finance")
FIRST = (
    Player("ceo", "Zhou Qi", Role.EXECUTIVE, "Company", "Chief executive", featured=True),
    Player("hr", "Sun Li", Role.HR, "Human resources", "Head of HR", manager="Zhou Qi", featured=True),
    Player("head", "Wu Tao", Role.HEAD, "Sales", "Head of sales", manager="Zhou Qi"),
    Player("boss", "Li Lei", Role.MANAGER, "Sales", "Team lead", manager="Wu Tao", featured=True),
    Player("ana", "Wang Fang", Role.EMPLOYEE, "Sales", "Account executive", manager="Li Lei", featured=True),
    Player("王芳", "王芳", Role.EMPLOYEE, "风险管理部", "风控专员", "zh_Hans", manager="Li Lei", featured=True),
)
WORDS = {
    "perf": "What waits for you, your progress, the next deadline",
    "perf goals": "See, set and change goals",
    "perf goals @person": "See the goals of somebody else",
    "perf checkin": "Report values, progress and blockers",
    "perf progress me": "Your progress as a chart",
    "perf progress team": "The progress of your team",
    "perf help": "What you can do here",
    "perf lang": "Change the language",
}


def company() -> list[Player]:
    """200 people in five departments; the first six have short accounts."""
    others = [(family, given) for family in SURNAMES for given in GIVEN] * 2
    made = [
        Player(f"u{n}", f"{family.split()[0]} {given.split()[0]}", Role.EMPLOYEE, DEPARTMENTS[n % 5], "Specialist")
        for n, (family, given) in enumerate(others[:194])
    ]
    return [*FIRST, *made]


@dataclass
class Kept:
    """What the bot remembers of a delivery: where, which view, which version."""

    ref: Ref
    view: str
    version: int = 1


class Sample:
    """Remembers deliveries and people over restarts of the console; `events` is everything that came in."""

    def __init__(self) -> None:
        self.people = {player.user: player for player in company()}
        self.kept: dict[str, list[Kept]] = {}
        self.events: list[FromPerson] = []
        self.seen: set[str] = set()
        self.console = self.build()
        self.port = 0
        self._runner: web.AppRunner | None = None

    def build(self) -> Web:
        """A console without any memory of its own."""
        return Web(mode="sample", people=self.everybody, history=self.history, words=self.words, clock=self.clock)

    @property
    def base(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self, console: Web | None = None) -> None:
        """Serves the console or a new one, on the same port as before if there was one."""
        app = web.Application()
        self.console = console or self.build()
        app.add_routes(self.console.routes())
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True)
        await site.start()
        self.port = self._runner.addresses[0][1]
        await self.console.start(self.inbound)

    async def stop(self) -> None:
        """Goes away; what the bot remembers stays."""
        await self.console.stop()
        if self._runner:
            await self._runner.cleanup()

    async def everybody(self) -> Sequence[Player]:
        return list(self.people.values())

    async def words(self, _who: Who) -> Sequence[tuple[str, str]]:
        return list(WORDS.items())

    def clock(self) -> datetime:
        return datetime(2026, 11, 30, 9, 0, tzinfo=UTC)

    async def history(self, who: Who, most: int) -> Sequence[tuple[Ref, Message]]:
        return [(kept.ref, self.drawn(who.user, kept)) for kept in self.kept.get(who.user, [])][-most:]

    def drawn(self, user: str, kept: Kept) -> Message:
        """The remembered view, in the language of now."""
        locale = self.people[user].locale
        return cards.message(self.card(user, kept, locale), locale)

    def card(self, user: str, kept: Kept, locale: str) -> Card:
        t, name = cards.say(locale), self.people[user].name
        match kept.view:
            case "plan" if kept.version > 1:
                line = "Everything is set: the next check-in is in May."
                return cards.short(t, "Your plan is approved", line, Tone.GOOD)
            case "plan":
                return cards.plan(t, locale, kept.version)
            case "progress":
                return cards.progress(t, locale)
            case "home":
                return cards.short(t, "Good morning, {who}", "Three things wait for you.", Tone.NEUTRAL, who=name)
            case "line":
                return Card("", (text("Noted."),))
            case "file":
                return cards.short(t, "Evidence received", "Saved.", Tone.GOOD)
            case _:
                return cards.short(t, "I did not understand that", "Try “perf goals”.", Tone.BAD)

    async def tell(self, user: str, view: str) -> Ref:
        """Delivers a view and remembers it."""
        who = Who("web", "console", user)
        kept = Kept(Ref(user, ""), view)
        kept.ref = await self.console.deliver(who, self.drawn(user, kept))
        self.kept.setdefault(user, []).append(kept)
        return kept.ref

    async def redraw(self, user: str, message: str) -> None:
        """The next version of a remembered message."""
        kept = next(kept for kept in self.kept[user] if kept.ref.message == message)
        kept.version += 1
        await self.console.update(Who("web", "console", user), kept.ref, self.drawn(user, kept))

    async def inbound(self, event: FromPerson | Changed) -> Answer:
        assert not isinstance(event, Changed)
        if event.key in self.seen:
            return Answer()
        self.seen.add(event.key)
        self.events.append(event)
        match event:
            case Said():
                return await self.said(event)
            case Click():
                return await self.clicked(event)
            case Submitted():
                return self.submitted(event)
            case Attached():
                await self.tell(event.who.user, "file")
                return Answer()
            case _:
                raise RuntimeError("unexpected event")

    async def said(self, event: Said) -> Answer:
        user, line = event.who.user, event.text
        if line.startswith("lang "):
            self.people[user] = replace(self.people[user], locale=negotiate(line.removeprefix("lang ")))
            return Answer()
        if line == "crash":
            raise RuntimeError("secret figure 4711")
        views = {"perf": "home", "perf goals": "plan", "perf progress": "progress", "perf help": "home", "note": "line"}
        await self.tell(user, views.get(line, "unknown"))
        return Answer()

    async def clicked(self, event: Click) -> Answer:
        t = cards.say(self.people[event.who.user].locale)
        match event.action:
            case "goal.edit":
                values = {"name": t("New customer bookings"), "sources": ("crm",), "target": 12500}
                sheet = cards.GoalForm.sheet(t, subject=event.subject, version=event.version, values=values)
                return Answer(sheet=sheet)
            case "plan.approve":
                await self.redraw(event.who.user, event.where.message)
                return Answer()
            case _:
                return Answer(toast=f"{event.action} {event.value}".strip())

    def submitted(self, event: Submitted) -> Answer:
        t = cards.say(self.people[event.who.user].locale)
        try:
            cards.GoalForm.read(event.answers)
        except Invalid as invalid:
            return Answer(errors={name: t(sentence) for name, sentence in invalid.errors.items()})
        return Answer(toast=t("Saved."))
