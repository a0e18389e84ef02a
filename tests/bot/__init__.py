"""The road of a request, part by part."""
