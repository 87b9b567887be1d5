"""Tests of pipeline, wrapper, mock gateway, command line and documentation."""
