"""The version of this package, and what was released as it; a build of anything else has a version of its own."""

__version__ = "0.1.0"

RELEASED_CONTENT = ""
