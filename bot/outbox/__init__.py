"""The outbox: messages are rows, drawn when they are sent; copies are remembered and redrawn when subjects change."""

from bot.outbox.drawing import Drawn
from bot.outbox.loop import Outbox

__all__ = ["Drawn", "Outbox"]
