"""What people can do: the table of contents of the bot."""

from handlers import (
    calibration,
    checkins,
    cycles,
    flags,
    goals,
    guide,
    home,
    housekeeping,
    items,
    library,
    plans,
    profile,
    progress,
    team,
)

ROUTERS = [
    home.router,
    goals.router,
    items.router,
    checkins.router,
    progress.router,
    team.router,
    plans.router,
    library.router,
    cycles.router,
    flags.router,
    calibration.router,
    profile.router,
    guide.router,
    housekeeping.router,
]
