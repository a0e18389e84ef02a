"""Tests of tables and rules."""
