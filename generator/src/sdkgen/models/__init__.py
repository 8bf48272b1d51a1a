"""Decisions about models: which classes there are, what their members are in Python, how they are read and written.

``prepare`` brings the schemas of a document into one form; ``Prepared.types`` gives the type of any of them:
annotation, decoding and encoding as source. ``models_facts`` decides what is written in ``models/``.
"""

from sdkgen.models.generated import ModelsFacts, models_facts
from sdkgen.models.prepare import Prepared, prepare
from sdkgen.models.reader import SchemaTypes
from sdkgen.models.schema_types import SchemaType

__all__ = ["ModelsFacts", "Prepared", "SchemaType", "SchemaTypes", "models_facts", "prepare"]
