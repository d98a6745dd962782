"""Fixtures of the evaluation tests."""

from tests.evaluation.fakes import register as register
