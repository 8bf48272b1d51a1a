from __future__ import annotations

import pytest

from support.packages import GenerateModels, generate_models


@pytest.fixture(scope="session")
def generate() -> GenerateModels:
    """``generate(schemas, paths="", **root)``: the models of a document."""
    return generate_models
