"""Join picked Lucide icons into the sprite of the application.

    python scripts/icons.py FOLDER-OF-LUCIDE-STATIC/icons

Icons are used as `{{ icon("pencil") }}`. To add one, add its name here, run this again and put the
printed checksum into static/vendor/VENDOR.txt.
"""

from __future__ import annotations

import base64
import hashlib
import re
import sys
from pathlib import Path

PICKED = """
archive archive-restore arrow-down arrow-down-left arrow-left arrow-right arrow-up arrow-up-down
arrow-up-right ban bell bell-off braces building-2 calendar calendar-clock check chevron-down
chevron-left chevron-right chevron-up circle circle-alert circle-check circle-question-mark circle-x
clipboard-list clock columns-3 contact copy corner-down-right download ellipsis external-link eye
file file-check file-down file-text file-up file-x filter folder folder-input folder-plus
folder-tree globe grip-vertical handshake history hourglass house id-card inbox info key-round
keyboard landmark languages link list-checks list-todo lock log-out mail mail-open mails map-pin
merge message-square-text paperclip pause pencil phone pin pin-off play plus printer printer-check
qr-code receipt-text refresh-cw rotate-ccw save search search-x send settings shield-check signature
square-check square-pen star sticky-note tag tags timer trash-2 triangle-alert undo-2 upload
user-minus user-plus user-round users x
"""

SPRITE = Path(__file__).parent.parent / "static" / "icons.svg"
LOOK = (
    'fill="none" stroke="currentColor" stroke-width="2" '
    'stroke-linecap="round" stroke-linejoin="round"'
)


def main(folder: Path) -> None:
    symbols = "\n".join(_symbol(name, folder / f"{name}.svg") for name in sorted(PICKED.split()))
    SPRITE.write_text(
        "<!-- Lucide 1.62.0, ISC licence, see vendor/lucide-1.62.0/LICENSE -->\n"
        f'<svg xmlns="http://www.w3.org/2000/svg">\n{symbols}\n</svg>\n'
    )
    digest = hashlib.sha384(SPRITE.read_bytes()).digest()
    print(f"sha384-{base64.b64encode(digest).decode()}")


def _symbol(name: str, file: Path) -> str:
    drawing = re.search(r"<svg[^>]*>(.*)</svg>", file.read_text(), re.DOTALL)
    assert drawing, f"{file} is no icon"
    shapes = re.sub(r"\s*\n\s*", "", drawing.group(1)).replace(" />", "/>")
    return f'<symbol id="i-{name}" viewBox="0 0 24 24" {LOOK}>{shapes}</symbol>'


if __name__ == "__main__":
    main(Path(sys.argv[1]))
