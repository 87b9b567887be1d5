"""All commands. Importing a module registers its commands, in this order in `--help`."""

from . import _create, _batch, _voices, _check, _unstage, _operations, _mock  # noqa: F401, I001 - the order of `--help`
from ._app import app

__all__ = ["app"]
