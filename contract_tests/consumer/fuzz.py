"""Random and near-miss answers through the interpreter: data, or an error of the tree, and never anything else.

`nox -s fuzz` runs a million; the short run is in `nox -s contract`. The same seed gives the same answers.
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
        "succeed",
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
_READINGS: tuple[Callable[[Success], object], ...] = (
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
_SEEDS: tuple[Any, ...] = (
    {"code": 0, "message": "SUCCEED", "request_id": "r", "data": _TASK},
    {"code": 0, "message": "SUCCEED", "request_id": "r", "data": [_TASK, _TASK]},
    {"voice_name": "Ada", "voice_url": "", "video_id": "1", "callback_url": "", "external_task_id": ""},
    {"error": {"message": "no (request id: q)", "type": "new_api_error", "param": "", "code": ""}},
    {"message": "m", "data": {"data": {"code": 1201}}},
)
_BODIES = tuple(shape.body for shape in SHAPES.values() if len(shape.body) < 1000)


def answers(seed: int) -> Iterator[RawResponse]:
    """Endless answers: valid ones with up to three mutations, known shapes with bytes changed, and noise."""
    chance = random.Random(seed)
    while True:
        kind = chance.random()
        if kind < 0.7:
            body = _mutated_json(chance)
        elif kind < 0.9:
            body = _mutated_bytes(chance.choice(_BODIES), chance)
        else:
            body = chance.randbytes(chance.randrange(40))
        flaw = "the body is cut" if chance.random() < 0.01 else None
        yield RawResponse(chance.choice(_STATUSES), chance.choice(_HEADERS), body, flaw)


def run(count: int, seed: int = 0) -> Counter[str]:
    """Interpret so many answers, each read as what some operation expects; gives what came of them.

    Raises whatever leaves the interpreter that is not an error of the tree.
    """
    chance = random.Random(seed)
    came: Counter[str] = Counter()
    for _, answer in zip(range(count), answers(seed), strict=False):
        try:
            reading = chance.choice(_READINGS)
            reading(parse(answer, is_task_query=chance.random() < 0.5, secrets=("key",), now=0.0))
            came["read"] += 1
        except KlingVoicesError as error:
            came[type(error).__name__] += 1
            if not str(error) or "\n" in str(error):
                raise AssertionError(f"the message is no line: {str(error)!r}") from error
    return came


def _mutated_json(chance: random.Random) -> bytes:
    document = json.loads(json.dumps(chance.choice(_SEEDS)))
    for _ in range(chance.randrange(4)):
        _mutate(document, chance)
    return json.dumps(document).encode()


def _mutate(document: Any, chance: random.Random) -> None:
    node = chance.choice(list(_containers(document)))
    keys = list(node) if isinstance(node, dict) else list(range(len(node)))
    if not keys:
        return
    key = chance.choice(keys)
    change = chance.randrange(4)
    if change == 0:
        del node[key]
    elif change == 1:
        node[key] = [node[key]]
    elif change == 2 and isinstance(node, dict):
        node[str(chance.choice(_VALUES))] = node.pop(key)
    else:
        node[key] = json.loads(json.dumps(chance.choice(_VALUES)))


def _containers(node: Any) -> Iterator[Any]:
    if isinstance(node, (dict, list)):
        yield node
        for member in node.values() if isinstance(node, dict) else node:
            yield from _containers(member)


def _mutated_bytes(body: bytes, chance: random.Random) -> bytes:
    changed = bytearray(body or b"{}")
    for _ in range(1 + chance.randrange(3)):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed[: chance.randrange(len(changed) + 1)] if chance.random() < 0.3 else changed)


def main() -> None:
    """Run as many as the first argument says, from the seed that the second says."""
    count, seed = (int(argument) for argument in (sys.argv[1:] + ["1000000", "0"][len(sys.argv) - 1 :])[:2])
    start = time.perf_counter()
    came = run(count, seed)
    seconds = time.perf_counter() - start
    for name, number in came.most_common():
        print(f"{number:>9}  {name}")
    print(f"fuzz: {count} answers, seed {seed}, {count / seconds:,.0f} a second; no exception outside the tree.")


if __name__ == "__main__":
    main()
