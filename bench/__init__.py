"""Benchmarks next to a baseline: ``make bench``. They report ratios and never assert times."""
