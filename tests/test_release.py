"""The checks of a release find what would be wrong with it."""

from __future__ import annotations

import re
import tarfile
import zipfile
from pathlib import Path

import pytest

from release import artifacts, version
from release.version import ReleaseError
from tests.support.repository import ROOT


def _changelog(folder: Path, text: str) -> Path:
    (folder / "CHANGELOG.md").write_text(f"# Changelog\n\n{text}", encoding="utf-8")
    return folder


def test_the_version_has_one_source() -> None:
    """pyproject.toml states the version; no module repeats it."""
    number = version.read_version(ROOT)
    assert re.fullmatch(r"\d+\.\d+\.\d+((a|b|rc)\d+)?", number)
    sources = [path for path in (ROOT / "wrapper").rglob("*.py") if f'"{number}"' in path.read_text(encoding="utf-8")]
    assert sources == []


def test_a_changelog_that_is_ready(tmp_path: Path) -> None:
    """A dated section for the version, and an empty section for unreleased changes, pass."""
    version.check_changelog(_changelog(tmp_path, "## [Unreleased]\n\n## [1.2.3] - 2026-11-25\n\n- new\n"), "1.2.3")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("## [1.2.2] - 2026-11-25\n", r"no section '## \[1.2.3\]"),
        ("## [1.2.3]\n", r"no section '## \[1.2.3\]"),
        ("## [Unreleased]\n\n- a change\n\n## [1.2.3] - 2026-11-25\n", "has unreleased changes"),
    ],
)
def test_a_changelog_that_is_not_ready(text: str, message: str, tmp_path: Path) -> None:
    """A missing section, a missing date and unreleased changes are named."""
    with pytest.raises(ReleaseError, match=message):
        version.check_changelog(_changelog(tmp_path, text), "1.2.3")


def test_a_tag_that_does_not_match() -> None:
    """The tag must be `v` and the version."""
    version.check_tag("1.2.3", "v1.2.3")
    with pytest.raises(ReleaseError, match=r"tag v1.2.3"):
        version.check_tag("1.2.3", "1.2.3")


def test_an_archive_without_a_file_that_users_need(tmp_path: Path) -> None:
    """A wheel without the compiled contract is an error that names the file."""
    with zipfile.ZipFile(tmp_path / "x.whl", "w") as wheel:
        for name in ("kling_voices/__init__.py", "kling_voices/py.typed", "kling_gateway/__init__.py"):
            wheel.writestr(name, "")
    with tarfile.open(tmp_path / "x.tar.gz", "w:gz"):
        pass
    with pytest.raises(ReleaseError, match=r"the wheel lacks .*contract\.json"):
        artifacts.check_contents(tmp_path)


def test_two_builds_that_differ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the second build has other bytes, the archive is named."""
    builds = iter((b"first", b"second"))

    def build(_: Path, destination: Path) -> None:
        destination.mkdir(parents=True)
        (destination / "x.whl").write_bytes(next(builds))
        with tarfile.open(destination / "x.tar.gz", "w:gz", format=tarfile.PAX_FORMAT) as archive:
            archive.add(ROOT / "LICENSE", "x/LICENSE", recursive=False)

    monkeypatch.setattr(artifacts, "_build", build)
    with pytest.raises(ReleaseError, match=r"two builds differ in .*x\.whl"):
        artifacts.build_twice(tmp_path, tmp_path / "out")
