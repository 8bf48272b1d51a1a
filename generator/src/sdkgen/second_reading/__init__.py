"""A second, independent reading of a spec: openapi-python-client's parser against what sdkgen will render.

A reading is what is read at each place of a document (``reading``): ours is made of the facts that templates are given
(``ours``), the other of what the parser finds in the bundled document (``theirs``). Where they differ, one is wrong:
that is a problem, unless ``second-reading.yaml`` next to the spec states why they differ (``known``).
"""

from sdkgen.second_reading.gate import Compared, compare
from sdkgen.second_reading.known import KnownDifferences, read_known_differences

__all__ = ["Compared", "KnownDifferences", "compare", "read_known_differences"]
