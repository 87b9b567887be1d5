"""Tests of how pages are read, repaired and downloaded."""
