"""For whom a change breaks: users of the SDK, the wrapper, the mock gateway, or nobody."""

from __future__ import annotations

from .changes import OPERATION, REQUEST, RESPONSE, Change

USERS, WRAPPER, MOCK = "SDK users", "the wrapper", "the mock"

# What the hand-written wrapper sends and reads, by operation; a test holds it to the wrapper itself. The mock gateway
# serves the same operations.
SENDS: dict[str, frozenset[str]] = {
    "create_custom_voice": frozenset({"voice_name", "voice_url", "video_id", "callback_url", "external_task_id"}),
    "get_custom_voice": frozenset({"id"}),
    "list_custom_voices": frozenset({"pageNum", "pageSize"}),
    "list_preset_voices": frozenset({"pageNum", "pageSize"}),
    "delete_custom_voice": frozenset({"voice_id"}),
}
_ALWAYS_SENT = frozenset({"voice_name", "voice_id", "id"})  # the others only where the caller gives them
READS = frozenset(
    {
        *("code", "message", "request_id", "data", "task_id", "task_status", "task_status_msg", "task_info"),
        *("external_task_id", "task_result", "voices", "voice_id", "voice_name", "trial_url", "owned_by"),
        *("created_at", "updated_at", "voice_url", "video_id", "callback_url"),
    }
)

# The mock gateway refuses by the compiled contract, so of requests it follows most changes by itself; what it answers
# is its own.
_REQUEST: dict[str, tuple[str, ...]] = {
    "required property added": (USERS, WRAPPER),
    "required parameter added": (USERS, WRAPPER),
    "required added": (USERS, WRAPPER),
    "property removed": (USERS, WRAPPER),
    "property renamed": (USERS, WRAPPER, MOCK),
    "parameter removed": (USERS, WRAPPER),
    "parameter renamed": (USERS, WRAPPER),
    "type changed": (USERS, WRAPPER, MOCK),
    "enum narrowed": (USERS,),
    "bounds tightened": (USERS,),
    "bounds changed": (USERS,),
    "not nullable": (USERS,),
    "alternatives changed": (USERS,),
    "schema emptied": (WRAPPER,),
    "required body added": (USERS, WRAPPER),
    "body removed": (USERS, WRAPPER, MOCK),
    "media type removed": (USERS, WRAPPER, MOCK),
    "security changed": (USERS, WRAPPER, MOCK),
}
_RESPONSE: dict[str, tuple[str, ...]] = {
    "property removed": (USERS, WRAPPER, MOCK),
    "property renamed": (USERS, WRAPPER, MOCK),
    "required dropped": (USERS, WRAPPER),
    "required added": (MOCK,),
    "required property added": (MOCK,),
    "type changed": (USERS, WRAPPER, MOCK),
    "enum widened": (USERS,),
    "enum narrowed": (MOCK,),
    "bounds tightened": (MOCK,),
    "bounds loosened": (USERS,),
    "bounds changed": (USERS, MOCK),
    "nullable": (USERS, WRAPPER),
    "alternatives changed": (USERS, WRAPPER, MOCK),
    "schema emptied": (USERS,),
    "media type removed": (USERS, WRAPPER, MOCK),
    "status removed": (MOCK,),
}
_OPERATION: dict[str, tuple[str, ...]] = {
    "operation removed": (USERS, WRAPPER, MOCK),
    "operation renamed": (USERS,),
    "path changed": (USERS,),  # of the release that they have: it sends to where nothing answers any more
    "method changed": (USERS,),
    "server changed": (USERS, WRAPPER),
    "server removed": (USERS, WRAPPER),
    "changed otherwise": (USERS,),  # nobody has looked yet
}
_TABLES = {REQUEST: _REQUEST, RESPONSE: _RESPONSE, OPERATION: _OPERATION}


def breaks(change: Change, operation: str) -> tuple[str, ...]:
    """For whom a change of an operation breaks; nobody is an empty tuple."""
    told = _TABLES[change.direction].get(change.kind, ())
    if change.direction == RESPONSE and change.kind == "status removed" and change.where.startswith("2"):
        told = (USERS, WRAPPER, MOCK)
    return tuple(who for who in told if who == USERS or _concerns(change, operation))


def _concerns(change: Change, operation: str) -> bool:
    """Whether wrapper and mock have to do with it: they know their own operations, and in them what they use."""
    if change.direction == OPERATION:
        return operation in SENDS or change.where == "servers"
    if operation not in SENDS:
        return False
    if change.where.startswith("path."):
        return True
    uses = SENDS[operation] if change.direction == REQUEST else READS
    name = change.where.rpartition(".")[2].removesuffix("[]")
    match change.kind:
        case "required added" if change.direction == REQUEST:
            used = name in uses - _ALWAYS_SENT
        case "parameter removed" | "parameter renamed":
            used = str(change.before) in uses
        case "property removed" | "property renamed" | "type changed" | "required dropped" | "nullable":
            used = name in uses or "." not in change.where
        case _:
            used = True
    return used
