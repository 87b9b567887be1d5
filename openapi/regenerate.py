"""Write `generated/` from the documents in this folder, or prove that it is what they give.

The only way in which generated/ changes. Exit codes: 0 done or no drift, 1 drift, 2 a document cannot be used.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from pipeline import tree
from pipeline.build import build
from pipeline.documents import DocumentError

OPENAPI = Path(__file__).resolve().parent
GENERATED = OPENAPI.parent / "generated"


def main(arguments: list[str] | None = None) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="regenerate.py", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; fail when generated/ differs")
    parser.add_argument("--openapi", type=Path, default=OPENAPI, help="the folder of documents (default: this one)")
    parser.add_argument("--generated", type=Path, default=GENERATED, help="the folder to write (default: ../generated)")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as temporary:
        fresh = Path(temporary)
        try:
            build(options.openapi, fresh)
        except (DocumentError, OSError) as error:
            print(f"regenerate: {error}", file=sys.stderr)
            return 2
        lines = tree.differences(expected=fresh, found=options.generated)
        count = len(tree.files(fresh))
        if options.check:
            for line in lines:
                print(f"drift: {line}", file=sys.stderr)
            print(f"drift: {len(lines)} of {count} generated files differ from what the documents give")
            return 1 if lines else 0
        if lines:
            tree.replace(options.generated, fresh)
        for line in lines:
            print(f"regenerated: {line}")
        print(f"regenerate: {count} files in {options.generated.name}/, {len(lines)} changed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
