"""The words that the announcement of a cycle begins with: period, steps and dates, drawn from the cycle."""

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.text import Texts
from handlers.cards.home import STAGES
from models.cycle import Cycle, Stage
from models.wording import Wording


def kickoff_wording(t: Texts, cycle: Cycle, stages: Sequence[Stage], zone: ZoneInfo) -> Wording:
    """In the language of `t`; days are those of the company's `zone`, in which stages close."""
    steps = [f"• {t(STAGES[stage.name])}: {t.date(_day(stage.closes_at, zone))}" for stage in stages]
    period = t("{name} covers {start} to {end}.", name=cycle.name, start=cycle.starts_on, end=cycle.ends_on)
    lines = [period, t("The steps, and by when:"), *steps] if steps else [period]
    more = [
        t("You get a message when it is your turn; the buttons in it are all you need."),
        t("The rules: type “perf help rules”. A question: type “perf ask”."),
    ]
    return Wording(t("{name} begins", name=cycle.name), "\n".join(lines), "\n".join(more))


def _day(instant: datetime, zone: ZoneInfo) -> date:
    return instant.astimezone(zone).date()
