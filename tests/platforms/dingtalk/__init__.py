"""Tests of DingTalk."""
