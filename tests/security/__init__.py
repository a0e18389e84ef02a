"""One test per threat, named by its number; `table` writes docs/security.md from these names."""
