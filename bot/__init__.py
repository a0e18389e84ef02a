"""How a request travels; knows no performance management."""
