"""The version of this package and its release; other builds have a different version."""

__version__ = "0.1.0"

RELEASED_CONTENT = ""
