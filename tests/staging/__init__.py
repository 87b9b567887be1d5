"""Tests of staging recordings."""
