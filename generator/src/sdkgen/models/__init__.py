"""Decisions about models: which classes there are, what their members are in Python, how they are read and written.

``prepare`` brings the schemas of a document into one form; ``Prepared.types`` gives the type of any of them:
annotation, decoding and encoding as source. ``model_globals`` and ``extra_modules`` serve the templates.
"""

from sdkgen.models.generated import extra_modules, model_globals
from sdkgen.models.prepare import Prepared, prepare
from sdkgen.models.reader import SchemaTypes
from sdkgen.models.schema_types import SchemaType

__all__ = ["Prepared", "SchemaType", "SchemaTypes", "extra_modules", "model_globals", "prepare"]
