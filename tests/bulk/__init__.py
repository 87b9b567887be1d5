"""Tests of bulk creation."""
