"""Writes a package: openapi-python-client for the models, our templates for the rest, one pass of ruff."""

from sdkgen.render.client import render_client

__all__ = ["render_client"]
