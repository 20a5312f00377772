"""The clean clone takes minutes and the network, so it runs where it is asked for: in CI, or with ASBUILT_TEST_CLONE=1."""

import os

collect_ignore_glob = [] if os.environ.get("CI") or os.environ.get("ASBUILT_TEST_CLONE") else ["test_*.py"]
