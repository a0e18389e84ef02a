"""How it looks: pure functions from what is true to a card, and the forms."""
