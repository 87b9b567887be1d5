"""Hold a real gateway to the contract.

By default nothing is sent that could be charged for. Each deviation is a finding. The key is read from the environment,
as the SDK reads it. Exit codes: 0 no finding, 1 findings, 2 invalid input.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator

import httpx
from kling_voices import InvalidInputError, KlingVoices
from kling_voices._http.endpoint import resolve_endpoint

from .findings import Finding, Gateway, examine, spend
from .probes import free_probes

PRICE = 0.007  # USD for a create, at Kling (T); what a gateway takes is unknown (?)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="nox -s live --", description=__doc__)
    parser.add_argument("--gateway", required=True, help="chainhub, kkiai, or a base URL")
    parser.add_argument("--spend", type=int, default=0, metavar="N", help="create at most N voices, and delete them")
    parser.add_argument("--voice-url", help="the audio of these voices; needed with --spend")
    parser.add_argument("--rate", type=float, default=1.0, help="requests a second at most (default: 1)")
    options = parser.parse_args(arguments)
    if options.spend and not options.voice_url:
        parser.error("--spend needs --voice-url, an audio of 5 to 30 seconds of one clean voice")
    if options.spend < 0 or not 0 < options.rate <= 10:
        parser.error("--spend is a number from 0, --rate one above 0 and up to 10")
    try:
        destination = resolve_endpoint(None, options.gateway, os.environ)
        client = KlingVoices(gateway=options.gateway)
    except InvalidInputError as error:
        parser.error(str(error))
    probes = free_probes()
    print(f"To {destination.base_url}, {options.rate:g} a second at most: {len(probes)} requests that are free:")
    for probe in probes:
        print(f"  {probe.method:4} {probe.path.partition('?')[0]}  {probe.name}")
    if options.spend:
        cost = f"about {options.spend * PRICE:.3f} USD at Kling's price, the gateway's own is unknown"
        print(f"Then {options.spend} creates ({cost}).")
    else:
        print("No create that could be accepted: it costs nothing.")
    with client, httpx.Client(timeout=60) as http:
        gateway = Gateway(http, destination.base_url, destination.api_key, 1 / options.rate)
        came = [*_told(examine(gateway, probes)), *_told(spend(client, options.spend, options.voice_url or ""))]
    findings = [finding for finding in came if isinstance(finding, Finding)]
    print(f"live: {len(came)} results, {len(findings)} findings")
    return 1 if findings else 0


def _told(results: Iterator[Finding | str]) -> list[Finding | str]:
    came: list[Finding | str] = []
    for result in results:
        came.append(result)
        if isinstance(result, Finding):
            indented = "\n    ".join(result.exchange.splitlines())
            print(f"FINDING {result.probe}: {result.what}\n    {indented}", flush=True)
        else:
            print(f"ok      {result}", flush=True)
    return came


if __name__ == "__main__":
    sys.exit(main())
