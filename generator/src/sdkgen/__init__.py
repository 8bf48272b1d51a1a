"""Typed Python clients from hand-written OpenAPI documents.

The steps are modules, each from input to output or problems: ``source`` (read), ``bundle`` (one document), ``lint``
(rules), ``losses`` (unsupported features), ``facts`` and ``models`` (decisions), ``render`` (files) and
``write`` (mirror into the tree).
"""

import os

from sdkgen._version import __version__ as __version__

# Messages are made from jsonschema's errors. openapi-spec-validator would use another validator, with errors of another
# form, if one is installed.
os.environ["OPENAPI_SPEC_VALIDATOR_SCHEMA_VALIDATOR_BACKEND"] = "jsonschema"
