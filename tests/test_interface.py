"""The public names, the signatures and the error tree are what users were told."""

from __future__ import annotations

import inspect
import pickle
import re

import kling_voices
import pytest
from kling_voices import AsyncKlingVoices, KlingVoices, KlingVoicesError, VoiceTask, errors

METHODS = ["create_voice", "get_task", "wait", "create_and_wait", "recover", "delete_voice", "call"]
ITERATORS = ["list_tasks", "list_presets"]


def test_exported_names() -> None:
    """`__all__` is sorted, and all of it exists."""
    assert sorted(kling_voices.__all__) == kling_voices.__all__
    assert [name for name in kling_voices.__all__ if not hasattr(kling_voices, name)] == []
    assert set(kling_voices.__all__) <= set(dir(kling_voices))
    with pytest.raises(AttributeError, match="module 'kling_voices' has no attribute 'Nobody'"):
        kling_voices.Nobody  # noqa: B018


def test_every_error_is_exported() -> None:
    """Each class of the tree is a public name of the package."""
    assert {name for name, kind in vars(errors).items() if _is_error(kind)} <= set(kling_voices.__all__)


def test_the_tree_is_the_docstring() -> None:
    """The tree that errors.py draws is the tree of the classes."""
    assert _drawn(errors.__doc__ or "") == _tree(KlingVoicesError)


def test_invalid_input_is_a_value_error() -> None:
    """Who catches ValueError catches a wrong argument."""
    assert issubclass(errors.InvalidInputError, ValueError)


@pytest.mark.parametrize("method", METHODS)
def test_both_clients_have_the_same_methods(method: str) -> None:
    """Sync and async methods have one signature and one docstring; the latter is to be awaited."""
    blocking, awaitable = getattr(KlingVoices, method), getattr(AsyncKlingVoices, method)
    assert inspect.signature(blocking) == inspect.signature(awaitable)
    assert blocking.__doc__ == awaitable.__doc__
    assert "Plan" not in str(inspect.signature(blocking))
    assert inspect.iscoroutinefunction(awaitable)
    assert not inspect.iscoroutinefunction(blocking)


@pytest.mark.parametrize("method", ITERATORS)
def test_both_clients_have_the_same_iterators(method: str) -> None:
    """Sync and async iterators have one signature and one docstring."""
    blocking, asynchronous = getattr(KlingVoices, method), getattr(AsyncKlingVoices, method)
    assert inspect.signature(blocking) == inspect.signature(asynchronous)
    assert blocking.__doc__ == asynchronous.__doc__
    assert [p.kind for p in inspect.signature(blocking).parameters.values()][1:] == [inspect.Parameter.KEYWORD_ONLY]


@pytest.mark.parametrize("client", [KlingVoices, AsyncKlingVoices])
def test_constructor(client: type) -> None:
    """The constructor is as documented; everything after the key is keyword-only."""
    defaults = {name: p.default for name, p in inspect.signature(client).parameters.items()}
    assert defaults == {"api_key": None, "gateway": None, "timeout": 60.0, "max_retries": 2, "http_client": None}


@pytest.mark.parametrize("method", METHODS)
def test_only_the_first_argument_is_positional(method: str) -> None:
    """Options cannot be mixed up by their order."""
    _, _first, *others = inspect.signature(getattr(KlingVoices, method)).parameters.values()
    assert {p.kind for p in others} <= {inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.VAR_KEYWORD}


def test_errors_survive_pickling() -> None:
    """An error crosses a process boundary with all that it holds."""
    error = errors.BadRequestError("no", status_code=400, code=1201, body={"a": 1}, external_task_id="x")
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), copy.__dict__, str(copy)) == (type(error), error.__dict__, str(error))
    wait = errors.WaitTimeoutError("late", task=VoiceTask(task_id="1", external_task_id="x"))
    assert pickle.loads(pickle.dumps(wait)).task == wait.task


def test_repr_of_an_error() -> None:
    """The repr shows what identifies the exchange, and no body."""
    error = errors.NotFoundError("gone", status_code=404, request_id="r", body={"secret": 1})
    assert repr(error) == (
        "NotFoundError('The gateway answered 404: gone. Check the id, and that it was made with this gateway and this "
        "key.', status_code=404, request_id='r', outcome='not_created')"
    )


def _is_error(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, KlingVoicesError)


def _tree(kind: type[Exception]) -> dict[str, object]:
    return {child.__name__: _tree(child) for child in kind.__subclasses__()}


def _drawn(text: str) -> dict[str, object]:
    root: dict[str, object] = {}
    path: list[dict[str, object]] = [root]
    for line in text.splitlines():
        drawn = re.match(r"^([│ ]*)[├└]── (\w+)$", line)
        if drawn:
            depth = len(drawn[1]) // 4
            child: dict[str, object] = {}
            path[depth][drawn[2]] = child
            path[depth + 1 :] = [child]
    return root
