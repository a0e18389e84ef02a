"""Slack: the door, what comes in, what goes out, and the fake that stands for it."""
