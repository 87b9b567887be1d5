"""Tests of checking recordings."""
