"""Slack, Feishu, DingTalk and the local console."""
