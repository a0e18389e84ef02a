"""What people can do: the table of contents of the bot."""

from handlers import checkins, cycles, goals, guide, home, housekeeping, library, plans, profile, progress, team

ROUTERS = [
    home.router,
    goals.router,
    checkins.router,
    progress.router,
    team.router,
    plans.router,
    library.router,
    cycles.router,
    profile.router,
    guide.router,
    housekeeping.router,
]
