"""A program that was written for cinchy-client 0.1."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Iterator

from cinchy_client import (
    AsyncCinchy,
    BasicCredentials,
    Cinchy,
    CinchyError,
    Hooks,
    PasswordCredentials,
    RateLimitError,
    RequestContext,
    Response,
)
from cinchy_client.models import QueryResult


def observed(context: RequestContext) -> None:
    print(context.operation_id, context.attempt, context.duration_seconds)


def client() -> Cinchy:
    password = PasswordCredentials(client_id="app", client_secret="a", username="ada", password="b")
    return Cinchy(
        base_url="https://acme.example/Cinchy",
        sso_url="https://acme.example/CinchySSO",
        credentials=[password, BasicCredentials(username="ada", password="b")],
        hooks=Hooks(on_response=observed),
    )


def names(cinchy: Cinchy) -> list[str]:
    result: QueryResult = cinchy.queries.run("HR", "Employees", parameters={"@city": "Oslo"})
    print(len(result), [column.column_name for column in result.schema or ()])
    return [str(row["Name"]) for row in result.rows()]


def all_names(cinchy: Cinchy) -> Iterator[str]:
    for row in cinchy.queries.run_pages("HR", "Employees", row_count=100):
        yield str(row["Name"])


def ages(cinchy: Cinchy) -> list[int]:
    with cinchy.queries.export_stream("HR", "Employees", result_format="CSV") as response:
        rows = response.iter_rows(columns={"Age": int, "Born": datetime.date.fromisoformat})
        return [row["Age"] for row in rows]


def export(cinchy: Cinchy) -> int:
    with cinchy.cql.export_stream(query="SELECT 1", result_format="CSV") as response:
        size: int = response.to_file("result.csv", progress=lambda read, size: print(read, size))
    return size


def tables(cinchy: Cinchy) -> None:
    result = cinchy.cql.query(
        query="SELECT [Name] FROM [HR].[People] WHERE [City] = @city", parameters={"@city": "Oslo"}
    )
    print(result.to_arrow(), result.to_pandas(strict=False), result.to_polars())


def status(cinchy: Cinchy) -> int:
    response: Response[QueryResult] = cinchy.queries.with_raw_response.run("HR", "Employees")
    print(response.headers.get("X-Request-Id"), len(response.content), len(response.parsed))
    return response.status_code


def version(cinchy: Cinchy) -> dict[str, object]:
    patient = cinchy.with_options(timeout=60, max_retries=5)
    return patient.request("GET", "/undocumented", cast_to=dict[str, object])


async def many() -> list[int]:
    try:
        async with AsyncCinchy() as cinchy:
            return [len(result) for result in await asyncio.gather(*(cinchy.queries.run("HR", n) for n in ("A", "B")))]
    except RateLimitError as error:
        await asyncio.sleep(error.retry_after_seconds or 1)
    except CinchyError as error:
        print(error)
    return []
