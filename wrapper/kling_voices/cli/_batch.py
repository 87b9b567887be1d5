"""The command that creates many voices."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, cast

import typer

from ..errors import InvalidInputError
from ._app import GatewayOption, JsonOption, KeyFileOption, app, connect, resolve_key_and_gateway
from ._batch_checks import check_all_recordings, check_lines, number_lines, show_forecast
from ._batch_output import open_output, result_row
from ._batch_progress import show_batch_progress
from ._batch_report import Report
from ._batch_stage import open_stage
from ._errors import handle_errors

if TYPE_CHECKING:
    from .._bulk.models import VoiceRequest
    from .._bulk.run_sync import SyncBatch

_EXIT_CODES = (
    "Exit codes: 0 all succeeded, 2 invalid input (nothing sent), otherwise the first of these that applies: 4 "
    "some are unknown, "
    "3 some were refused, 6 some failed, 5 the gateway, the network, the ledger or the output failed, 7 some "
    "were not sent because of --max-creates. 130 interrupted. To continue, run the same command again."
)


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
        typer.Option(
            help="The SQLite file that records every step. To continue a batch, pass the same file.", show_default=False
        ),
    ],
    parallel: Annotated[
        str,
        typer.Option(
            metavar="N|auto", help="Maximum number of tasks at the same time; auto finds the limit of the account."
        ),
    ] = "auto",
    max_creates: Annotated[int | None, typer.Option(help="Maximum number of creates to send.", min=0)] = None,
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
            "--resend-unknown", help="Resend creates that may have been sent before and whose tasks are not found."
        ),
    ] = False,
    retry_refused: Annotated[
        bool, typer.Option("--retry-refused", help="Resend requests that were refused in an earlier run.")
    ] = False,
    accept_new_key: Annotated[
        bool,
        typer.Option("--accept-new-key", help="Accept a ledger that was written with another key of the same account."),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Send nothing; show what would be sent, and its cost.")
    ] = False,
    price: Annotated[
        str | None, typer.Option(metavar="AMOUNT", help="Price of one create, for the cost of --dry-run.")
    ] = None,
    timeout: Annotated[float, typer.Option("--timeout", help="Maximum seconds to wait for each task.")] = 600.0,
    gateway: GatewayOption = None,
    api_key_file: KeyFileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Create the voices of a manifest, as many at a time as the account allows. No create is charged twice.

    All lines are checked before anything is sent. Prints one line for each finished request: its number, its state, the
    voice id and the name. To continue after an interruption or a crash, run the same command again.
    """
    with handle_errors(as_json=as_json):
        from .._bulk.forecast import forecast  # noqa: PLC0415 - other commands do not need it

        amount, limit = _parse_price(price), _parse_parallel(parallel)
        checked = check_lines(manifest, as_json=as_json)
        if checked.files and stage is None and not dry_run:
            raise InvalidInputError(f"{manifest} has recordings, which must be uploaded; pass --stage")
        endpoint = resolve_key_and_gateway(gateway, api_key_file)
        forecasts = partial(
            forecast,
            ledger=ledger,
            endpoint=endpoint,
            max_creates=max_creates,
            retry_refused=retry_refused,
            accept_new_key=accept_new_key,
        )
        if checked.files:
            check_all_recordings(checked, forecasts, prepare_on, as_json=as_json)
        if dry_run:
            show_forecast(checked, forecasts, price=amount, as_json=as_json)
            return
        if output is not None and output.resolve() in (manifest.resolve(), ledger.resolve()):
            raise InvalidInputError(f"the output {output} is the manifest or the ledger; choose another file")
        report = Report(as_json=as_json)
        lines: dict[int, tuple[int, VoiceRequest]] = {}  # of the requests that have no result yet, by identity
        with (
            open_stage(stage) as opened_stage,
            connect(endpoint, gateway) as client,
            open_output(output) as write_row,
            show_batch_progress(checked.count) as on_progress,
        ):
            results = client.create_many(
                number_lines(checked, lines),
                ledger=ledger,
                parallel=limit,
                stage=opened_stage,
                prepare_on=prepare_on,
                max_creates=max_creates,
                resend_unknown=resend_unknown,
                retry_refused=retry_refused,
                accept_new_key=accept_new_key,
                timeout=timeout,
                on_progress=on_progress,
            )
            try:
                with cast("SyncBatch", results):  # ends before the client, so that it records all responses
                    for result in results:
                        line, _ = lines.pop(id(result.request))
                        row = result_row(line, result)
                        write_row(row)
                        report.add(result, row)
            except KeyboardInterrupt:
                report.is_interrupted = True
        report.end()


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
