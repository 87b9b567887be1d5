"""The ledger: its file, its transitions, and what goes wrong with files."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any, get_args

import httpx
import pytest
from kling_voices import InvalidInputError, KlingVoices, KlingVoicesError, VoiceRequest, VoiceTask
from kling_voices._bulk import ledger_file, transitions
from kling_voices._bulk.ledger import LEASE, Entry, Ledger, Plan
from kling_voices._http.endpoint import Endpoint
from kling_voices.mock import MockGateway, VirtualClock

from tests.support.batches import KEY, URL, requests, rows, run_batch, states

ENDPOINT = Endpoint("mock", "http://mock.invalid", KEY)
SECRET = "sk-0123456789abcdef"


class _Ledger(Ledger):
    """A ledger that commits each transition."""

    def advance(self, *arguments: Any, **options: Any) -> bool:
        has_changed = super().advance(*arguments, **options)
        self.commit()
        return has_changed

    def take_over(self, entry: Entry) -> bool:
        has_changed = super().take_over(entry)
        self.commit()
        return has_changed

    def renew(self) -> None:
        super().renew()
        self.commit()


def _planned(path: Path, *, clock: VirtualClock | None = None) -> Ledger:
    ledger = _Ledger(path, ENDPOINT, clock or VirtualClock())
    ledger.plan([Plan("id", "fingerprint", "Ada", URL)])
    ledger.commit()
    return ledger


def test_every_commit_survives_a_power_failure(ledger: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commits wait for the disk, and the journal is one that works on network file systems."""
    monkeypatch.undo()
    with closing(ledger_file.open_file(ledger, ENDPOINT, accept_new_key=False)) as connection:
        assert connection.execute("PRAGMA synchronous").fetchone() == (3,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)


@pytest.mark.parametrize("target", get_args(transitions.State))
@pytest.mark.parametrize("source", get_args(transitions.State))
def test_transitions(ledger: Path, source: transitions.State, target: transitions.State) -> None:
    """The ledger commits a transition exactly if the state machine has it."""
    with closing(_planned(ledger)) as opened:
        opened._open.execute("UPDATE voices SET state = ?", (source,))
        allowed = source in transitions.sources(target)
        assert opened.advance("id", target, task=VoiceTask(task_id="1")) is allowed
        assert opened.get("id").state == (target if allowed else source)


def test_what_may_have_been_sent_never_becomes_planned_by_itself() -> None:
    """No path leads from unknown to planned, or from accepted to anything that sends."""
    assert transitions.sources("planned") == {"intended", "refused"}
    assert transitions.sources("intended") == {"planned", "unknown"}


def test_only_one_run_sends(ledger: Path) -> None:
    """If two runs intend the same request, only one of them succeeds."""
    with closing(_planned(ledger)) as first, closing(_planned(ledger)) as second:
        assert [first.advance("id", "intended"), second.advance("id", "intended")] == [True, False]
        assert second.is_held_by_another(second.get("id"))
        assert not first.is_held_by_another(first.get("id"))


def test_nothing_is_visible_before_the_commit(ledger: Path) -> None:
    """Transitions that were not committed are gone with the process, so nothing may be acted on before."""
    _planned(ledger).close()
    first = Ledger(ledger, ENDPOINT, VirtualClock())
    assert first.advance("id", "intended")
    assert [row["state"] for row in rows(ledger)] == ["planned"]
    first._open.close()
    assert [row["state"] for row in rows(ledger)] == ["planned"]


def test_no_transaction_is_open_while_the_caller_works(ledger: Path) -> None:
    """Another process is not kept waiting by a caller that takes its time with a result."""
    clock = VirtualClock()
    gateway = MockGateway(clock=clock, creation_seconds=9)
    http = httpx.Client(transport=httpx.MockTransport(gateway.handle))
    batch = KlingVoices(KEY, gateway="mock", http_client=http, clock=clock).create_many(requests(4), ledger=ledger)
    for _ in batch:
        assert not batch._batch._run.ledger._open.in_transaction  # type: ignore[attr-defined]


def test_leases(ledger: Path) -> None:
    """A request can be taken over when its run gives no sign of life, and at once when it has ended in order."""
    clock = VirtualClock()
    first, second = _planned(ledger, clock=clock), _planned(ledger, clock=clock)
    first.advance("id", "intended")
    clock.advance(LEASE - 1)
    first.renew()
    clock.advance(LEASE - 1)
    assert second.is_held_by_another(second.get("id"))
    clock.advance(2)
    entry = second.get("id")
    assert not second.is_held_by_another(entry)
    assert second.take_over(entry)
    assert not first.take_over(entry)
    second.close()
    assert not first.is_held_by_another(first.get("id"))
    first.close()


@pytest.mark.skipif(os.name != "posix", reason="only the lease counts on Windows")
def test_a_killed_process_is_noticed_at_once(ledger: Path) -> None:
    """The request of a process that no longer exists need not wait for its lease."""
    done = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    with closing(_planned(ledger)) as opened:
        opened.advance("id", "intended")
        node, _, token = opened._owner.rsplit(":", 2)
        opened._open.execute("UPDATE voices SET owner = ?", (f"{node}:{int(done.stdout)}:{token}x",))
        assert not opened.is_held_by_another(opened.get("id"))
        opened._open.execute("UPDATE voices SET owner = ?", (f"elsewhere:{int(done.stdout)}:{token}x",))
        assert opened.is_held_by_another(opened.get("id"))


def _create(ledger: Path, *, key: str = KEY, gateway: str = "mock", **options: Any) -> list[str]:
    """Start a batch whose requests would fail if one were sent."""

    def fail(_: httpx.Request) -> httpx.Response:
        raise AssertionError("sent")

    http = httpx.Client(transport=httpx.MockTransport(fail))
    client = KlingVoices(key, gateway=gateway, http_client=http, clock=VirtualClock())
    return [result.state for result in client.create_many(requests(1), ledger=ledger, **options)]


def test_unusable_files(tmp_path: Path) -> None:
    """Each is one clear error that says what to do, and nothing is sent."""
    text, other, newer = tmp_path / "notes.txt", tmp_path / "other.sqlite", tmp_path / "newer.sqlite"
    text.write_text("These are my notes, and no ledger at all.\n" * 50, encoding="utf-8")
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE accounts (name TEXT)")
    _planned(newer).close()
    with closing(sqlite3.connect(newer)) as connection:
        connection.execute("PRAGMA user_version = 2")
    before = [file.read_bytes() for file in (text, other, newer)]
    for path, message in (
        (text, "is not a ledger; pass the path of a ledger or of a new file"),
        (other, "is an SQLite database of another program"),
        (newer, r"newer version of kling-voices \(schema 2; this version reads up to 1\); upgrade"),
        (tmp_path, "is a directory"),
        (tmp_path / "missing" / "voices.sqlite", "does not exist; create it"),
    ):
        with pytest.raises(InvalidInputError, match=message):
            _create(path)
    assert [file.read_bytes() for file in (text, other, newer)] == before


DAMAGE = {
    "state = 'lost'": "state 'lost'",
    "state = NULL": "an unknown state",
    "state = 7": "an unknown state",
    "task = '{'": "a task that is not readable JSON",
    "task = '[]'": "a task without its fields",
    "task = NULL": "no task, although its state says that there is one",
    "error = 'failed'": "an error that is not readable JSON",
    "error = '{}'": "an error without its fields",
    "fingerprint = NULL": "no fingerprint",
    "external_task_id = NULL": "no external task id",
    "lease_until = NULL": "no time of its lease",
    "lease_until = 'soon'": "no time of its lease",
    "owner = 'somebody'": "an owner that names no process",
}


@pytest.mark.parametrize("change", DAMAGE)
def test_a_damaged_row(tmp_path: Path, change: str) -> None:
    """The error names the file, the row and what to do. Nothing is sent, and the file stays as it is."""
    path, gateway, clock = tmp_path / "voices.sqlite", MockGateway(), VirtualClock()
    run_batch("sync", gateway, clock, requests(3), path)
    _damage(path, change)
    before, paid = path.read_bytes(), len(gateway.tasks)
    with pytest.raises(InvalidInputError) as refused:
        run_batch("sync", gateway, clock, requests(5), path)
    message = str(refused.value)
    assert message.startswith(f"the ledger {path} is damaged: row 2 (external task id ")
    assert DAMAGE[change] in message
    assert "nothing was sent; restore the file from a backup, or correct it" in message
    assert (len(gateway.tasks), path.read_bytes()) == (paid, before)


def _damage(path: Path, change: str) -> None:
    """Change row 2, which the constraints of the schema would not allow."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("UPDATE sqlite_master SET sql = replace(sql, ' NOT NULL', '') WHERE name = 'voices'")
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute(f"UPDATE voices SET {change} WHERE rowid = 2")  # noqa: S608 - a key of DAMAGE


def test_a_task_with_impossible_values(tmp_path: Path) -> None:
    """A task that is JSON, but no task, is found when it is read. The error names its row."""
    path, gateway, clock = tmp_path / "voices.sqlite", MockGateway(), VirtualClock()
    run_batch("sync", gateway, clock, requests(1), path)
    _run_sql(path, "UPDATE voices SET task = json_set(task, '$.created_at', 'yesterday')")
    says = r"is damaged: the row of the external task id '.*' is not readable. Nothing more is sent. Restore the file"
    with pytest.raises(KlingVoicesError, match=says):
        run_batch("sync", gateway, clock, requests(1), path)


def _run_sql(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(statement)


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9])
def test_a_truncated_ledger(tmp_path: Path, kept: float) -> None:
    """The error names the file and what to do; nothing is sent."""
    path, gateway, clock = tmp_path / "voices.sqlite", MockGateway(), VirtualClock()
    run_batch("sync", gateway, clock, requests(40), path)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * kept)])
    with pytest.raises(InvalidInputError, match=r"is damaged .*nothing was sent; restore the file from a backup"):
        run_batch("sync", gateway, clock, requests(50), path)
    assert len(gateway.tasks) == 40


@pytest.mark.parametrize("table", ["voices", "account"])
def test_a_missing_table(tmp_path: Path, table: str) -> None:
    """The same."""
    path = tmp_path / "voices.sqlite"
    _planned(path).close()
    _run_sql(path, f"DROP TABLE {table}")
    with pytest.raises(InvalidInputError, match=f"is damaged .*no such table: {table}.*nothing was sent"):
        _create(path)


def test_another_gateway_or_account(ledger: Path) -> None:
    """A ledger is used only with its gateway and key, because another account does not have its tasks."""
    _planned(ledger).close()
    with pytest.raises(InvalidInputError, match="belongs to the gateway"):
        _create(ledger, gateway="kkiai")
    with pytest.raises(InvalidInputError, match="written with another API key"):
        _create(ledger, key=SECRET)


def test_a_new_key_of_the_same_account(ledger: Path) -> None:
    """The advice of the error works; afterwards the ledger belongs to the new key."""
    clock = VirtualClock()
    gateway = MockGateway(clock=clock, creation_seconds=9)
    run_batch("sync", gateway, clock, requests(1), ledger)
    assert _create(ledger, key=SECRET, accept_new_key=True) == ["succeeded"]
    assert _create(ledger, key=SECRET) == ["succeeded"]
    with pytest.raises(InvalidInputError, match="another API key"):
        _create(ledger)


_READ_ONLY = """
import os, sys
from pathlib import Path
import kling_voices._bulk.batch, kling_voices._bulk.run_sync
from kling_voices import InvalidInputError, KlingVoices
client = KlingVoices(gateway="mock")
if os.geteuid() == 0:
    os.setegid(65534)
    os.seteuid(65534)
try:
    client.create_many([], ledger=sys.argv[1])
except InvalidInputError as error:
    print(error)
"""


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write to read-only files")
def test_a_read_only_ledger(tmp_path: Path) -> None:
    """A ledger that cannot be written is refused before anything is sent."""
    folder = tmp_path / "read_only"
    folder.mkdir()
    _planned(folder / "voices.sqlite").close()
    for parent in (folder, *folder.parents):
        if parent.owner() == tmp_path.owner() and parent != Path("/"):
            parent.chmod(parent.stat().st_mode | 0o055)
    (folder / "voices.sqlite").chmod(0o444)
    folder.chmod(0o555)
    try:
        done = subprocess.run(
            [sys.executable, "-c", _READ_ONLY, str(folder / "voices.sqlite")],
            capture_output=True,
            text=True,
            check=True,
        )
    finally:
        folder.chmod(0o755)
    assert "cannot be written; make the file and its directory writable, or pass another path" in done.stdout


def test_a_read_only_file_system(ledger: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same error of SQLite, also where file permissions do not apply."""
    _planned(ledger).close()
    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda path, **more: connect(f"file:{path}?mode=ro", uri=True, **more))
    with pytest.raises(InvalidInputError, match="cannot be written; make the file and its directory writable"):
        _create(ledger)


def test_a_full_disk(ledger: Path) -> None:
    """When the ledger can no longer be written, the batch stops with a clear error, and later continues."""
    clock = VirtualClock()
    gateway = MockGateway(clock=clock, creation_seconds=9)
    http = httpx.Client(transport=httpx.MockTransport(gateway.handle))
    client = KlingVoices(KEY, gateway="mock", http_client=http, clock=clock)
    batch = client.create_many(requests(200), ledger=ledger, parallel=2)
    next(batch)
    connection = batch._batch._run.ledger._open  # type: ignore[attr-defined]
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages + 1}")
    with pytest.raises(
        KlingVoicesError, match=r"database or disk is full\. Nothing more is sent\..*sends no create twice"
    ):
        list(batch)
    sent = len(gateway.tasks)
    assert 1 < sent < 200
    assert states(run_batch("sync", gateway, clock, requests(200), ledger, parallel=50)) == {"succeeded": 200}
    assert len(gateway.tasks) == 200


def test_a_locked_ledger(ledger: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that keeps the file locked leads to a clear error."""
    monkeypatch.setattr(ledger_file, "_BUSY_TIMEOUT", 0.01)
    _planned(ledger).close()
    with closing(sqlite3.connect(ledger, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(InvalidInputError, match=r"cannot be opened \(database is locked\)"):
            _create(ledger)


def test_no_secrets(ledger: Path) -> None:
    """Neither the key nor the signed part of a URL is in the file, even if the gateway echoes them."""
    clock = VirtualClock()
    gateway = MockGateway(SECRET, clock=clock, creation_seconds=9, dialect="documented")
    http = httpx.Client(transport=httpx.MockTransport(gateway.handle))
    client = KlingVoices(SECRET, gateway="mock", http_client=http, clock=clock)
    signed = "https://user:password@example.com/ada.mp3?X-Amz-Signature=signature&token=token1#fragment"
    request = VoiceRequest("Ada", voice_url=signed, callback_url="https://example.com/hook?token=token2")
    assert [result.state for result in client.create_many([request], ledger=ledger)] == ["succeeded"]
    content = ledger.read_bytes()
    for secret in (SECRET, "signature", "token1", "token2", "password", "fragment"):
        assert secret.encode() not in content
    assert gateway.tasks[0].body["voice_url"] == signed


def test_the_schema_is_readable(ledger: Path) -> None:
    """The columns that people may query are documented and filled."""
    clock = VirtualClock()
    gateway = MockGateway(clock=clock, creation_seconds=9)
    run_batch("sync", gateway, clock, requests(1), ledger)
    (row,) = rows(ledger)
    task = gateway.tasks[0]
    assert {
        name: row[name] for name in ("external_task_id", "voice_name", "source", "state", "task_id", "voice_id")
    } == {
        "external_task_id": task.external_task_id,
        "voice_name": "Voice 0",
        "source": URL,
        "state": "succeeded",
        "task_id": task.task_id,
        "voice_id": task.voice_id,
    }


def test_results_survive(ledger: Path) -> None:
    """The result of an earlier run equals the first one, but for signed parts of URLs."""
    clock = VirtualClock()
    gateway = MockGateway(clock=clock, creation_seconds=9)
    first = run_batch("sync", gateway, clock, requests(2), ledger)
    assert run_batch("sync", gateway, clock, requests(2), ledger) == first
