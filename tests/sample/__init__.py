"""Tests of the sample companies."""
