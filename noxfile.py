"""`nox` runs the same sessions as CI: lint, types, drift, tests, contract. After the installation they work offline."""

from __future__ import annotations

import sys
from pathlib import Path

import nox

nox.needs_version = ">=2025.2.9"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.sessions = ["lint", "types", "drift", "tests", "contract"]
nox.options.reuse_existing_virtualenvs = True

PYPROJECT = nox.project.load_toml("pyproject.toml")
ROOT = Path(__file__).resolve().parent
CONSTRAINTS = ("--constraint", "constraints.txt")
EXTRAS = "all"
NOT_INDEPENDENT = ("--ignore=contract_tests/independent",)  # they need npm and the network
IN_PARALLEL = ("--numprocesses=3", "--dist=worksteal")  # pytest-xdist; `-- -n0` runs in one process

# Many tests start a process. Without bytecode files, each of them would compile all that it imports.
BYTECODE: dict[str, str | None] = {"PYTHONDONTWRITEBYTECODE": None}


def install(session: nox.Session, *groups: str, project: bool = False) -> None:
    """Install the packages of the groups and, with `project`, this project as a wheel with all extras."""
    packages = nox.project.dependency_groups(PYPROJECT, *groups)
    wheel = [f".[{EXTRAS}]"] if project else []
    # Sessions are reused, and the version does not change while one works: without this an old wheel would be tested.
    again = ["--reinstall-package", "kling-voices"] if session.venv_backend == "uv" else []
    if project and not again:
        session.run("pip", "uninstall", "--yes", "--quiet", "kling-voices")
    session.install(*CONSTRAINTS, *again, *packages, *wheel)


def run_module(session: nox.Session, module: str, *groups: str, success_codes: tuple[int, ...] = (0,)) -> None:
    """Run a module of the repository, beside the installed wheel, with the arguments that the session was given."""
    install(session, *groups, project=True)
    env = {**BYTECODE, "PYTHONPATH": ".:openapi"}
    session.run("python", "-m", module, *session.posargs, env=env, success_codes=success_codes)


def run_pytest(session: nox.Session, *arguments: str, profile: str | None = None) -> None:
    """Run tests in parallel, with the arguments that the session was given, and in a profile of our tests."""
    env = {**BYTECODE, **({"HYPOTHESIS_PROFILE": profile} if profile else {})}
    session.run("pytest", *arguments, *IN_PARALLEL, *session.posargs, env=env)


def proved(session: nox.Session, what: str) -> None:
    """Finish a session with one line about its result; on stderr if stdout contains JSON."""
    print(f"{session.name}: {what}", file=sys.stderr if "--json" in session.posargs else sys.stdout)


@nox.session
def lint(session: nox.Session) -> None:
    """Check format and lint of the hand-written code."""
    install(session, "lint")
    session.run("ruff", "format", "--check", ".")
    session.run("ruff", "check", ".")
    proved(session, "the hand-written code is formatted, and the linter finds nothing.")


@nox.session
def types(session: nox.Session) -> None:
    """Type-check all Python code that is not generated, in strict mode."""
    install(session, "types", project=True)
    session.run(
        "mypy",
        "wrapper",
        "openapi",
        "tests",
        "contract_tests",
        "docs",
        "benchmarks",
        "release",
        "examples",
        "noxfile.py",
    )
    proved(session, "all Python code that is not generated passes the strict type check.")


@nox.session
def drift(session: nox.Session) -> None:
    """Check that all generated code is up to date."""
    install(session, "generate")
    session.run("python", "openapi/regenerate.py", "--check")
    session.run("python", "wrapper/write_sync_client.py", "--check")
    proved(session, "generated/ and the synchronous client match their sources.")


@nox.session
def tests(session: nox.Session) -> None:
    """Test pipeline, wrapper, mock, command line and documentation, with the installed wheel."""
    install(session, "test", "generate", project=True)
    run_pytest(session, "tests", "examples")
    proved(session, "all tests of pipeline, wrapper, mock, command line and documentation passed.")


@nox.session
def contract(session: nox.Session) -> None:
    """Check client and mock gateway against the contract, with the installed wheel; report in build/contract/."""
    install(session, "test", "generate", project=True)
    report = ("--contract-report=build/contract", "--junitxml=build/contract/junit.xml")
    run_pytest(session, "contract_tests", *NOT_INDEPENDENT, *report)
    proved(session, "client, wrapper and mock gateway follow the same contract.")


@nox.session(default=False)
def thorough(session: nox.Session) -> None:
    """Run all tests as `tests` and `contract` do, but with many more examples, pages, crashes and kills."""
    install(session, "test", "generate", project=True)
    run_pytest(session, "tests", "examples", "contract_tests", *NOT_INDEPENDENT, profile="thorough")
    proved(session, "all tests passed with many more examples than in the default sessions.")


@nox.session(default=False)
def independent(session: nox.Session) -> None:
    """Check contract, mock gateway and SDK with tools of other projects, which are installed with npm and pip."""
    install(session, "test", "generate", project=True)
    folder = Path(session.create_tmp())
    npm = ("npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder))
    session.run_install(*npm, "@redocly/cli@2", "@stoplight/prism-cli@5", external=True)
    # openapi-core needs older packages than we use.
    session.run_install("uv", "venv", "--quiet", "--clear", str(folder / "openapi-core"))
    python = folder / "openapi-core" / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    session.run_install("uv", "pip", "install", "--quiet", "--python", str(python), "openapi-core==0.23.1")
    tools = {name.upper(): str(folder / "node_modules" / ".bin" / name) for name in ("redocly", "prism")}
    session.run(
        "pytest", "contract_tests/independent", *session.posargs, env={**tools, "OPENAPI_CORE_PYTHON": str(python)}
    )
    proved(session, "four tools of other projects agree with the contract, the mock gateway and the SDK.")


@nox.session(default=False)
def regenerate(session: nox.Session) -> None:
    """Add pages and regenerate generated/; a failure changes nothing: `nox -s regenerate [-- PAGE … [--json]]`."""
    install(session, "generate")
    with session.chdir(session.invoked_from):  # paths of pages are relative to the user's folder
        session.run("python", str(ROOT / "openapi" / "regenerate.py"), *session.posargs)
    proved(session, "generated/ matches the documents in openapi/.")


@nox.session(default=False)
def docs(session: nox.Session) -> None:
    """Write the pages of docs/ that are generated from data."""
    install(session, "test", "generate", project=True)
    session.run("python", "docs/write_pages.py", env={"PYTHONPATH": "openapi:.:docs"})
    proved(session, "the generated pages are up to date.")


@nox.session(default=False)
def site(session: nox.Session) -> None:
    """Build the documentation site into build/site; warnings and dead internal links are errors."""
    install(session, "site", project=True)
    session.run("sphinx-build", "-W", "--keep-going", "-q", "-b", "dirhtml", "docs", "build/site")
    session.run("sphinx-build", "-W", "-q", "-b", "linkcheck", "docs", "build/links", *session.posargs)
    proved(session, "the site in build/site was built without warnings, and all its internal links work.")


@nox.session(default=False)
def release(session: nox.Session) -> None:
    """Build the sdist and the wheel twice, check and install them: `nox -s release -- --check`."""
    install(session, "release")
    session.run("python", "-m", "release", *session.posargs)
    proved(session, "the archives in build/release are reproducible, complete and installable.")


@nox.session(default=False)
def constraints(session: nox.Session) -> None:
    """Update constraints.txt, without URLs, for every supported Python version."""
    session.install("uv")
    options = (
        "--all-extras",
        "--group",
        "dev",
        "--group",
        "bench",
        "--group",
        "release",
        "--group",
        "site",
        "--universal",
        "--python-version",
        "3.11",
        "--upgrade",
        "--quiet",
    )
    bare = ("--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links")
    session.run("uv", "pip", "compile", "pyproject.toml", *options, *bare, "--output-file", "constraints.txt")
    proved(session, "constraints.txt contains the newest compatible versions.")


@nox.session(default=False)
def fuzz(session: nox.Session) -> None:
    """Parse a million random and nearly valid responses: `nox -s fuzz [-- COUNT [SEED]]`."""
    run_module(session, "contract_tests.consumer.fuzz", "test", "generate")
    proved(session, "every response was parsed, or raised an error of this package.")


@nox.session(default=False)
def mutants(session: nox.Session) -> None:
    """Apply each seeded fault, one at a time, and report which test catches it: `nox -s mutants [-- WORD …]`."""
    run_module(session, "contract_tests.mutants.scoreboard", "test", "generate")
    proved(session, "a test catches each seeded fault; build/mutants/scoreboard.md lists the tests.")


@nox.session(default=False)
def bench(session: nox.Session) -> None:
    """Run the benchmarks: `nox -s bench [-- --only NAME --rounds N --compare OTHER.json]`."""
    run_module(session, "benchmarks", "bench", success_codes=(0, 3))
    proved(session, "the table above shows the ratios, and marks those above their limit.")


@nox.session(default=False)
def live(session: nox.Session) -> None:
    """Check a real gateway against the contract; free without --spend: `nox -s live -- --gateway kkiai`."""
    run_module(session, "contract_tests.live", "test", "generate")
    proved(session, "the gateway follows the contract.")
