"""Pages that describe an operation in tables instead of OpenAPI, as kkiai publishes them."""

from __future__ import annotations

from .operation import is_table_page, read_table_page

__all__ = ["is_table_page", "read_table_page"]
