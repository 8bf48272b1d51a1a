"""Facts about models: the classes, the Python types of their members, and how they are decoded and encoded.

``prepare`` brings the schemas of a document into normal form; ``Prepared.types`` gives the type of each of them:
annotation, decoding and encoding as source. ``models_facts`` returns the content of ``models/``.
"""

from sdkgen.models.generated import ModelsFacts, models_facts
from sdkgen.models.prepare import Prepared, prepare
from sdkgen.models.reader import SchemaTypes
from sdkgen.models.schema_types import SchemaType

__all__ = ["ModelsFacts", "Prepared", "SchemaType", "SchemaTypes", "models_facts", "prepare"]
