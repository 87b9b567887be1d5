"""Write `generated/` from the documents in this folder, with the pages that are given; or prove that nothing drifted.

The only way in which generated/ changes. A page is Markdown with one fenced YAML block, bare YAML, or JSON, as gateways
publish it: a new version of a supplied operation, or another operation. It is stored in openapi/supplied/ byte for
byte, and what it changes is reported, with for whom that breaks. All or nothing: whatever fails leaves every file as it
was. Exit codes: 0 done or no drift, 1 drift, 2 a page or a document cannot be used.
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
from pipeline.diff import report
from pipeline.generate import folders
from pipeline.generate.assemble import NAMES
from pipeline.ingest import pages
from pipeline.spec.documents import DocumentError

OPENAPI = Path(__file__).resolve().parent
GENERATED = OPENAPI.parent / "generated"
INTERRUPTED = 130


def main(arguments: list[str] | None = None) -> int:
    """Run the command line."""
    options = _parser().parse_args(arguments)
    if options.check and options.pages:
        print("regenerate: --check changes nothing, so it takes no pages; leave one of them out", file=sys.stderr)
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
    except (OSError, UnicodeError) as error:  # the work is done all the same
        reason = getattr(error, "strerror", None) or "the terminal cannot show it"
        print(f"regenerate: done, but the report could not be printed: {reason}", file=sys.stderr)
        sys.stdout = None  # or its buffer is tried again at the end
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="regenerate.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("pages", nargs="*", type=Path, metavar="PAGE", help="a page as a gateway publishes it")
    parser.add_argument("--json", action="store_true", help="the report as one JSON document on stdout, nothing else")
    parser.add_argument("--check", action="store_true", help="change nothing; fail when generated/ differs")
    parser.add_argument("--openapi", type=Path, default=OPENAPI, help="the folder of documents (default: this one)")
    parser.add_argument("--generated", type=Path, default=GENERATED, help="the folder to write (default: ../generated)")
    return parser


def _run(options: argparse.Namespace) -> tuple[int, str]:
    """Do the work; gives the exit code, and what there is to say."""
    with tempfile.TemporaryDirectory() as temporary:
        scratch = Path(temporary)
        arrived = [pages.read_page(path) for path in options.pages]
        made = regeneration.ingest(options.openapi, arrived, scratch)
        generated = folders.compare_folders(expected=scratch / "generated", found=options.generated)
        count = len(folders.read_files(scratch / "generated"))
        if options.check:
            for line in generated:
                print(f"drift: {line}", file=sys.stderr)
            told = f"drift: {len(generated)} of {count} generated files differ from what the documents give"
            return (1 if generated else 0), told
        made = evolve(made, files=tuple(_put_in_place(options, scratch, generated)))
    if options.json:
        return 0, report.as_json(made)
    lines = [*report.as_lines(made), *(f"regenerated: {line}" for line in made.files)]
    return 0, "\n".join([*lines, f"regenerate: {count} files in {options.generated.name}/, {len(generated)} changed"])


def _put_in_place(options: argparse.Namespace, scratch: Path, generated: list[str]) -> list[str]:
    """Put what was made where it belongs, all or nothing; gives the files that differ."""
    fresh: Path = scratch / "openapi"
    supplied = folders.compare_folders(expected=fresh / "supplied", found=options.openapi / "supplied")
    names = (fresh / NAMES).read_bytes() != (options.openapi / NAMES).read_bytes()
    with folders.replace_all() as replacing:
        if supplied:
            replacing.put(fresh / "supplied", options.openapi / "supplied")
        if names:
            replacing.put(fresh / NAMES, options.openapi / NAMES)
        if generated:
            replacing.put(scratch / "generated", options.generated)
    told = [line.replace(": ", f": {options.openapi.name}/supplied/", 1) for line in supplied]
    told += [f"edited: {options.openapi.name}/{NAMES}"] if names else []
    return told + [line.replace(": ", f": {options.generated.name}/", 1) for line in generated]


def _interrupt(*_: Any) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    if isinstance(sys.stdout, io.TextIOWrapper):  # an arrow that the terminal does not know is no reason to fail
        sys.stdout.reconfigure(errors="backslashreplace")
    signal.signal(signal.SIGTERM, _interrupt)
    sys.exit(main())
