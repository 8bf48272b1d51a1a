"""A second, independent reading of a spec: openapi-python-client's parser is compared with sdkgen.

A reading maps each place of a document to a description (``reading``): ours is made from the facts that are rendered
(``ours``), the other from the parser's result for the bundled document (``theirs``). A difference means that one is
wrong, and is a problem, unless ``second-reading.yaml`` next to the spec states why they differ (``known``).
"""

from sdkgen.second_reading.gate import Compared, compare
from sdkgen.second_reading.known import KnownDifferences, read_known_differences

__all__ = ["Compared", "KnownDifferences", "compare", "read_known_differences"]
