"""The API over the shared cast."""

import pytest
from cast import cast, cast_home  # noqa: F401


@pytest.fixture
def settings_of_django():
    """settings_of_django(API_PAGE_MAX=5): a context with other limits."""
    from django.test import override_settings

    return override_settings
