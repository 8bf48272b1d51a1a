"""What tests of more than one folder use, and what processes that a test starts run: they can import this."""
