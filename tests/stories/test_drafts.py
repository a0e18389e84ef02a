"""What was begun is still there after the bot was stopped and started anew."""

from pathlib import Path

from sqlmodel import Session, select

from bot.sample.small import fill_small
from models.scorecard import SELF, Scorecard, scores_of
from tests.drivers.web import WebDriver
from tests.prepared import nobody, sqlite_at
from tests.stories.conftest import LINES, NO_FORMS
from tests.stories.scoring import TEAMWORK, in_stage
from tests.world import playing


async def test_answers_given_one_by_one_survive_a_restart(tmp_path: Path) -> None:
    """Without forms a scorecard is a conversation: the answers given so far are rows, not memory."""
    database = sqlite_at(tmp_path, fill_small)
    async with playing(WebDriver(NO_FORMS), database, fill=nobody) as world:
        await in_stage(world, "self_scoring", "ana")
        ana = world["ana"]
        await ana.says("perf score")
        await ana.clicks("Rate…")
        assert TEAMWORK in ana.messages[-1].text
        await ana.says("B")
        assert f"Comment: {TEAMWORK}" in ana.messages[-1].text
    database.close()
    again = sqlite_at(tmp_path)
    async with playing(WebDriver(NO_FORMS), again, fill=nobody, linked=False) as world:
        ana = world["ana"]
        await ana.says("I answered within a day")
        assert "is this right?" in ana.messages[-1].text
        await ana.says("submit")
        await ana.says("perf score")
        ana.sees("I answered within a day")
        own = select(Scorecard).where(Scorecard.kind == SELF)

        def given(db: Session) -> list[str]:
            return [one.level for card in db.exec(own) for one in scores_of(db, card.id).values()]

        assert await world.run(given) == ["B"]
    again.close()


async def test_a_form_is_answered_in_one_block_changed_by_its_number_and_sent_by_one(tmp_path: Path) -> None:
    """Where there is nothing to press, two messages are enough, and every number is one that stands there."""
    database = sqlite_at(tmp_path, fill_small)
    async with playing(WebDriver(LINES), database, fill=nobody) as world:
        await in_stage(world, "self_scoring", "ana")
        ana = world["ana"]
        await ana.says("perf score")
        await ana.clicks("Rate…")
        await ana.says("１、B\n２、I answered within a day")
        summary = ana.messages[-1].text
        assert "is this right?" in summary
        assert [line[:2] for line in summary.splitlines() if line[1:2] == "."] == ["1.", "2.", "3.", "4."]
        await ana.says("1")
        assert "Now: B" in ana.messages[-1].text
        assert "I answered within a day" not in ana.messages[-1].text, "the other answer is kept, not asked"
        await ana.says("Ａ")
        await ana.says("perf help")
        await ana.says("continue")
        assert "is this right?" in ana.messages[-1].text, "what was begun goes on after a command"
        await ana.says("3")
        await ana.says("perf score")
        ana.sees("I answered within a day")
        own = select(Scorecard).where(Scorecard.kind == SELF)

        def given(db: Session) -> list[str]:
            return [one.level for card in db.exec(own) for one in scores_of(db, card.id).values()]

        assert await world.run(given) == ["A"]
    database.close()
