"""Generate `generated/` from the documents in this folder and the given pages, or check that it is up to date.

This is the only way to change generated/. A page is a documentation page of a gateway: Markdown with one fenced YAML
block or with tables, bare YAML, or JSON. It describes a new version of a known operation, or another operation. The
page is stored unchanged in openapi/supplied/, and the report lists what it changes and who is affected. After a
failure, all files are unchanged. A page can be a file or an https URL. The URL is stored with the page; --refresh
downloads the pages that have changed since then.

If a page contradicts a known fact, you must decide: --keep NAME keeps the known value, --accept NAME accepts the value
of the page. Exit codes: 0 done or no drift, 1 drift, 2 a page or a document cannot be used.
"""

from __future__ import annotations

import argparse
import io
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

from attrs import evolve
from pipeline import regeneration
from pipeline.diff.as_json import as_json
from pipeline.diff.as_text import as_lines
from pipeline.diff.report import Report
from pipeline.facts.decisions import DECISIONS, Choice
from pipeline.generate.assemble import NAMES
from pipeline.generate.folders import compare_folders, read_files, replace_all
from pipeline.ingest.collect import collect
from pipeline.spec.documents import DocumentError

OPENAPI = Path(__file__).resolve().parent
GENERATED = OPENAPI.parent / "generated"
INTERRUPTED = 130


def main(arguments: list[str] | None = None) -> int:
    """Run the command line."""
    options = _parser().parse_args(arguments)
    problem = _conflict(options)
    if problem:
        print(f"regenerate: {problem}", file=sys.stderr)
        return 2
    try:
        code, text = _run(options)
    except (DocumentError, OSError) as error:
        print(f"regenerate: {' '.join(str(error).split())}; nothing was changed", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("regenerate: interrupted; nothing was changed", file=sys.stderr)
        return INTERRUPTED
    try:
        print(text, flush=True)
    except (OSError, UnicodeError) as error:  # the work is done nevertheless
        reason = getattr(error, "strerror", None) or "the terminal cannot show it"
        print(f"regenerate: done, but the report could not be printed: {reason}", file=sys.stderr)
        sys.stdout = None  # otherwise its buffer is flushed again at exit
    return code


def _conflict(options: argparse.Namespace) -> str | None:
    """What is wrong with the combination of options."""
    decision = options.keep or options.accept
    if options.check and (options.pages or options.refresh or decision):
        return "--check changes nothing, so it takes no pages and no decision; leave one of them out"
    if decision and (options.pages or options.refresh):
        return "a page and a decision cannot be passed together; ingest the page first, then decide"
    if decision and not (options.reason or "").strip():
        return "a decision needs a reason; add --reason TEXT"
    return None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="regenerate.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("pages", nargs="*", metavar="PAGE", help="a page as a gateway publishes it: a file or a URL")
    parser.add_argument(
        "--refresh",
        action="store_true",
        help="check the URLs of all downloaded pages, and ingest the pages that have changed",
    )
    decisions = parser.add_mutually_exclusive_group()
    decisions.add_argument("--keep", metavar="NAME", help="resolve a contradiction: keep the known value")
    decisions.add_argument("--accept", metavar="NAME", help="resolve a contradiction: accept the value of the page")
    parser.add_argument("--reason", metavar="TEXT", help="the reason for the decision, in one sentence")
    parser.add_argument("--json", action="store_true", help="print the report as one JSON document on stdout")
    parser.add_argument(
        "--check", action="store_true", help="change nothing; fail if generated/ does not match the documents"
    )
    parser.add_argument("--openapi", type=Path, default=OPENAPI, help="the folder of documents (default: this one)")
    parser.add_argument("--generated", type=Path, default=GENERATED, help="the folder to write (default: ../generated)")
    return parser


def _run(options: argparse.Namespace) -> tuple[int, str]:
    """Do the work; returns the exit code and the text to print."""
    with tempfile.TemporaryDirectory() as temporary:
        scratch = Path(temporary)
        report = _regenerate(options, scratch)
        differences = compare_folders(expected=scratch / "generated", found=options.generated)
        count = len(read_files(scratch / "generated"))
        if options.check:
            for line in differences:
                print(f"drift: {line}", file=sys.stderr)
            summary = f"drift: {len(differences)} of {count} generated files do not match the documents"
            return (1 if differences else 0), summary
        report = evolve(report, files=tuple(_put_in_place(options, scratch, differences)))
    if options.json:
        return 0, as_json(report)
    lines = [*as_lines(report), *(f"regenerated: {line}" for line in report.files)]
    summary = f"regenerate: {count} files in {options.generated.name}/, {len(differences)} changed"
    return 0, "\n".join([*lines, summary])


def _regenerate(options: argparse.Namespace, scratch: Path) -> Report:
    if options.keep or options.accept:
        use: Choice = "known" if options.keep else "page"
        return regeneration.decide(options.openapi, options.keep or options.accept, use, options.reason, scratch)
    collected = collect(options.openapi / "supplied", options.pages, refresh=options.refresh)
    return regeneration.ingest(options.openapi, collected, scratch)


def _put_in_place(options: argparse.Namespace, scratch: Path, generated: list[str]) -> list[str]:
    """Put the new files in their places, all or none; returns the differences."""
    fresh: Path = scratch / "openapi"
    supplied = compare_folders(expected=fresh / "supplied", found=options.openapi / "supplied")
    edited = [name for name in (NAMES, DECISIONS) if _differs(fresh / name, options.openapi / name)]
    with replace_all() as replacement:
        if supplied:
            replacement.put(fresh / "supplied", options.openapi / "supplied")
        for name in edited:
            replacement.put(fresh / name, options.openapi / name)
        if generated:
            replacement.put(scratch / "generated", options.generated)
    lines = [line.replace(": ", f": {options.openapi.name}/supplied/", 1) for line in supplied]
    lines += [f"edited: {options.openapi.name}/{name}" for name in edited]
    return lines + [line.replace(": ", f": {options.generated.name}/", 1) for line in generated]


def _differs(fresh: Path, place: Path) -> bool:
    return fresh.read_bytes() != place.read_bytes()


def _interrupt(*_: Any) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    if isinstance(sys.stdout, io.TextIOWrapper):  # do not fail for an arrow that the terminal cannot show
        sys.stdout.reconfigure(errors="backslashreplace")
    signal.signal(signal.SIGTERM, _interrupt)
    sys.exit(main())
