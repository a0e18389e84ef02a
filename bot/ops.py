"""Health, metrics and structured logs, without anything about a person."""

import logging
import sys
import traceback
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

REGISTRY = CollectorRegistry()
EVENTS = Counter("pandian_events", "Events received.", ["platform", "kind"], registry=REGISTRY)
SENT_MESSAGES = Counter(
    "pandian_messages", "Messages by how their sending ended.", ["platform", "state"], registry=REGISTRY
)
FAILED = Counter("pandian_failures", "Events that failed on our side.", ["platform"], registry=REGISTRY)
SECONDS = Histogram(
    "pandian_event_seconds", "Time from a verified event to its answer.", ["platform"], registry=REGISTRY
)
STORAGE = Counter("pandian_storage_failures", "Work that the database did not take.", ["why"], registry=REGISTRY)
READY = Gauge("pandian_platform_ready", "Platform connected (1) or not (0).", ["platform"], registry=REGISTRY)
QUEUED = Gauge("pandian_queue", "Messages that are due and not sent yet.", ["platform"], registry=REGISTRY)
OLDEST = Gauge("pandian_queue_oldest_seconds", "Since when the oldest of them is due.", ["platform"], registry=REGISTRY)
PAUSED = Gauge("pandian_paused_seconds", "For how long the platform asked to wait.", ["platform"], registry=REGISTRY)
UNDELIVERED = Gauge("pandian_undelivered", "Messages that failed for good.", ["platform"], registry=REGISTRY)
NOWHERE = Gauge("pandian_without_account", "Messages to people without an account.", registry=REGISTRY)
MONTHLY = Gauge(
    "pandian_monthly_calls", "Paid calls of this month, as far as counted.", ["platform", "kind"], registry=REGISTRY
)
ROOT = Path(__file__).parent.parent


def metrics() -> bytes:
    """All metrics in Prometheus' text format."""
    return generate_latest(REGISTRY)


def frames(fault: BaseException) -> str:
    """Where an exception came from: its type and our places, never its text or any value."""
    places = []
    for frame in traceback.extract_tb(fault.__traceback__):
        path = Path(frame.filename)
        name = (
            path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) and ".venv" not in path.parts else path.name
        )
        places.append(f"{name}:{frame.lineno}")
    return f"{type(fault).__name__} at {' < '.join(reversed(places[-8:]))}"


def configure_logs(*, human: bool) -> None:
    """One JSON line per entry (readable on a terminal); libraries log through the same pipe, without bodies."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _one_line,
    ]
    last = structlog.dev.ConsoleRenderer() if human else structlog.processors.JSONRenderer(ensure_ascii=True)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, _no_traceback],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)
    for name in ("slack_bolt", "slack_sdk", "aiohttp.access", "apscheduler", "alembic", "asyncio", "matplotlib"):
        logging.getLogger(name).setLevel(logging.ERROR)


def _one_line(_logger: object, _name: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """No line breaks, escape codes or direction marks from values (threat T49)."""
    return {key: _printable(value) if isinstance(value, str) else value for key, value in entry.items()}


def _printable(value: str) -> str:
    return "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in value)


def _no_traceback(_logger: object, _name: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Libraries' tracebacks can quote what they were given: the type is enough here."""
    info = entry.pop("exc_info", None)
    if isinstance(info, tuple) and info[1] is not None:
        entry["fault"] = frames(info[1])
    return entry
