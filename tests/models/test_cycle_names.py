"""The name and the days of a draft: no name twice, because commands name cycles by it, and no slip of the year."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import Session

from bot.db import Database
from models.base import Refused
from models.drafting import TAKEN, Period, begun, days_of, missing, set_dates, set_period
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


@pytest.mark.parametrize("ends", [date(2126, 12, 31), date(9999, 12, 31)])
def test_a_slip_of_the_year_is_refused_at_its_field(database: Database, ends: date) -> None:
    def story(db: Session) -> None:
        cycle = begun(db, "quarter", person(db, "P1").id, ZONE, TODAY)
        with pytest.raises(Refused, match="five years") as period:
            set_period(db, cycle, cycle.version, Period("quarter", "Far", TODAY, ends), ZONE, TODAY)
        days = {**days_of(db, cycle, ZONE), "disputing": ends}
        with pytest.raises(Refused, match="five years") as dates:
            set_dates(db, cycle, cycle.version, AT, days, None, ZONE)
        assert (period.value.field, dates.value.field) == ("ends_on", "disputing")

    database.now(story)
