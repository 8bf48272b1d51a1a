"""Import every module of a package, in a separate process: ``python -I import_modules.py FOLDER PACKAGE``.

Prints a JSON list with file, line and message of each failure. Imports the standard library only.
"""

import importlib
import json
import sys
import traceback
from pathlib import Path


def main(folder: Path, package: str) -> None:
    sys.path.insert(0, str(folder))
    faults: dict[tuple[str, int, str], None] = {}
    for path in sorted((folder / package).rglob("*.py")):
        name = ".".join(path.relative_to(folder).with_suffix("").parts).removesuffix(".__init__")
        try:
            module = importlib.import_module(name)
            for exported in getattr(module, "__all__", ()):
                getattr(module, exported)
        except Exception as error:
            frames = [one for one in traceback.extract_tb(error.__traceback__) if one.filename.startswith(f"{folder}/")]
            at = frames[-1] if frames else None
            file, line = (at.filename, at.lineno or 1) if at is not None else (str(path), 1)
            said = " ".join(str(error).split())[:160]
            fault = f"cannot be imported: {type(error).__name__}: {said}"
            faults[Path(file).relative_to(folder).as_posix(), line, fault] = None
    json.dump([*faults], sys.stdout)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
