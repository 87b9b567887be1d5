"""The public names, signatures and exception classes are as documented, and work with editors and other tools."""

from __future__ import annotations

import asyncio
import inspect
import pickle
import re
import typing

import jedi
import kling_voices
import pytest
from kling_voices import AsyncKlingVoices, KlingVoices, KlingVoicesError, VoiceTask, errors

METHODS = ["create_voice", "get_task", "wait", "create_and_wait", "recover", "delete_voice", "call"]
ITERATORS = ["list_tasks", "list_presets", "create_many"]


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
    """The class tree in the docstring of errors.py is the real one."""
    assert _drawn(errors.__doc__ or "") == _tree(KlingVoicesError)


def test_invalid_input_is_a_value_error() -> None:
    """`except ValueError` catches an invalid argument."""
    assert issubclass(errors.InvalidInputError, ValueError)


@pytest.mark.parametrize("method", METHODS + ITERATORS)
def test_both_clients_have_the_same_methods(method: str) -> None:
    """Sync and async methods have the same parameters and docstring; the results differ only in being asynchronous."""
    blocking, awaitable = getattr(KlingVoices, method), getattr(AsyncKlingVoices, method)
    expected = str(inspect.signature(awaitable))
    for asynchronous, synchronous in ((" | AsyncIterable[VoiceRequest]", ""), ("AsyncIterator", "Iterator")):
        expected = expected.replace(asynchronous, synchronous)
    assert str(inspect.signature(blocking)) == expected
    assert inspect.getdoc(blocking) == inspect.getdoc(awaitable)
    assert inspect.iscoroutinefunction(awaitable) == (method in METHODS)
    assert not inspect.iscoroutinefunction(blocking)


CLIENTS = [KlingVoices, AsyncKlingVoices]
PUBLIC = [
    (client, name)
    for client in CLIENTS
    for name in (*METHODS, *ITERATORS, "close", "__init__")
    if hasattr(client, name)
]


def test_every_public_method_is_listed() -> None:
    """These tests cover every public method of both clients."""
    for client in CLIENTS:
        assert {name for name in vars(client) if not name.startswith("_")} == {*METHODS, *ITERATORS, "close"}


@pytest.mark.parametrize(("client", "method"), PUBLIC)
def test_methods_are_ordinary_functions(client: type, method: str) -> None:
    """The source, the type hints and the docstring of every method are available to the usual tools."""
    function = vars(client)[method]
    assert inspect.isfunction(function)
    assert function.__qualname__ == f"{client.__name__}.{method}"
    assert f"def {method}(" in inspect.getsource(function)
    hints = typing.get_type_hints(function)
    assert set(hints) == {*list(inspect.signature(function).parameters)[1:], "return"}
    assert inspect.getdoc(function if method != "__init__" else client)


@pytest.mark.parametrize(("client", "method"), PUBLIC)
def test_editors_show_methods(client: type, method: str) -> None:
    """An editor that uses jedi completes every method and shows its parameters and docstring."""
    if method == "__init__":
        source, call = f"import kling_voices\nkling_voices.{client.__name__}(", client.__name__
    else:
        source = f"import kling_voices\nkling_voices.{client.__name__}().{method}("
        call = method
        completions = jedi.Script(source[:-2]).complete()
        assert method in {completion.name for completion in completions}
    (signature,) = jedi.Script(source).get_signatures()
    assert signature.name == call
    names = [name for name in inspect.signature(vars(client)[method]).parameters if name != "self"]
    assert [parameter.name for parameter in signature.params] == names
    documented = client if method == "__init__" else vars(client)[method]
    assert (inspect.getdoc(documented) or "no docstring") in signature.docstring()


@pytest.mark.parametrize("client", CLIENTS)
def test_tracebacks_name_the_method(client: type) -> None:
    """The traceback of an error shows the method that was called, in the module of its class."""
    method = client(gateway="mock").create_voice
    with pytest.raises(errors.InvalidInputError) as caught:
        method("") if client is KlingVoices else asyncio.run(method(""))
    frames = [(frame.name, frame.path.name) for frame in caught.traceback if hasattr(frame.path, "name")]
    module = f"{'_async' if client is AsyncKlingVoices else '_sync'}_client.py"
    assert ("create_voice", module) in frames


@pytest.mark.parametrize("method", [*METHODS, *ITERATORS])
@pytest.mark.parametrize("client", CLIENTS)
def test_methods_can_be_pickled(client: type, method: str) -> None:
    """A method can be passed to another process by reference."""
    function = getattr(client, method)
    assert pickle.loads(pickle.dumps(function)) is function


@pytest.mark.parametrize("client", [KlingVoices, AsyncKlingVoices])
def test_constructor(client: type) -> None:
    """The constructor is as documented; everything after the key is keyword-only."""
    defaults = {name: p.default for name, p in inspect.signature(client).parameters.items()}
    assert defaults == {
        "api_key": None,
        "gateway": None,
        "timeout": 60.0,
        "max_retries": 2,
        "http_client": None,
        "clock": None,
    }


@pytest.mark.parametrize("method", METHODS)
def test_only_the_first_argument_is_positional(method: str) -> None:
    """Only the first argument may be positional."""
    _, _first, *others = inspect.signature(getattr(KlingVoices, method)).parameters.values()
    assert {p.kind for p in others} <= {inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.VAR_KEYWORD}


def test_errors_survive_pickling() -> None:
    """A pickled error keeps all its attributes."""
    error = errors.BadRequestError("no", status_code=400, code=1201, body={"a": 1}, external_task_id="x")
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), copy.__dict__, str(copy)) == (type(error), error.__dict__, str(error))
    wait = errors.WaitTimeoutError("late", task=VoiceTask(task_id="1", external_task_id="x"))
    assert pickle.loads(pickle.dumps(wait)).task == wait.task


def test_repr_of_an_error() -> None:
    """The repr shows what identifies the exchange, and no body."""
    error = errors.NotFoundError("gone", status_code=404, request_id="r", body={"secret": 1})
    assert repr(error) == (
        "NotFoundError('The gateway responded with 404: gone. Check the id, and that it belongs to this gateway and "
        "this key.', status_code=404, request_id='r', outcome='not_created')"
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
