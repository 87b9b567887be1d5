"""The HTTP interface: order a voice, ask for it, and receive callbacks.

    KLING_GATEWAY=kkiai KKIAI_API_KEY=… KLING_CALLBACK_TOKEN=… VOICE_SERVICE_URL=https://voices.example.com \
    uvicorn --factory examples.voice_service.service:create_app --no-access-log

An access log would contain the token, which is part of the path of a callback.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse
from kling_voices import APIError, AsyncKlingVoices, InvalidInputError, KlingVoicesError
from kling_voices.callbacks import CallbackApp, SQLiteStore
from pydantic import BaseModel

from .orders import Order, Orders
from .voices import Voices


class VoiceOrder(BaseModel):
    """The body of an order."""

    voice_name: str
    voice_url: str


def create_app(folder: Path = Path()) -> FastAPI:
    """The service, with its configuration from the environment and its databases in `folder`."""
    token = os.environ["KLING_CALLBACK_TOKEN"]
    client = AsyncKlingVoices()
    voices = Voices(client, Orders(folder / "orders.sqlite"), f"{os.environ['VOICE_SERVICE_URL']}/callbacks/{token}")
    callbacks = CallbackApp(
        client,
        token=token,
        secret=os.environ.get("KLING_CALLBACK_SECRET"),
        on_task=voices.save,
        store=SQLiteStore(folder / "callbacks.sqlite"),
    )

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with client, callbacks.lifespan(app):
            yield

    app = FastAPI(lifespan=lifespan)
    app.mount("/callbacks", callbacks)
    app.add_exception_handler(KlingVoicesError, _respond_with_error)

    @app.post("/voices", status_code=202)
    async def order_voice(body: VoiceOrder) -> Order:
        return await voices.order(body.voice_name, body.voice_url)

    @app.get("/voices/{order_id}")
    async def get_voice(order_id: str) -> Order:
        order = await voices.find(order_id)
        if order is None:
            raise HTTPException(404, "there is no such order")
        return order

    return app


async def _respond_with_error(_: Request, error: Exception) -> JSONResponse:
    """422 if the order must be changed, 502 if the gateway has failed or refuses this service."""
    is_about_the_order = isinstance(error, InvalidInputError) or (
        isinstance(error, APIError) and error.status_code == 400
    )
    return JSONResponse({"detail": str(error)}, 422 if is_about_the_order else 502)
