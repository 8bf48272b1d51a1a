"""The types of ``ApiError.error`` by status. Not copied: ``client/error_bodies.py.jinja`` writes it for each client."""

from __future__ import annotations

from typing import TypeAlias

ERROR: TypeAlias = object
ERROR_2XX: TypeAlias = object
ERROR_3XX: TypeAlias = object
ERROR_400: TypeAlias = object
ERROR_401: TypeAlias = object
ERROR_403: TypeAlias = object
ERROR_404: TypeAlias = object
ERROR_409: TypeAlias = object
ERROR_422: TypeAlias = object
ERROR_429: TypeAlias = object
ERROR_5XX: TypeAlias = object
