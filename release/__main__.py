"""Build and check a release: `nox -s release [-- --check]`.

Without --check, the changelog must have a dated section for the version. The archives and the SBOM are written to
build/release/. Publishing is done by a workflow when a tag is pushed. Exit codes: 0 ready, 1 not ready.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from . import artifacts, install, version
from .version import ReleaseError

ROOT = Path(__file__).resolve().parents[1]
OUTPUT = ROOT / "build" / "release"


def main(arguments: list[str] | None = None) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(
        prog="release", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="check everything except the changelog's dated section")
    parser.add_argument("--tag", help="the git tag of the release, such as v1.2.3; it must match the version")
    options = parser.parse_args(arguments)
    try:
        _check(options)
    except ReleaseError as error:
        print(f"release: {error}", file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as error:
        print(f"{_text(error.stderr)}release: exit code {error.returncode} of {' '.join(error.cmd)}", file=sys.stderr)
        return 1
    return 0


def _text(output: bytes | str | None) -> str:
    return output.decode(errors="replace") if isinstance(output, bytes) else output or ""


def _check(options: argparse.Namespace) -> None:
    number = version.read_version(ROOT)
    if not options.check:
        version.check_changelog(ROOT, number)
    if options.tag:
        version.check_tag(number, options.tag)
    print(f"release: version {number}")
    shutil.rmtree(OUTPUT, ignore_errors=True)
    for name, digest in artifacts.build_twice(ROOT, OUTPUT).items():
        print(f"release: {name}: two builds, same bytes, sha256 {digest}")
    dist = OUTPUT / "dist"
    artifacts.check_contents(dist)
    archives = [str(path) for path in sorted(dist.iterdir())]
    subprocess.run([sys.executable, "-m", "twine", "check", "--strict", *archives], check=True)
    subprocess.run(["check-wheel-contents", str(next(dist.glob("*.whl")))], check=True)
    _install(dist)


def _install(dist: Path) -> None:
    uv = shutil.which("uv") or "uv"
    wheel = next(dist.glob("*.whl"))
    pythons = install.available_pythons(uv)
    with tempfile.TemporaryDirectory() as scratch:
        for number, python in pythons.items():
            for resolution in install.RESOLUTIONS:
                folder = Path(scratch) / f"{number}-{resolution}"
                install.check_installation(uv, wheel, python, resolution, folder)
                print(
                    f"release: Python {number}, {resolution} versions: installed, and a voice was created on the mock"
                )
        environment = Path(scratch) / f"{next(iter(pythons))}-highest"
        install.write_sbom(str(environment), OUTPUT / "sbom.cdx.json")
    print(f"release: SBOM written to {(OUTPUT / 'sbom.cdx.json').relative_to(ROOT).as_posix()}")


if __name__ == "__main__":
    sys.exit(main())
