"""Days are counted in one zone."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings


def test_an_installation_that_counts_days_otherwise_than_the_packs_does_not_start(settings: Settings) -> None:
    policy = apps.get_app_config("policy")
    policy.ready()
    settings.TIME_ZONE = "Asia/Urumqi"
    with pytest.raises(ImproperlyConfigured, match="Asia/Urumqi"):
        policy.ready()
