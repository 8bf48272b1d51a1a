"""Helpers for tests of several folders, importable by the processes that tests start."""
