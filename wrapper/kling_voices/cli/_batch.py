"""The command that creates many voices."""

from __future__ import annotations

import shlex
import sys
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from ..errors import InvalidInputError, KlingVoicesError
from ._app import GatewayOption, JsonOption, KeyFileOption, app, open_client, resolve_key_and_gateway
from ._batch_output import open_output, result_row
from ._batch_progress import counts_text, show_batch_progress
from ._console import print_json, print_message
from ._errors import INTERRUPTED, INVALID_INPUT, exit_code, handle_errors

if TYPE_CHECKING:
    from .._bulk.checked_manifest import CheckedManifest
    from .._bulk.models import VoiceRequest, VoiceResult
    from .._http.endpoint import Endpoint

_EXIT_CODES = (
    "Exit codes: 0 all succeeded, 2 invalid input (nothing sent), else the first that applies of: 4 some are unknown, "
    "3 some were refused, 6 some failed, 5 the gateway, the network or the ledger failed, 7 some were not sent because "
    "of --max-creates. 130 interrupted. The same command continues."
)

_NOT_SENT = 7


@app.command(epilog=_EXIT_CODES)
def batch(
    manifest: Annotated[
        Path,
        typer.Argument(
            help="A CSV or JSON Lines file with a line for each voice. Fields: voice_name; one of voice_url, video_id "
            "and voice_file; and callback_url, external_task_id, key, extra_body.",
            show_default=False,
        ),
    ],
    *,
    ledger: Annotated[
        Path,
        typer.Option(help="The file that records every step. The same file continues the batch.", show_default=False),
    ],
    parallel: Annotated[
        str, typer.Option(metavar="N|auto", help="Tasks at the same time; auto finds the limit of the account.")
    ] = "auto",
    max_creates: Annotated[int | None, typer.Option(help="Send at most so many creates.", min=0)] = None,
    stage: Annotated[
        str | None,
        typer.Option(
            metavar="URL", help="Object store for voice_file, such as s3://bucket/voices.", envvar="KLING_STAGE"
        ),
    ] = None,
    prepare_on: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Dask scheduler whose workers check and upload recordings: tcp://HOST:8786."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="Write a row for each request: JSON Lines for .jsonl, else CSV.")
    ] = None,
    resend_unknown: Annotated[
        bool,
        typer.Option(
            "--resend-unknown", help="Send creates again that may have been sent, and whose tasks are not found."
        ),
    ] = False,
    retry_refused: Annotated[
        bool, typer.Option("--retry-refused", help="Send requests again that an earlier run has refused.")
    ] = False,
    accept_new_key: Annotated[
        bool, typer.Option("--accept-new-key", help="The ledger was written with another key of the same account.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be sent, and its cost.")] = False,
    price: Annotated[
        str | None, typer.Option(metavar="AMOUNT", help="Price of one create, for the cost of --dry-run.")
    ] = None,
    timeout: Annotated[float, typer.Option("--timeout", help="Maximum seconds to wait for each task.")] = 600.0,
    gateway: GatewayOption = None,
    api_key_file: KeyFileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Create the voices of a manifest, as many at a time as the account allows. No create is charged twice.

    All lines are checked before anything is sent. Prints a line for each finished request: its number, its state, the
    voice id and the name. After an interruption or a crash, the same command continues.
    """
    with handle_errors(as_json=as_json):
        checked = _check(manifest, as_json=as_json)
        if dry_run:
            _show_forecast(
                checked,
                ledger,
                resolve_key_and_gateway(gateway, api_key_file),
                price=_parse_price(price),
                max_creates=max_creates,
                retry_refused=retry_refused,
                accept_new_key=accept_new_key,
                as_json=as_json,
            )
            return
        if output is not None and output.resolve() in (manifest.resolve(), ledger.resolve()):
            raise InvalidInputError(f"the output {output} is the manifest or the ledger; choose another file")
        report = _Report(as_json=as_json)
        with open_client(gateway, api_key_file) as client, open_output(output) as write_row:
            lines: dict[int, tuple[int, VoiceRequest]] = {}  # of the requests that have no result yet, by identity
            with show_batch_progress(checked.count) as on_progress:
                results = client.create_many(
                    _numbered(checked, lines),
                    ledger=ledger,
                    parallel=_parse_parallel(parallel),
                    stage=stage,
                    prepare_on=prepare_on,
                    max_creates=max_creates,
                    resend_unknown=resend_unknown,
                    retry_refused=retry_refused,
                    accept_new_key=accept_new_key,
                    timeout=timeout,
                    on_progress=on_progress,
                )
                try:
                    for result in results:
                        line, _ = lines.pop(id(result.request))
                        row = result_row(line, result)
                        write_row(row)
                        report.add(result, row)
                except KeyboardInterrupt:
                    report.is_interrupted = True
        report.end()


def _check(manifest: Path, *, as_json: bool) -> CheckedManifest:
    """Check every line. If some are invalid, name them all, and exit."""
    from .._bulk.checked_manifest import CheckedManifest  # noqa: PLC0415 - other commands do not need it

    checked = CheckedManifest(manifest)
    if not checked.problems:
        return checked
    for row in checked.problems:
        print_message(f"{manifest}, line {row.line}: {row.problem}")
    message = f"invalid lines in {manifest}: {len(checked.problems)}; nothing was sent"
    print_message(message)
    if as_json:
        problems = [{"line": row.line, "problem": row.problem} for row in checked.problems]
        print_json({"error": {"type": "InvalidInputError", "message": message, "problems": problems}})
    raise typer.Exit(INVALID_INPUT)


class _Report:
    """What the command prints about results, and its exit code."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._rows: list[dict[str, Any]] = []
        self._counts: Counter[str] = Counter()
        self._stop_reason: KlingVoicesError | None = None
        self.is_interrupted = False

    def add(self, result: VoiceResult, row: dict[str, Any]) -> None:
        """Print a result."""
        self._counts[result.state] += 1
        if result.state == "skipped":
            self._stop_reason = self._stop_reason or result.error
        if self._as_json:
            self._rows.append(row)
            return
        columns = (row["line"], row["state"], row["voice_id"] or "-", row["voice_name"], row["error"])
        print(*(" ".join(str(column).split()) for column in columns if column is not None), sep="\t")

    def end(self) -> None:
        """Print a summary, and exit with the exit code."""
        code = self._exit_code()
        message = "interrupted; nothing more is sent" if self.is_interrupted else "finished"
        message += f": {counts_text(self._counts)}"
        if self._stop_reason is not None and not self.is_interrupted:
            message += f". The batch had to stop: {self._stop_reason}"
        if self.is_interrupted or self._counts["unknown"] or self._counts["skipped"]:
            message = f"{message.rstrip('.')}. Continue with: {shlex.join(['kling-voices', *sys.argv[1:]])}"
        print_message(message)
        if self._as_json:
            print_json({"counts": self._counts, "interrupted": self.is_interrupted, "results": self._rows})
        raise typer.Exit(code)

    def _exit_code(self) -> int:
        if self.is_interrupted:
            return INTERRUPTED
        for state, code in (("unknown", 4), ("refused", 3), ("failed", 6)):
            if self._counts[state]:
                return code
        if self._counts["skipped"]:
            return exit_code(self._stop_reason) if self._stop_reason else _NOT_SENT
        return 0


def _numbered(checked: CheckedManifest, lines: dict[int, tuple[int, VoiceRequest]]) -> Iterator[VoiceRequest]:
    """The requests of a manifest; `lines` gets the line of each."""
    for line, request in checked.rows():
        lines[id(request)] = line, request
        yield request


def _show_forecast(
    checked: CheckedManifest, ledger: Path, endpoint: Endpoint, *, price: Decimal | None, as_json: bool, **options: Any
) -> None:
    from .._bulk.forecast import ACTIONS, forecast  # noqa: PLC0415 - other commands do not need it

    counts: Counter[str] = Counter()
    rows = []
    lines: dict[int, tuple[int, VoiceRequest]] = {}
    for request, external_task_id, action in forecast(_numbered(checked, lines), ledger, endpoint, **options):
        line, _ = lines.pop(id(request))
        counts[action] += 1
        if as_json:
            fields = {"line": line, "voice_name": request.voice_name, "external_task_id": external_task_id}
            rows.append({**fields, "action": action})
        else:
            print(line, action, request.voice_name, sep="\t")
    cost = None if price is None else price * counts["send"]
    message = ", ".join(f"{counts[action]} {action}" for action in ACTIONS if counts[action])
    print_message(f"nothing was sent; a run would: {message}" + (f"; cost {cost}" if cost is not None else ""))
    if as_json:
        print_json({"counts": counts, "cost": None if cost is None else str(cost), "requests": rows})


def _parse_parallel(text: str) -> int | Literal["auto"]:
    if text == "auto":
        return "auto"
    if not (text.isascii() and text.isdigit()):
        raise InvalidInputError(f"--parallel is {text!r}; pass auto or a whole number")
    return int(text)


def _parse_price(text: str | None) -> Decimal | None:
    if text is None:
        return None
    try:
        price = Decimal(text)
    except InvalidOperation:
        price = Decimal(-1)
    if not price.is_finite() or price < 0:
        raise InvalidInputError(f"--price is {text!r}; pass the price of one create as a number, such as 0.007")
    return price
