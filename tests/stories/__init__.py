"""Whole stories, on every platform and on platforms that can do less."""
