"""Two published cycles never have one name: commands name cycles by it."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import Session

from bot.db import Database
from models.base import Refused
from models.drafting import TAKEN, Period, begun, missing, set_period
from tests.models.rows import AT, person

ZONE, TODAY = ZoneInfo("Asia/Shanghai"), AT.date()


def test_a_draft_cannot_take_the_name_of_a_published_cycle(database: Database) -> None:
    def story(db: Session) -> None:
        helen = person(db, "P1")
        first = begun(db, "quarter", helen.id, ZONE, TODAY)
        second = begun(db, "quarter", helen.id, ZONE, TODAY)
        assert TAKEN not in [one.message for one in missing(db, second, AT, TODAY)]
        first.state = "setting"
        db.flush()
        assert [one.section for one in missing(db, second, AT, TODAY) if one.message == TAKEN] == ["period"]
        taken = Period("quarter", first.name.lower(), date(2027, 1, 1), date(2027, 3, 31))
        with pytest.raises(Refused, match="name already"):
            set_period(db, second, second.version, taken, ZONE, TODAY)
        free = Period("quarter", "Another", date(2027, 1, 1), date(2027, 3, 31))
        set_period(db, second, second.version, free, ZONE, TODAY)
        assert TAKEN not in [one.message for one in missing(db, second, AT, TODAY)]

    database.now(story)
