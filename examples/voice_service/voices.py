"""Ordering voices: what is sent to the gateway, and what its answers mean for an order."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

from attrs import frozen
from kling_voices import AsyncKlingVoices, KlingVoicesError, VoiceTask

from .orders import Order, Orders


@frozen
class Voices:
    """The voices of the service.

    Attributes:
        client: The client of the gateway.
        orders: Where orders are kept.
        callback_url: The address to which the gateway sends callbacks.
    """

    client: AsyncKlingVoices
    orders: Orders
    callback_url: str

    async def order(self, voice_name: str, voice_url: str) -> Order:
        """Order a voice. The order is saved before it is sent, so that no paid voice is ever forgotten.

        Raises KlingVoicesError if nothing was created.
        """
        order = Order(str(uuid4()), voice_name)
        self.orders.put(order)
        try:
            await self.client.create_voice(
                voice_name, voice_url=voice_url, callback_url=self.callback_url, external_task_id=order.order_id
            )
        except KlingVoicesError as error:
            if error.outcome == "not_created":
                self.orders.put(replace(order, status="rejected", message=str(error)))
                raise
            # Otherwise the voice may exist. The order does not change, and `find` looks up the task.
        return order

    async def find(self, order_id: str) -> Order | None:
        """An order. One without a result is looked up at the gateway, because a callback can be lost."""
        order = self.orders.get(order_id)
        if order and order.status == "ordered":
            task = await self.client.recover(order_id)
            if task:
                self.save(task)
        return self.orders.get(order_id)

    def save(self, task: VoiceTask) -> None:
        """Save the result of a task. Tasks of others are ignored: an account can have many users."""
        order = self.orders.get(task.external_task_id or "")
        if order and task.voice:
            self.orders.put(replace(order, status="ready", voice_id=task.voice.voice_id))
        elif order and task.failed:
            self.orders.put(replace(order, status="failed", message=task.status_message))
