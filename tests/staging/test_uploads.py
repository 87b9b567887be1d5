"""Which objects belong to a stage."""

from __future__ import annotations

import threading

from kling_voices.staging._uploads import Uploads, batched


def test_a_second_thread_waits_for_the_upload_of_the_first() -> None:
    """Until the first one has finished, the second one does not get its turn."""
    uploads, order, entered = Uploads(), list[str](), threading.Event()

    def second() -> None:
        entered.set()
        with uploads.in_turn("a"):
            order.append("second")

    thread = threading.Thread(target=second)
    with uploads.in_turn("a"), uploads.in_turn("another name"):
        thread.start()
        entered.wait()
        thread.join(timeout=0.2)
        order.append("first")
    thread.join()
    assert order == ["first", "second"]


def test_ownership() -> None:
    """Only what did not exist is ours, and only its last use makes it deletable."""
    uploads = Uploads()
    assert uploads.claim("new", exists=False) is True
    assert uploads.claim("new", exists=True) is False
    assert uploads.claim("old", exists=True) is False
    assert uploads.names() == uploads.to_delete() == ["new"]
    assert [uploads.end_use("new"), uploads.end_use("new"), uploads.end_use("old")] == [False, True, False]


def test_released() -> None:
    """A released object is named and not deleted; releasing another stage's object does nothing."""
    uploads = Uploads()
    for name in ("a", "b"):
        uploads.claim(name, exists=False)
    uploads.release("a")
    uploads.release("stranger")
    assert (uploads.names(), uploads.to_delete()) == (["a", "b"], ["b"])
    assert uploads.end_use("a") is False
    uploads.forget(["a", "b"])
    assert uploads.names() == []


def test_a_failed_upload() -> None:
    """It is still ours, and the next use uploads it again."""
    uploads = Uploads()
    uploads.claim("a", exists=False)
    uploads.retract("a", may_exist=True)
    assert uploads.to_delete() == ["a"]
    assert uploads.claim("a", exists=True) is True
    assert uploads.claim("a", exists=True) is False


def test_a_rejected_upload() -> None:
    """Nothing was stored, so there is nothing to delete, and the next use uploads it."""
    uploads = Uploads()
    uploads.claim("a", exists=False)
    uploads.retract("a", may_exist=False)
    assert uploads.names() == uploads.to_delete() == []
    assert uploads.claim("a", exists=False) is True
    assert uploads.to_delete() == ["a"]


def test_batches() -> None:
    """At most a thousand names in one request."""
    names = [str(number) for number in range(2001)]
    assert [len(batch) for batch in batched(names)] == [1000, 1000, 1]
    assert [name for batch in batched(names) for name in batch] == names
    assert list(batched([])) == []
