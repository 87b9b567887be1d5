"""Choosing the gateway and the key: arguments, then the environment, then the defaults."""

from __future__ import annotations

import pytest
from kling_voices import AsyncKlingVoices, Gateway, InvalidInputError, KlingVoices
from kling_voices._http.endpoint import MOCK_KEY, resolve_endpoint
from kling_voices.cli._commands import app
from typer.testing import CliRunner

ALL_KEYS = {"CHAINHUB_API_KEY": "c", "KKIAI_API_KEY": "k", "KLING_API_KEY": "s"}


@pytest.mark.parametrize(
    ("gateway", "environment", "base_url", "key"),
    [
        (None, ALL_KEYS, "https://api.chainhub.tech", "c"),
        (None, {**ALL_KEYS, "KLING_GATEWAY": "kkiai"}, "https://www.kkiai.com", "k"),
        (Gateway.KKIAI, {**ALL_KEYS, "KLING_GATEWAY": "chainhub"}, "https://www.kkiai.com", "k"),
        ("KKIAI", ALL_KEYS, "https://www.kkiai.com", "k"),
        ("chainhub", {"KLING_API_KEY": "s"}, "https://api.chainhub.tech", "s"),
        ("https://www.kkiai.com/", ALL_KEYS, "https://www.kkiai.com", "k"),
        ("https://proxy.example.com/kling/", ALL_KEYS, "https://proxy.example.com/kling", "s"),
        ("mock", ALL_KEYS, "http://mock.invalid", MOCK_KEY),
    ],
)
def test_resolve(gateway: str | None, environment: dict[str, str], base_url: str, key: str) -> None:
    """The key is taken from the argument, else from the gateway's own variable, else from the shared variable."""
    endpoint = resolve_endpoint(None, gateway, environment)
    assert (endpoint.base_url, endpoint.api_key) == (base_url, key)


def test_another_host_never_gets_a_gateways_key() -> None:
    """For an unknown base URL only the shared variable is read."""
    with pytest.raises(InvalidInputError, match="set KLING_API_KEY in the environment"):
        resolve_endpoint(None, "https://proxy.example.com", {"CHAINHUB_API_KEY": "c", "KKIAI_API_KEY": "k"})


@pytest.mark.parametrize(
    ("gateway", "says"),
    [
        ("kiai", "the gateway 'kiai' is unknown; pass one of chainhub, kkiai, mock"),
        ("ftp://example.com", "needs http or https"),
        ("https://", "needs http or https and a host"),
        ("https://user:password@example.com", "has a user, a query or a fragment; remove them"),
        ("https://example.com/?key=1", "has a user, a query or a fragment"),
        ("https://exa mple.com:x", "is not a valid URL"),
        ("https://xn--a/", "is not a valid URL"),
        ("https://example.com/x?", "a query or a fragment"),
        ("https://example.com/#", "a query or a fragment"),
        ("user:password@example.com", "is unknown"),
    ],
)
def test_unusable_gateways(gateway: str, says: str) -> None:
    """An invalid gateway is refused in one sentence that does not show a password."""
    with pytest.raises(InvalidInputError) as caught:
        resolve_endpoint("key", gateway, {})
    assert says in str(caught.value)
    assert "password" not in str(caught.value)


@pytest.mark.parametrize("key", ["", "sk-1 2", "sk-12\n", "sk-é"])
def test_unusable_keys(key: str) -> None:
    """A key that is not valid in a header is refused, and not shown."""
    with pytest.raises(InvalidInputError) as caught:
        KlingVoices(key)
    assert "sk-" not in str(caught.value)


def test_no_key() -> None:
    """Without a key the message names the variables."""
    with pytest.raises(InvalidInputError, match="set KKIAI_API_KEY or KLING_API_KEY in the environment"):
        AsyncKlingVoices(gateway="kkiai")


def test_no_key_on_the_command_line() -> None:
    """The message names what the command line has: the variables and the option."""
    done = CliRunner().invoke(app, ["list", "--gateway", "chainhub"])
    assert done.exit_code == 2
    assert "set CHAINHUB_API_KEY or KLING_API_KEY in the environment" in done.stderr
    assert "on the command line, --api-key-file" in done.stderr


@pytest.mark.parametrize("gateway", Gateway)
def test_the_command_line_knows_every_gateway(gateway: Gateway) -> None:
    """The help names each gateway, and the shell completes its name."""
    assert gateway in CliRunner().invoke(app, ["get", "--help"]).stdout
    environment = {"_KLING_VOICES_COMPLETE": "complete_bash", "COMP_WORDS": f"kling-voices get --gateway {gateway[:2]}"}
    done = CliRunner().invoke(app, [], prog_name="kling-voices", env={**environment, "COMP_CWORD": "3"})
    assert done.stdout.split() == [gateway]


def test_the_key_is_read_when_the_client_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that is set after the import is found."""
    monkeypatch.setenv("KLING_API_KEY", "late")
    with KlingVoices() as client:
        assert "gateway='chainhub'" in repr(client)


def test_repr_names_the_gateway_and_hides_the_key() -> None:
    """The repr of a client and of its parts does not show the key."""
    with KlingVoices("sk-secret", gateway="kkiai") as client:
        assert repr(client) == "KlingVoices(gateway='kkiai')"
        assert "sk-secret" not in repr(vars(client))


def test_an_endpoint_is_not_a_sequence() -> None:
    """Error reporters print the items of sequences, so the key must not be an item."""
    endpoint = resolve_endpoint("key-0123456789", "kkiai", {})
    assert not isinstance(endpoint, (tuple, list, dict))
    assert "key-0123456789" not in repr(endpoint)
