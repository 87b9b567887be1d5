"""Checking and uploading many recordings: on processes of this machine, and on a Dask cluster that loses a worker."""

from __future__ import annotations

import multiprocessing
import os
import re
import signal
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from kling_voices import ConnectionFailedError, InvalidInputError
from kling_voices._bulk.executors import DaskPool, ProcessPool, open_pool
from kling_voices._bulk.prepare import Preparation, open_preparation
from kling_voices.staging import Stage
from kling_voices.staging._objects import StagedObject

from tests.support.object_store import ObjectStore
from tests.support.recordings import tone, write

URL = "s3://bucket/voices"


class _DirectPool:
    """Calls functions at once."""

    def run(self, function: Callable[..., Any], *arguments: Any) -> Any:
        return function(*arguments)

    def close(self) -> None:
        """Nothing to end."""


def _recordings(folder: Path, count: int) -> list[Path]:
    return [
        write(folder / f"{number}.wav", tone(6, 8_000, frequency=100 + number), rate=8_000) for number in range(count)
    ]


def test_local_processes(store: ObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Good recordings get a URL that a gateway can fetch, bad ones an error; the end of it deletes the uploads."""
    files = _recordings(tmp_path, 5)
    short = write(tmp_path / "short.wav", tone(1))
    monkeypatch.chdir(tmp_path)
    preparation = open_preparation(URL)
    try:
        with ThreadPoolExecutor(5) as threads:
            urls = list(threads.map(preparation.prepare, [file.relative_to(tmp_path) for file in files]))
        assert [httpx.get(url).content for url in urls] == [file.read_bytes() for file in files]
        with pytest.raises(InvalidInputError, match=re.escape(f"{short}: it lasts 1.00 seconds")):
            preparation.prepare(short)
        with pytest.raises(InvalidInputError, match="No such file"):
            preparation.prepare(tmp_path / "missing.wav")
        preparation.discard(urls[0])
        preparation.release(urls[1])
        assert len(store.names()) == 4
    finally:
        preparation.close()
        preparation.close()
    assert [f"/{name}" in urls[1] for name in store.names()] == [True]
    with pytest.raises(ConnectionFailedError, match="the preparation was stopped"):
        preparation.prepare(files[0])


def test_a_stage_of_the_caller_stays_open(store: ObjectStore, tmp_path: Path) -> None:
    """The caller closes a stage that it passes. Any other object with `put` works, too."""
    (file,) = _recordings(tmp_path, 1)
    with Stage(URL) as stage:
        preparation = Preparation(stage, _DirectPool(), close_stage=False)
        url = preparation.prepare(file)
        preparation.close()
        assert httpx.get(url).status_code == 200

    class Own:
        def put(self, path: Path) -> str:
            return f"https://files.example.com/{path.name}"

    preparation = Preparation(Own(), _DirectPool(), close_stage=False)
    assert preparation.prepare(file) == "https://files.example.com/0.wav"
    assert store.names() == []


def test_a_crash_hits_only_its_own_file() -> None:
    """A call that ends its process is to blame; the calls that it has taken along are repeated."""
    pool = ProcessPool(2)

    def run(number: int) -> object:
        try:
            return pool.run(os._exit, 3) if number == 3 else pool.run(abs, -number)
        except InvalidInputError as error:
            return str(error)

    try:
        with ThreadPoolExecutor(8) as threads:
            results = list(threads.map(run, range(8)))
    finally:
        pool.close()
    assert results.pop(3) == "3: the process that read it has crashed; export the recording again"
    assert results == [0, 1, 2, 4, 5, 6, 7]


def test_a_script_is_not_run_again(tmp_path: Path) -> None:
    """A script without `if __name__ == "__main__"` runs once: its paid creates are not repeated in the processes."""
    write(tmp_path / "ada.wav")
    (tmp_path / "script.py").write_text(
        "print('a paid create')\n"
        "from kling_voices import audio\n"
        "from kling_voices._bulk.executors import ProcessPool\n"
        "pool = ProcessPool(2)\n"
        "print(pool.run(audio.check, 'ada.wav').duration)\n"
        "pool.close()\n",
        encoding="utf-8",
    )
    done = subprocess.run([sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("a paid create\n6.0\n", "")


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
def test_ctrl_c_reaches_only_the_owner() -> None:
    """The processes ignore the signal of the terminal, so nothing but the owner's message is printed."""
    pool = ProcessPool(1)
    try:
        assert pool.run(signal.getsignal, signal.SIGINT) == signal.SIG_IGN
    finally:
        pool.close()


def test_many_files_need_little_memory(store: ObjectStore) -> None:
    """What is remembered of an upload is its name, less than 2 KiB: 20 MB for 10,000 files of any size."""
    stage = Stage(URL)

    def run(_: Callable[..., Any], argument: Any) -> Any:
        name = argument.name if isinstance(argument, Path) else ""
        return StagedObject(Path(name), f"{name.partition('.')[0]:0>64}.wav", 1), False

    stage.put_with(run, "1500.wav")
    tracemalloc.start()
    for number in range(1500):
        stage.put_with(run, f"{number}.wav")
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < 1500 * 2 * 2**10
    assert len(stage.remaining) == 1501
    stage.close()  # two requests
    assert (len(stage.remaining), store.names()) == (0, [])


@pytest.fixture
def scheduler(store: ObjectStore) -> Iterator[str]:
    """A cluster of two worker processes on this machine."""
    dask = pytest.importorskip("dask", reason="the extra `dask` is not installed")
    if "forkserver" in multiprocessing.get_all_start_methods():  # has an effect before `distributed` is imported
        dask.config.set(
            {"distributed.worker.multiprocessing-method": "forkserver"}
        )  # each worker starts a second sooner
    distributed = pytest.importorskip("distributed", reason="the extra `dask` is not installed")
    # A call is given up after its second lost worker, not its fourth, so that a test need not wait for four workers.
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 1}),
        distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address=None,
            silence_logs=50,
            env=store.environment,
        ) as cluster,
    ):
        yield cluster.scheduler_address


def test_a_dask_cluster_that_loses_a_worker(store: ObjectStore, scheduler: str, tmp_path: Path) -> None:
    """Every recording is prepared all the same, each content is uploaded as one object, and none is left behind."""
    files = _recordings(tmp_path, 12)
    preparation = open_preparation(URL, scheduler)
    try:
        with ThreadPoolExecutor(4) as threads:
            futures = [threads.submit(preparation.prepare, file) for file in files]
            futures[0].result()
            other = DaskPool(scheduler)
            os.kill(other.run(os.getpid), getattr(signal, "SIGKILL", signal.SIGTERM))
            urls = [future.result() for future in futures]
        assert [httpx.get(url).content for url in urls] == [file.read_bytes() for file in files]
        assert len(store.names()) == 12
        with pytest.raises(InvalidInputError, match="the Dask workers that read it have ended"):
            other.run(os._exit, 3)
        other.close()
    finally:
        preparation.close()
    assert store.names() == []


def test_a_scheduler_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is named, after the connection has timed out."""
    monkeypatch.setattr("kling_voices._bulk.executors._CONNECT_TIMEOUT", "100ms")
    with pytest.raises(ConnectionFailedError, match=r"the Dask scheduler tcp://127.0.0.1:9 cannot be reached"):
        open_pool("tcp://127.0.0.1:9")
    with pytest.raises(ConnectionFailedError, match="the Dask scheduler nowhere://x cannot be reached"):
        open_pool("nowhere://x")


@pytest.mark.parametrize(
    ("module", "address", "says"), [("loky", None, "audio,stage"), ("distributed", "tcp://x", "dask")]
)
def test_without_the_extras(monkeypatch: pytest.MonkeyPatch, module: str, address: str | None, says: str) -> None:
    """The error names the command that installs them."""
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(InvalidInputError, match=re.escape(f"pip install 'kling-voices[{says}]'")):
        open_pool(address)
