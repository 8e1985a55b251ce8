"""How random a test run is. By default it is the same run each time, so that only a change can make it fail.

``make test-random`` takes other random values each time, and more of them: the profile ``thorough`` of Hypothesis.
"""

from __future__ import annotations

import random

from hypothesis import settings

THOROUGH = "thorough"
_FIXED_SEED = 20261201

# The same examples each time, so that more of them would find nothing new: `thorough` looks for that.
settings.register_profile("fixed", max_examples=25, derandomize=True, deadline=None)
settings.register_profile(THOROUGH, max_examples=2000, deadline=None, print_blob=True)
settings.load_profile("fixed")


def examples(times: int) -> settings:
    """Return Hypothesis settings with ``times`` as many examples as the profile has: 25 by default."""
    return settings(max_examples=times * settings().max_examples)


def random_seed() -> int:
    """Return the seed of a test that chooses for itself: always the same one, but for the profile ``thorough``."""
    return _FIXED_SEED if settings().derandomize else random.randrange(1_000_000)
