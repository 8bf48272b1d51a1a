"""Write all subjects of Athena to a CSV file and attach the file to a case.

    python examples/athena_export.py subjects.csv --case 41

The server and the credentials are read from the environment (``ATHENA_CRM_…``).
"""

from __future__ import annotations

import argparse
import csv
import sys
import traceback
from pathlib import Path

from athena_crm_client import AthenaCrm, AthenaCrmError
from athena_crm_client.types import File

COLUMNS = ["client_subject_id", "subject_name", "nationality", "customer_segment", "risk_assessment_score"]


def export_subjects(athena: AthenaCrm, path: Path) -> int:
    """Write one row per subject, page by page, and return the number of rows."""
    rows = 0
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, extrasaction="ignore")
        writer.writeheader()
        for subject in athena.subjects.list(limit=50):
            writer.writerow(subject.to_dict())
            rows += 1
    return rows


def report_progress(sent: int, size: int | None) -> None:
    print(f"{sent} of {size or '?'} bytes sent", file=sys.stderr)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Write all subjects to a CSV file and attach it to a case.")
    parser.add_argument("path", type=Path)
    parser.add_argument("--case", type=int, required=True, metavar="ID")
    options = parser.parse_args(arguments)
    path: Path = options.path
    try:
        with AthenaCrm() as athena:
            print(f"{export_subjects(athena, path)} subjects")
            athena.cases.add_document(
                options.case, name="All subjects", document=File(path, mime_type="text/csv", progress=report_progress)
            )
            documents = athena.cases.get(options.case).documents or []
            print(f"case {options.case} has {len(documents)} documents")
    except AthenaCrmError as error:
        print(*traceback.format_exception_only(error), sep="", end="", file=sys.stderr)  # with its notes
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
