"""Typed Python clients from hand-written OpenAPI documents.

The steps are modules, each from input to output or problems: ``source`` (read), ``bundle`` (one document), ``lint``
(is it right?), ``losses`` (what would be dropped?), ``facts`` and ``models`` (decisions), ``render`` (files) and
``write`` (mirror into the tree).
"""

__version__ = "0.1.0"
