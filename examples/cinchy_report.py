"""Report on the employees of a Cinchy platform: a DataFrame, an exported file, and many queries at once.

    python examples/cinchy_report.py employees.csv Oslo Bergen Tromsø

The servers and the credentials are read from the environment (``CINCHY_…``).
It requires ``cinchy-client[arrow]`` and pandas.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

from cinchy_client import AsyncCinchy, Cinchy, CinchyError


def mean_age(cinchy: Cinchy) -> float:
    """Return the mean age of all employees. The columns of the DataFrame have the types that Cinchy declares."""
    frame = cinchy.queries.run("HR", "Employees").to_pandas()
    return float(frame["Age"].mean())


def export_employees(cinchy: Cinchy, path: Path) -> int:
    """Write the result of the query to a file as it arrives, in constant memory, and return the size in bytes."""
    with cinchy.queries.export_stream("HR", "Employees", result_format="CSV") as response:
        return response.to_file(path)


async def headcounts(cities: Sequence[str]) -> dict[str, int]:
    """Return the number of employees of each city; the queries run concurrently."""
    async with AsyncCinchy() as cinchy:
        results = await asyncio.gather(
            *(cinchy.queries.run("HR", "Employees", parameters={"@city": city}) for city in cities)
        )
    return {city: len(result) for city, result in zip(cities, results, strict=True)}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Report on the employees.")
    parser.add_argument("path", type=Path, help="the file to export to")
    parser.add_argument("cities", nargs="+")
    options = parser.parse_args(arguments)
    try:
        with Cinchy() as cinchy:
            print(f"mean age: {mean_age(cinchy):.1f}")
            print(f"{export_employees(cinchy, options.path)} bytes exported")
        for city, employees in asyncio.run(headcounts(options.cities)).items():
            print(f"{city}: {employees}")
    except CinchyError as error:
        print(*traceback.format_exception_only(error), sep="", end="", file=sys.stderr)  # with its notes
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
