"""Checks that the documents' links lead somewhere: to files that exist, and to headings that they hold.

Run as `python -m docs.check_links`. Links to other sites are not followed.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

__all__ = ["broken_links"]

_ROOT = Path(__file__).resolve().parent.parent
_LINK = re.compile(r"!?\[[^\]]*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
_HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*$", re.MULTILINE)
_CODE = re.compile(r"^(```|~~~).*?^\1|`[^`\n]+`", re.MULTILINE | re.DOTALL)


def broken_links(root: Path) -> Iterator[str]:
    """Yield a line for each link of a Markdown file below `root` that leads nowhere."""
    for document in sorted([*root.glob("*.md"), *root.glob("docs/**/*.md")]):
        text = _CODE.sub("", document.read_text())
        for target in _LINK.findall(text):
            if re.match(r"[a-z][a-z0-9+.-]*:", target):
                continue
            path, _, heading = target.partition("#")
            found = (document.parent / path).resolve() if path else document
            if not found.exists():
                yield f"{document.relative_to(root)}: {target} does not exist"
            elif heading and found.suffix == ".md" and heading not in _anchors(found):
                yield f"{document.relative_to(root)}: {target} names no heading of {found.relative_to(root)}"


def _anchors(document: Path) -> set[str]:
    headings = _HEADING.findall(_CODE.sub(lambda match: match[0].strip("`"), document.read_text()))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def main() -> int:
    """Print the broken links and return the exit status."""
    broken = list(broken_links(_ROOT))
    sys.stderr.writelines(f"{line}\n" for line in broken)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
