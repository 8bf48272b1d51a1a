"""Rendering of a package: openapi-python-client's project, our templates, copies of ``sdkgen.emitted``, then ruff."""

from sdkgen.render.client import Rendered, render_client
from sdkgen.render.pages import coverage_page, losses_page

__all__ = ["Rendered", "coverage_page", "losses_page", "render_client"]
