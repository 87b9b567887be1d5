"""`nox` alone runs what CI runs, offline once installed: lint, types, drift, tests, contract."""

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
IN_PARALLEL = ("--numprocesses=2", "--dist=worksteal")  # pytest-xdist; `-- -n0` runs in one process


def install(session: nox.Session, *groups: str, project: bool = False) -> None:
    """The groups' packages and, where wanted, this project as a wheel with all extras; all versions are constrained."""
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
    path = {"PYTHONPATH": ".:openapi"}
    session.run("python", "-m", module, *session.posargs, env=path, success_codes=success_codes)


def proved(session: nox.Session, what: str) -> None:
    """Finish a session with one line that says what it proved; on stderr where stdout is for JSON alone."""
    print(f"{session.name}: {what}", file=sys.stderr if "--json" in session.posargs else sys.stdout)


@nox.session
def lint(session: nox.Session) -> None:
    """Hold the hand-written code to the formatter and the linter."""
    install(session, "lint")
    session.run("ruff", "format", "--check", ".")
    session.run("ruff", "check", ".")
    proved(session, "the hand-written code is formatted, and the linter finds nothing.")


@nox.session
def types(session: nox.Session) -> None:
    """Type-check all Python that is not generated, strictly."""
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
    proved(session, "all Python that is not generated is well typed, strictly.")


@nox.session
def drift(session: nox.Session) -> None:
    """Prove that all generated code is up to date, byte for byte."""
    install(session, "generate")
    session.run("python", "openapi/regenerate.py", "--check")
    session.run("python", "wrapper/write_sync_client.py", "--check")
    proved(session, "generated/ and the synchronous client are byte for byte what their sources produce.")


@nox.session
def tests(session: nox.Session) -> None:
    """Test pipeline, wrapper, mock, command line and documentation, on the installed wheel."""
    install(session, "test", "generate", project=True)
    session.run("pytest", "tests", "examples", *IN_PARALLEL, *session.posargs)
    proved(session, "pipeline, wrapper, mock, command line and documentation do what they say.")


@nox.session
def contract(session: nox.Session) -> None:
    """Hold client and mock gateway to the contract, on the installed wheel; leaves a report in build/contract/."""
    install(session, "test", "generate", project=True)
    report = ("--contract-report=build/contract", "--junitxml=build/contract/junit.xml")
    session.run("pytest", "contract_tests", *NOT_INDEPENDENT, *IN_PARALLEL, *report, *session.posargs)
    proved(session, "client, wrapper and mock gateway keep the same contract.")


@nox.session(default=False)
def independent(session: nox.Session) -> None:
    """Check contract, mock gateway and SDK with tools of other projects. Installs them with npm and pip."""
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
    """Take in pages and write generated/ anew, all or nothing: `nox -s regenerate [-- PAGE … [--json]]`."""
    install(session, "generate")
    with session.chdir(session.invoked_from):  # pages are named from where one stands
        session.run("python", str(ROOT / "openapi" / "regenerate.py"), *session.posargs)
    proved(session, "generated/ is what the documents in openapi/ give.")


@nox.session(default=False)
def docs(session: nox.Session) -> None:
    """Write the pages of docs/ that are made from data."""
    install(session, "test", "generate", project=True)
    session.run("python", "docs/write_pages.py", env={"PYTHONPATH": "openapi:.:docs"})
    proved(session, "the pages that are made from data are up to date.")


@nox.session(default=False)
def site(session: nox.Session) -> None:
    """Build the documentation site into build/site; any warning and any dead internal link is an error."""
    install(session, "site", project=True)
    session.run("sphinx-build", "-W", "--keep-going", "-q", "-b", "dirhtml", "docs", "build/site")
    session.run("sphinx-build", "-W", "-q", "-b", "linkcheck", "docs", "build/links", *session.posargs)
    proved(session, "the site in build/site was built without warnings, and its internal links lead somewhere.")


@nox.session(default=False)
def release(session: nox.Session) -> None:
    """Build the sdist and the wheel twice, check and install them: `nox -s release -- --check`."""
    install(session, "release")
    session.run("python", "-m", "release", *session.posargs)
    proved(session, "the archives in build/release are reproducible, complete and installable.")


@nox.session(default=False)
def constraints(session: nox.Session) -> None:
    """Resolve constraints.txt anew, without addresses, for every Python that is supported."""
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
    proved(session, "constraints.txt holds the newest versions that fit together.")


@nox.session(default=False)
def fuzz(session: nox.Session) -> None:
    """Put a million random and near-miss answers through the interpreter: `nox -s fuzz [-- COUNT [SEED]]`."""
    run_module(session, "contract_tests.consumer.fuzz", "test", "generate")
    proved(session, "whatever a gateway answers is read, or ends in an error of the tree.")


@nox.session(default=False)
def mutants(session: nox.Session) -> None:
    """Seed each fault, one at a time, and see which test catches it: `nox -s mutants [-- WORD …]`."""
    run_module(session, "contract_tests.mutants.scoreboard", "test", "generate")
    proved(session, "each seeded fault is caught by some test; build/mutants/scoreboard.md says by which.")


@nox.session(default=False)
def bench(session: nox.Session) -> None:
    """Measure ratios, in one run: `nox -s bench [-- --only NAME --rounds N --compare OTHER.json]`."""
    run_module(session, "benchmarks", "bench", success_codes=(0, 3))
    proved(session, "the table above tells the ratios; one that is exceeded is marked so.")


@nox.session(default=False)
def live(session: nox.Session) -> None:
    """Hold a real gateway to the contract; costs nothing but with --spend: `nox -s live -- --gateway kkiai`."""
    run_module(session, "contract_tests.live", "test", "generate")
    proved(session, "the gateway answers as the contract says.")
