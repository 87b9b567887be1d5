"""Checks of a release: `nox -s release -- --check`.

version    one version, in pyproject.toml and in the changelog
artifacts  building the sdist and the wheel reproducibly, and checking their contents
install    installing the wheel into empty environments
"""
