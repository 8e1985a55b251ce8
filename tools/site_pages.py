"""Collect the pages of the documentation site: ``python -m tools.site_pages FOLDER``.

Copies ``docs/`` and the Markdown files of the root into one folder, where they link to each other as on GitHub: there
a page of ``docs/`` links to ``../README.md``, on the site to ``index.md``. The first page gets the table of contents,
in the order of a user's tasks. Raises ``ValueError`` for a page that the table of contents lacks.
"""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
OF_ROOT = {
    "README.md": "index.md",
    "ARCHITECTURE.md": "architecture.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
}
CONTENTS = {
    "Start": ("start", "coming-from", "comparison"),
    "Migrate": ("migrations", "embedded-server"),
    "Query": ("queries", "generate", "runtime", "plans"),
    "Review": ("review", "lint", "ci"),
    "Reference": ("commands", "rules", "errors", "benchmarks"),
    "The CodeZest platform": (
        *("platform", "features", "schema", "seed", "mongo", "examples"),
        *(f"services/{name}" for name in ("auth", "learning", "payments", "notifications", "activity")),
    ),
    "About": ("architecture", "contributing", "releasing", "changelog"),
}
_LINK = re.compile(r"\]\((?P<target>[^)\s]+)\)")


def collect(folder: Path) -> None:
    """Write all pages into ``folder``, which is replaced."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ROOT / "docs", folder, ignore=shutil.ignore_patterns("site"))
    for page in folder.glob("*.md"):
        page.write_text(of_docs(page.read_text("utf-8")), "utf-8")
    for name, page_name in OF_ROOT.items():
        (folder / page_name).write_text(of_root((ROOT / name).read_text("utf-8")), "utf-8")
    index = folder / "index.md"
    index.write_text(index.read_text("utf-8") + "".join(map(_toctree, CONTENTS)), "utf-8")
    shutil.copy(ROOT / "docs" / "site" / "conf.py", folder / "conf.py")
    pages = {page.relative_to(folder).with_suffix("").as_posix() for page in folder.rglob("*.md")}
    if missing := pages - {"index"} - {name for names in CONTENTS.values() for name in names}:
        raise ValueError(f"not in the table of contents: {', '.join(sorted(missing))}")


def of_root(text: str) -> str:
    """Return the text of a file of the root with the links that it has among the pages of the site."""
    return _LINK.sub(lambda link: f"]({_on_site(link['target'].removeprefix('docs/'))})", text)


def of_docs(text: str) -> str:
    """Return the text of a page of docs/ with its links to files of the root turned into links to their pages."""
    return _LINK.sub(
        lambda link: f"]({_on_site(link['target'][3:])})" if link["target"].startswith("../") else link[0], text
    )


def _on_site(target: str) -> str:
    name, hash_, anchor = target.partition("#")
    return f"{OF_ROOT.get(name, name)}{hash_}{anchor}"


def _toctree(caption: str) -> str:
    return "\n".join(["", "```{toctree}", ":hidden:", f":caption: {caption}", "", *CONTENTS[caption], "```", ""])


if __name__ == "__main__":
    collect(Path(sys.argv[1]))
