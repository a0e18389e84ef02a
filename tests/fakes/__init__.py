"""Platform servers that check like the real ones."""
