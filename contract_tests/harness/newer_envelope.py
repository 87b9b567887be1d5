"""Kling's newer envelope (V), which the contract does not describe: the voice operations still use the older one.

The operations whose model is in the path use it, and clients must read it from any operation.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.support.error_table import STATUS_WORDS

_IDS = st.integers(10**17, 10**18 - 1).map(str)
_TIMES = st.integers(0, 4 * 10**12)
_AMOUNTS = st.integers(0, 10**6).map(lambda cents: f"{cents / 100:.2f}")

voices = st.fixed_dictionaries(
    {
        "type": st.just("voice"),
        "id": _IDS,
        "name": st.text(min_size=1, max_size=20),
        "url": st.just("https://cdn.example.com/trial.mp3"),
        "owned_by": st.just("kling") | _IDS,
        "status": st.sampled_from(["succeeded", "deleted"]),
    }
)
_OTHER_OUTPUTS = st.fixed_dictionaries({"type": st.just("video"), "id": _IDS, "url": st.just("https://x.example/v")})
_CHARGES = st.one_of(
    st.fixed_dictionaries({"charge_type": st.just("unit"), "amount": _AMOUNTS}),
    st.fixed_dictionaries(
        {"charge_type": st.just("cash"), "amount": _AMOUNTS, "currency": st.sampled_from(["CNY", "USD"])},
        optional={"list_price": _AMOUNTS},
    ),
)
tasks = st.fixed_dictionaries(
    {"id": _IDS, "status": st.sampled_from(sorted(STATUS_WORDS)), "create_time": _TIMES, "update_time": _TIMES},
    optional={
        "message": st.text(max_size=20),
        "external_id": st.text(min_size=1, max_size=20),
        "outputs": st.lists(voices | _OTHER_OUTPUTS, max_size=3),
        "billing": st.lists(_CHARGES, max_size=2),
    },
)


def enveloped(data: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Successful responses with these data."""
    return st.fixed_dictionaries(
        {"code": st.just(0), "message": st.just("SUCCEED"), "request_id": st.just("r-1"), "data": data}
    )
