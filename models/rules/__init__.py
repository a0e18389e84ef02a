"""The arithmetic: pure functions over plain values."""
