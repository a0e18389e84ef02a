"""Feishu: the client, the cards and the fake it is tried on."""
