"""What the hand-written wrapper sends and reads. Tests compare these tables with the wrapper itself."""

from __future__ import annotations

SENDS: dict[str, frozenset[str]] = {
    "create_custom_voice": frozenset({"voice_name", "voice_url", "video_id", "callback_url", "external_task_id"}),
    "get_custom_voice": frozenset({"id"}),
    "list_custom_voices": frozenset({"pageNum", "pageSize"}),
    "list_preset_voices": frozenset({"pageNum", "pageSize"}),
    "delete_custom_voice": frozenset({"voice_id"}),
}
# The fields that every request has. Requests have other fields only if the caller passes them.
ALWAYS_SENT = frozenset({"voice_name", "voice_id", "id", "pageNum", "pageSize", "external_task_id"})
READS = frozenset(
    {
        *("code", "message", "request_id", "data", "task_id", "task_status", "task_status_msg", "task_info"),
        *("external_task_id", "task_result", "voices", "voice_id", "voice_name", "trial_url", "owned_by"),
        *("created_at", "updated_at", "voice_url", "video_id", "callback_url"),
    }
)
