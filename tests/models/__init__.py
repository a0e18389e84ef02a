"""What is true: tables and their rules, on both engines."""
