"""The engine with real processes: killed, cut off, slowed down and filled up, and what is left afterwards."""
