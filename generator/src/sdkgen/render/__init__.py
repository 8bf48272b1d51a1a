"""Writes a package: models, our templates, copies of ``sdkgen.emitted``, and one pass of ruff over all of it."""

from sdkgen.render.client import Rendered, render_client
from sdkgen.render.pages import coverage_page, losses_page

__all__ = ["Rendered", "coverage_page", "losses_page", "render_client"]
