"""Typed Python clients from hand-written OpenAPI documents.

The steps are modules, each from input to output or problems: ``source`` (read), ``bundle`` (one document), ``lint``
(is it right?), ``losses`` (what would be dropped?), ``facts`` and ``models`` (decisions), ``render`` (files) and
``write`` (mirror into the tree).
"""

import os

from sdkgen._version import __version__ as __version__

# What is said of a mistake is made from jsonschema's errors. openapi-spec-validator would take another validator, with
# errors of another form, wherever that happens to be installed.
os.environ["OPENAPI_SPEC_VALIDATOR_SCHEMA_VALIDATOR_BACKEND"] = "jsonschema"
