"""The documentation site, built by Sphinx from what tools/site_pages.py collects: ``make site``."""

from __future__ import annotations

project = "codezest-sql"
extensions = ["myst_parser"]
html_theme = "furo"
html_title = "codezest-sql"
exclude_patterns = ["site"]
# The anchors of GitHub, down to the fourth level.
myst_heading_anchors = 4
# A console session is no program.
suppress_warnings = ["misc.highlighting_failure", "myst.header"]
