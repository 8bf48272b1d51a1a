"""Record the current content of packages as released: ``record_release.py VERSION PACKAGE…`` (``auth-core``, …).

Afterwards a build of this content has the plain version, and a build of any other content a version with a local label.
"""

from __future__ import annotations

import re
import runpy
import sys
from pathlib import Path

from setup_environment import ROOT, package_folders


def record(folder: Path, version: str, root: Path = ROOT) -> Path:
    """Write the version and the digest of the content where the package declares them, and return that file."""
    content = runpy.run_path(str(folder / "hatch_build.py"))["content_digest"]()
    spec = root / "specs" / folder.name.removesuffix("-client") / "openapi.yaml"
    if folder.name.endswith("-client") and spec.is_file():
        file = spec.with_name("release.yaml")
        file.write_text(f'version: "{version}"\ncontent: {content}\n', encoding="utf-8")
        return file
    (file,) = folder.glob("src/*/_version.py")
    text = file.read_text(encoding="utf-8")
    for name, value in (("__version__", version), ("RELEASED_CONTENT", content)):
        text = re.sub(rf'^{name} = ".*"$', f'{name} = "{value}"', text, flags=re.MULTILINE)
    file.write_text(text, encoding="utf-8")
    return file


def main(arguments: list[str]) -> int | str:
    folders = {"sdkgen" if folder.name == "generator" else folder.name: folder for folder in package_folders()}
    version, *names = arguments or [""]
    if not re.fullmatch(r"\d+(\.\d+)+((a|b|rc)\d+)?", version) or not names or set(names) - set(folders):
        return f"Usage: record_release.py VERSION PACKAGE…, a version such as 1.2.0 and any of {', '.join(folders)}"
    for name in names:
        print(f"{name} {version}: {record(folders[name], version).relative_to(ROOT)}")
    if any(name.endswith("-client") for name in names):
        print("Now: make generate")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
