"""Contracts of other operations, as pages of a gateway describe them after they are compiled."""

from __future__ import annotations

from typing import Any

from tests.support.repository import COMPILED

TEXT2VIDEO = "/kling/v1/videos/text2video"
NEWER = "/kling/v1/models/kling-v3/videos"

ID = {"type": "string", "pattern": "^[0-9]{1,20}$"}
STATUS = {"type": "string", "enum": ["submitted", "processing", "succeed", "failed"]}
VIDEO_TASK: dict[str, Any] = {
    "type": "object",
    "required": ["task_id", "task_status", "created_at", "updated_at"],
    "properties": {
        "task_id": ID,
        "task_status": STATUS,
        "task_status_msg": {"type": "string"},
        "task_info": {"type": "object", "properties": {"external_task_id": {"type": "string"}}},
        "task_result": {
            "type": "object",
            "properties": {
                "videos": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["id", "url", "duration"],
                        "properties": {
                            "id": {"type": "string"},
                            "url": {"type": "string", "format": "uri"},
                            "watermark_url": {"type": "string", "format": "uri"},
                            "duration": {"type": "string", "pattern": "^[0-9]+$"},
                        },
                    },
                }
            },
        },
        "created_at": {"type": "integer"},
        "updated_at": {"type": "integer"},
    },
}
NEWER_TASK = {
    "type": "object",
    "required": ["id", "status"],
    "additionalProperties": False,
    "properties": {
        "id": {"type": "string"},
        "status": {"type": "string", "enum": ["submitted", "processing", "succeeded", "failed"]},
        "message": {"type": "string"},
        "create_time": {"type": "integer"},
        "update_time": {"type": "integer"},
        "external_id": {"type": "string"},
        "outputs": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["type", "id", "url"],
                "properties": {
                    "type": {"enum": ["video"]},
                    "id": {"type": "string"},
                    "url": {"type": "string", "format": "uri"},
                    "status": {"type": "string"},
                },
            },
        },
        "billing": {"type": "array", "items": {"type": "object"}},
    },
}
BODY = {
    "type": "object",
    "required": ["prompt"],
    "properties": {
        "prompt": {"type": "string", "minLength": 1, "maxLength": 2500},
        "duration": {"type": "string", "enum": ["5", "10"]},
        "voice_list": {
            "type": "array",
            "maxItems": 2,
            "items": {"type": "object", "required": ["voice_id"], "properties": {"voice_id": ID}},
        },
        "external_task_id": {"type": "string"},
        "callback_url": {"type": "string"},
    },
}


def enveloped(data: Any) -> dict[str, Any]:
    """The schema of Kling's envelope around some data."""
    properties = {"code": {"const": 0}, "message": {"type": "string"}, "request_id": {"type": "string"}, "data": data}
    return {"type": "object", "required": ["code", "data"], "properties": properties}


def response(schema: Any = None, *, status: str = "200", media_type: str = "application/json", **media: Any) -> Any:
    """The `responses` of an operation."""
    content = {media_type: {**({} if schema is None else {"schema": schema}), **media}}
    return {status: {"description": "success", "content": content}}


def json_body(schema: Any, *, required: bool = True) -> dict[str, Any]:
    """The `requestBody` of an operation."""
    return {"required": required, "content": {"application/json": {"schema": schema}}}


def document(paths: dict[str, Any], **components: Any) -> dict[str, Any]:
    """A contract with these paths. An operation without an operationId gets one."""
    for path, item in paths.items():
        for method, operation in item.items():
            if method != "parameters":
                operation.setdefault("operationId", f"{method} {path}")
                operation.setdefault("responses", response())
    return {"openapi": "3.1.0", "info": {"title": "test", "version": "1"}, "paths": paths, "components": components}


def task_paths(path: str, task: Any, *, status: str = "200", has_list: bool = True) -> dict[str, Any]:
    """The operations of Kling's task pattern at a path."""
    create = {
        "operationId": "create_video",
        "requestBody": json_body(BODY),
        "responses": response(enveloped(task), status=status),
    }
    query = {
        "operationId": "get_video",
        "parameters": [{"name": "task_id", "in": "path", "required": True, "schema": {"type": "string"}}],
        "responses": response(enveloped(task)),
    }
    listing = {
        "operationId": "list_videos",
        "parameters": [
            {"name": name, "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 500}}
            for name in ("pageNum", "pageSize")
        ],
        "responses": response(enveloped({"type": "array", "items": task})),
    }
    collection = {"post": create, **({"get": listing} if has_list else {})}
    return {path: collection, f"{path}/{{task_id}}": {"get": query}}


def undescribed_tasks() -> dict[str, Any]:
    """A video operation whose pages say nothing about responses, as chainhub's; the list is not documented."""
    paths = task_paths(TEXT2VIDEO, {"type": "object", "properties": {}}, has_list=False)
    for item in paths.values():
        for operation in item.values():
            operation["responses"] = response({"type": "object", "properties": {}})
    return document(paths)


CONTRACTS: dict[str, dict[str, Any]] = {
    "the compiled contract": COMPILED,
    "videos": document(task_paths(TEXT2VIDEO, VIDEO_TASK)),
    "videos with 202": document(task_paths(TEXT2VIDEO, VIDEO_TASK, status="202")),
    "videos in the newer envelope": document(task_paths(NEWER, NEWER_TASK)),
    "undescribed videos": undescribed_tasks(),
    "integer ids": document(
        task_paths(
            TEXT2VIDEO, {**VIDEO_TASK, "properties": {**VIDEO_TASK["properties"], "task_id": {"type": "integer"}}}
        )
    ),
    "plain operations": document(
        {
            "/account/{region}": {
                "parameters": [{"name": "region", "in": "path", "required": True, "schema": {"enum": ["us", "cn"]}}],
                "get": {
                    "operationId": "get_account",
                    "parameters": [
                        {"name": "days", "in": "query", "required": True, "schema": {"type": "integer", "maximum": 90}},
                        {"name": "tag", "in": "query", "schema": {"type": "array", "items": {"type": "integer"}}},
                        {"name": "detailed", "in": "query", "schema": {"type": "boolean"}},
                        {"name": "X-Trace", "in": "header", "schema": {"type": "string", "maxLength": 5}},
                        {"name": "Authorization", "in": "header", "schema": {"type": "string", "maxLength": 1}},
                    ],
                    "responses": response(
                        enveloped(
                            {
                                "type": "object",
                                "required": ["balance", "packs"],
                                "properties": {
                                    "balance": {"type": "string", "pattern": "^[0-9]+\\.[0-9]{2}$"},
                                    "expires": {"type": ["string", "null"], "format": "date-time"},
                                    "packs": {
                                        "type": "array",
                                        "minItems": 2,
                                        "items": {"$ref": "#/components/schemas/P"},
                                    },
                                },
                            }
                        )
                    ),
                },
            },
            "/account/cn": {"get": {"operationId": "get_china", "responses": response({"const": "exact path"})}},
            "/speech": {
                "post": {
                    "operationId": "speak",
                    "requestBody": json_body({"type": "object", "required": ["text"]}),
                    "responses": response(
                        {"type": "object"}, example={"code": 0, "data": {"audio": "https://example.com/a.mp3"}}
                    ),
                }
            },
            "/search": {
                "get": {
                    "operationId": "search",
                    "requestBody": json_body({"type": "object", "required": ["word"]}, required=False),
                    "responses": response({"type": "object", "properties": {"hits": {"type": "integer"}}}),
                }
            },
            "/upload": {
                "post": {
                    "operationId": "upload",
                    "requestBody": {
                        "required": True,
                        "content": {
                            "multipart/form-data": {
                                "schema": {
                                    "type": "object",
                                    "required": ["file", "seconds"],
                                    "properties": {
                                        "file": {"type": "string", "format": "binary"},
                                        "seconds": {"type": "integer", "maximum": 30},
                                        "tags": {"type": "array", "items": {"type": "string"}},
                                    },
                                }
                            }
                        },
                    },
                    "responses": response({"type": "object", "required": ["etag"]}, status="201"),
                }
            },
            "/form": {
                "post": {
                    "operationId": "form",
                    "requestBody": {
                        "content": {
                            "application/x-www-form-urlencoded": {
                                "schema": {"type": "object", "properties": {"n": {"type": "integer", "minimum": 1}}}
                            }
                        }
                    },
                }
            },
            "/raw": {
                "put": {
                    "operationId": "raw",
                    "requestBody": {"required": True, "content": {"application/octet-stream": {}}},
                    "responses": {"204": {"description": "stored"}},
                }
            },
            "/silent": {"get": {"operationId": "silent", "responses": {"200": {"description": "undescribed"}}}},
            "/text": {
                "get": {"operationId": "text", "responses": response({"type": "string"}, media_type="text/plain")}
            },
            "/either": {
                "get": {
                    "operationId": "either",
                    "responses": response(
                        {
                            "allOf": [
                                {"type": "object", "properties": {"a": {"type": ["integer", "null"], "minimum": 3}}}
                            ],
                            "oneOf": [
                                {"required": ["b"], "properties": {"b": {"type": "string", "maxLength": 2}}},
                                {"required": ["c"], "properties": {"c": {"type": "array", "uniqueItems": True}}},
                            ],
                        }
                    ),
                }
            },
            "/header": {
                "get": {
                    "operationId": "header",
                    "responses": {
                        "2XX": {
                            "description": "any success",
                            "headers": {"X-Left": {"required": True, "schema": {"type": "integer", "minimum": 7}}},
                            "content": {"application/json": {"schema": {"const": {"code": 0, "data": {}}}}},
                        }
                    },
                }
            },
        },
        schemas={
            "P": {"type": "object", "required": ["left"], "properties": {"left": {"type": "integer", "minimum": 1}}}
        },
    ),
}
