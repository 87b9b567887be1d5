"""Check a real gateway against the contract.

By default no request can be charged. Each deviation from the contract is a finding. The key is read from the same
environment variables as by the SDK. Exit codes: 0 no findings, 1 findings, 2 invalid input.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator

import httpx
from kling_voices import InvalidInputError, KlingVoices
from kling_voices._http.endpoint import resolve_endpoint

from .findings import Connection, Finding, create_voices, send_probes
from .probes import free_probes

PRICE = 0.007  # USD for a create, at Kling (T); the prices of the gateways are unknown (?)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="nox -s live --", description=__doc__)
    parser.add_argument("--gateway", required=True, help="chainhub, kkiai, or a base URL")
    parser.add_argument("--spend", type=int, default=0, metavar="N", help="create up to N voices and delete them")
    parser.add_argument("--voice-url", help="the audio of these voices; required with --spend")
    parser.add_argument(
        "--rate", type=float, default=1.0, help="the maximum number of requests per second (default: 1)"
    )
    options = parser.parse_args(arguments)
    if options.spend and not options.voice_url:
        parser.error("--spend requires --voice-url: 5 to 30 seconds of audio with one clean voice")
    if options.spend < 0 or not 0 < options.rate <= 10:
        parser.error("--spend must be at least 0, and --rate above 0 and at most 10")
    try:
        endpoint = resolve_endpoint(None, options.gateway, os.environ)
        client = KlingVoices(gateway=options.gateway)
    except InvalidInputError as error:
        parser.error(str(error))
    probes = free_probes()
    print(f"{len(probes)} free requests to {endpoint.base_url}, at most {options.rate:g} per second:")
    for probe in probes:
        print(f"  {probe.method:4} {probe.path.partition('?')[0]}  {probe.name}")
    if options.spend:
        cost = f"about {options.spend * PRICE:.3f} USD at Kling's price; the price of the gateway is unknown"
        print(f"Then {options.spend} creates ({cost}).")
    else:
        print("No create can be accepted, so nothing is charged.")
    with client, httpx.Client(timeout=60) as http:
        connection = Connection(http, endpoint.base_url, endpoint.api_key, 1 / options.rate)
        results = [
            *_printed(send_probes(connection, probes)),
            *_printed(create_voices(client, options.spend, options.voice_url or "")),
        ]
    findings = [finding for finding in results if isinstance(finding, Finding)]
    print(f"live: {len(results)} results, {len(findings)} findings")
    return 1 if findings else 0


def _printed(results: Iterator[Finding | str]) -> list[Finding | str]:
    """Print each result as soon as it is available."""
    printed: list[Finding | str] = []
    for result in results:
        printed.append(result)
        if isinstance(result, Finding):
            indented = "\n    ".join(result.exchange.splitlines())
            print(f"FINDING {result.probe}: {result.problem}\n    {indented}", flush=True)
        else:
            print(f"ok      {result}", flush=True)
    return printed


if __name__ == "__main__":
    sys.exit(main())
