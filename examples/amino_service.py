"""A web service in front of Amino: channels and purchases, as FastAPI reads them from the client's models.

    uvicorn --app-dir examples --factory amino_service:create_app

The server and the credentials are read from the environment (``AMINO_…``).
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import FastAPI, Header, Request
from fastapi.responses import JSONResponse

from amino_client import AminoError, AsyncAmino, NotFoundError
from amino_client.models import Channel, UserLicensesDocument


def create_app(client: AsyncAmino | None = None) -> FastAPI:
    """Return the application; it closes the client when it ends.

    Args:
        client: The client to use; default: one that is configured by the environment.
    """
    amino = client or AsyncAmino()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        async with amino:
            yield

    app = FastAPI(title="Channels", lifespan=lifespan)

    @app.exception_handler(AminoError)
    async def failed(request: Request, error: AminoError) -> JSONResponse:
        if isinstance(error, NotFoundError):
            return JSONResponse({"detail": "there is no such record"}, 404)
        return JSONResponse({"detail": "Amino is not available"}, 503 if error.retryable else 502)

    @app.get("/channels")
    async def list_channels(language: str | None = None) -> list[Channel]:
        return await amino.metadata.list_channels(language=language)

    @app.post("/users/{user_id}/licenses", status_code=201)
    async def buy_license(
        user_id: int, order: dict[str, Any], idempotency_key: Annotated[str, Header()]
    ) -> UserLicensesDocument:
        return await amino.licenses.purchase(user_id, order, idempotency_key=idempotency_key)

    return app
