"""Loggers for Slack's libraries, which write whole bodies and tokens: only where and how bad is passed on."""

import logging

import structlog

log = structlog.get_logger()


class Hush(logging.Filter):
    """Passes on a record's place and level to our own log, and drops the record with its text and arguments."""

    def filter(self, record: logging.LogRecord) -> bool:
        failed = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else ""
        if record.levelno >= logging.WARNING:
            log.warning("slack library", at=f"{record.module}:{record.lineno}", error=failed)
        return False


def hushed() -> logging.Logger:
    """The logger that Bolt, the web client and the Socket Mode client are given.

    Bolt copies level and filters to each of its own loggers; those that exist already and those that the SDK makes by
    module are hushed by name.
    """
    made = logging.getLogger("slack_bolt")
    known = [name for name in logging.root.manager.loggerDict if name.startswith(("slack_bolt", "slack_sdk"))]
    names = {*known, "slack_sdk", "slack_sdk.web.async_slack_response", "slack_sdk.socket_mode.aiohttp"}
    for logger in (made, *map(logging.getLogger, sorted(names))):
        logger.setLevel(logging.WARNING)
        if not any(isinstance(present, Hush) for present in logger.filters):
            logger.addFilter(Hush())
    return made
