"""Pictures: the worker that draws them, and what they show."""
