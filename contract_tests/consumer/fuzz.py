"""Parses random and nearly valid responses: each is parsed, or raises an error of the package.

`nox -s fuzz` parses a million; `nox -s contract` fewer. The same seed generates the same responses.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from kling_voices import KlingVoicesError
from kling_voices._protocol.responses import RawResponse, Success, parse
from kling_voices._protocol.tasks import parse_task, parse_tasks, parse_voices
from kling_voices.mock import SHAPES

from tests.support.error_table import STATUS_WORDS

_STATUSES = (
    *[200] * 9,
    201,
    204,
    302,
    400,
    401,
    402,
    403,
    404,
    408,
    409,
    418,
    429,
    500,
    502,
    503,
    504,
    520,
    599,
)
_VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 0.0, 1.5, 1e308, 2**63, 10**30, 1201, 5000, "1201", "0"),
    *(
        "",
        "x",
        "\u0000",
        "\ud83d\ude00",
        *STATUS_WORDS,
        "(request id: z)",
        [],
        {},
        [[]],
        [{}],
        {"code": 1302},
        {"data": {"code": 0}},
    ),
)
_HEADERS: tuple[dict[str, str], ...] = (
    {},
    {"retry-after": "5"},
    {"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"},
    {"retry-after": "\u00b2"},
    {"x-request-id": "h-1"},
)
_PARSERS: tuple[Callable[[Success], object], ...] = (
    parse_task,
    parse_tasks,
    parse_voices,
    partial(parse_task, sent={"external_task_id": "order-1", "voice_name": "Ada"}),
)
_TASK = {
    "task_id": "830460928805724256",
    "task_status": "succeed",
    "task_status_msg": "",
    "task_info": {"external_task_id": "order-1"},
    "task_result": {
        "voices": [{"voice_id": "1", "voice_name": "Ada", "trial_url": "https://x/y", "owned_by": "kling"}]
    },
    "created_at": 1781080778802,
    "updated_at": 1781080794151,
    "final_balance_deduction": {"quota": "1", "list_price": "2"},
}
_NEWER_TASK = {
    "id": "830460928805724256",
    "status": "succeeded",
    "message": "",
    "create_time": 1781080778802,
    "update_time": 1781080794151,
    "external_id": "order-1",
    "outputs": [
        {"type": "voice", "id": "1", "name": "Ada", "url": "https://x/y", "owned_by": "kling", "status": "succeeded"},
        {"type": "voice", "id": "2", "name": "Bob", "url": "https://x/z", "owned_by": "1", "status": "deleted"},
    ],
    "billing": [
        {"charge_type": "unit", "amount": "1"},
        {"charge_type": "cash", "amount": "0.5", "currency": "CNY", "list_price": "1"},
    ],
}
_SEEDS: tuple[Any, ...] = (
    {"code": 0, "message": "SUCCEED", "request_id": "r", "data": _NEWER_TASK},
    {"code": 0, "message": "SUCCEED", "request_id": "r", "data": [_NEWER_TASK, _TASK]},
    {"code": 0, "message": "SUCCEED", "request_id": "r", "data": _TASK},
    {"code": 0, "message": "SUCCEED", "request_id": "r", "data": [_TASK, _TASK]},
    {"voice_name": "Ada", "voice_url": "", "video_id": "1", "callback_url": "", "external_task_id": ""},
    {"error": {"message": "no (request id: q)", "type": "new_api_error", "param": "", "code": ""}},
    {"message": "m", "data": {"data": {"code": 1201}}},
)
_BODIES = tuple(shape.body for shape in SHAPES.values() if len(shape.body) < 1000)


def generate_responses(seed: int) -> Iterator[RawResponse]:
    """Endless responses: valid ones with up to three mutations, known ones with bytes changed, and random bytes."""
    rng = random.Random(seed)
    while True:
        kind = rng.random()
        if kind < 0.7:
            body = _mutated_json(rng)
        elif kind < 0.9:
            body = _mutated_bytes(rng.choice(_BODIES), rng)
        else:
            body = rng.randbytes(rng.randrange(40))
        body_error = "the body is cut" if rng.random() < 0.01 else None
        yield RawResponse(rng.choice(_STATUSES), rng.choice(_HEADERS), body, body_error)


def run(count: int, seed: int = 0) -> Counter[str]:
    """Parse `count` responses, each as the response of a random operation; returns the number of each result.

    Raises every exception that is not an error of the package.
    """
    rng = random.Random(seed)
    results: Counter[str] = Counter()
    for _, response in zip(range(count), generate_responses(seed), strict=False):
        try:
            parse_data = rng.choice(_PARSERS)
            parse_data(parse(response, is_task_query=rng.random() < 0.5, secrets=("key",), now=0.0))
            results["parsed"] += 1
        except KlingVoicesError as error:
            results[type(error).__name__] += 1
            if not str(error) or "\n" in str(error):
                raise AssertionError(f"the message is empty or longer than a line: {str(error)!r}") from error
    return results


def _mutated_json(rng: random.Random) -> bytes:
    document = json.loads(json.dumps(rng.choice(_SEEDS)))
    for _ in range(rng.randrange(4)):
        _mutate(document, rng)
    return json.dumps(document).encode()


def _mutate(document: Any, rng: random.Random) -> None:
    node = rng.choice(list(_containers(document)))
    keys = list(node) if isinstance(node, dict) else list(range(len(node)))
    if not keys:
        return
    key = rng.choice(keys)
    change = rng.randrange(4)
    if change == 0:
        del node[key]
    elif change == 1:
        node[key] = [node[key]]
    elif change == 2 and isinstance(node, dict):
        node[str(rng.choice(_VALUES))] = node.pop(key)
    else:
        node[key] = json.loads(json.dumps(rng.choice(_VALUES)))


def _containers(node: Any) -> Iterator[Any]:
    if isinstance(node, (dict, list)):
        yield node
        for member in node.values() if isinstance(node, dict) else node:
            yield from _containers(member)


def _mutated_bytes(body: bytes, rng: random.Random) -> bytes:
    changed = bytearray(body or b"{}")
    for _ in range(1 + rng.randrange(3)):
        changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed[: rng.randrange(len(changed) + 1)] if rng.random() < 0.3 else changed)


def main() -> None:
    """Parse as many responses as the first argument says, from the seed of the second."""
    count, seed = (int(argument) for argument in (sys.argv[1:] + ["1000000", "0"][len(sys.argv) - 1 :])[:2])
    start = time.perf_counter()
    results = run(count, seed)
    seconds = time.perf_counter() - start
    for name, number in results.most_common():
        print(f"{number:>9}  {name}")
    print(f"fuzz: {count} responses, seed {seed}, {count / seconds:,.0f} per second; no other exception.")


if __name__ == "__main__":
    main()
