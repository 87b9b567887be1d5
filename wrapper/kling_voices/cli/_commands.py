"""All commands. Importing a module registers its commands, in this order in `--help`."""

from . import _create, _batch, _check, _unstage, _voices, _operations, _listen, _mock  # noqa: F401, I001 - this order
from ._app import app

__all__ = ["app"]
