"""Tests of reading and checking tables."""
