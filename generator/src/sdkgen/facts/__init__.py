"""Decisions about a client as typed values (*facts*); the templates only print them."""
