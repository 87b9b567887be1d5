"""Where requests go and with what key: arguments, then the environment, then the defaults."""

from __future__ import annotations

import pytest
from kling_voices import AsyncKlingVoices, Gateway, InvalidInputError, KlingVoices
from kling_voices._gateways import MOCK_KEY, resolve

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
    """Gateway and key come from the argument, the gateway's own variable, the shared one, in this order."""
    destination = resolve(None, gateway, environment)
    assert (destination.base_url, destination.api_key) == (base_url, key)


def test_another_host_never_gets_a_gateways_key() -> None:
    """For an unknown base URL only the shared variable is read."""
    with pytest.raises(InvalidInputError, match="set KLING_API_KEY in the environment"):
        resolve(None, "https://proxy.example.com", {"CHAINHUB_API_KEY": "c", "KKIAI_API_KEY": "k"})


@pytest.mark.parametrize(
    ("gateway", "says"),
    [
        ("kiai", "gateway 'kiai' is not known; give one of chainhub, kkiai, mock"),
        ("ftp://example.com", "needs http or https"),
        ("https://", "needs http or https and a host"),
        ("https://user:password@example.com", "may not hold a user"),
        ("https://example.com/?key=1", "may not hold a user, a query"),
        ("https://exa mple.com:x", "cannot be read as a URL"),
        ("https://xn--a/", "cannot be read as a URL"),
        ("https://example.com/x?", "a query or a fragment"),
        ("https://example.com/#", "a query or a fragment"),
        ("user:password@example.com", "is not known"),
    ],
)
def test_unusable_gateways(gateway: str, says: str) -> None:
    """What is no gateway is refused in a sentence, and a password in it is not shown."""
    with pytest.raises(InvalidInputError) as caught:
        resolve("key", gateway, {})
    assert says in str(caught.value)
    assert "password" not in str(caught.value)


@pytest.mark.parametrize("key", ["", "sk-1 2", "sk-12\n", "sk-é"])
def test_unusable_keys(key: str) -> None:
    """A key that no header can carry is refused, and not shown."""
    with pytest.raises(InvalidInputError) as caught:
        KlingVoices(key)
    assert "sk-" not in str(caught.value)


def test_no_key() -> None:
    """Without a key the message names the variables."""
    with pytest.raises(InvalidInputError, match="set KKIAI_API_KEY or KLING_API_KEY in the environment"):
        AsyncKlingVoices(gateway="kkiai")


def test_the_key_is_read_when_the_client_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that is set after the import is found."""
    monkeypatch.setenv("KLING_API_KEY", "late")
    with KlingVoices() as client:
        assert client._core.destination.api_key == "late"


def test_repr_names_the_gateway_and_hides_the_key() -> None:
    """The repr of a client, and of what it is made of, shows no key."""
    with KlingVoices("sk-secret", gateway="kkiai") as client:
        assert repr(client) == "KlingVoices(gateway='kkiai')"
        assert "sk-secret" not in repr(vars(client))


def test_a_destination_is_no_sequence() -> None:
    """What reports errors writes out tuples item by item, so the key must not be an item."""
    destination = resolve("key-0123456789", "kkiai", {})
    assert not isinstance(destination, (tuple, list, dict))
    assert "key-0123456789" not in repr(destination)
