"""One file that shows a comparison: opened in a browser, it needs no network and asks for none.

Whatever a run folder says is untrusted text. The template escapes it, data stand in JSON that cannot end its script,
charts get it escaped, and a content security policy lets no script run but the ones written here, and nothing load.
"""

import base64
import gzip
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from src.comparison.page_charts import chart_data
from src.comparison.page_pictures import picture_data
from src.comparison.page_table import columns, rows
from src.comparison.records import Comparison
from src.drawing.whole_files import whole

ASSETS = Path(__file__).parent / "assets"
SCRIPTS = ("theme", "table", "charts", "curves", "tradeoff", "sizes", "settings", "pictures", "main")


def write_page(comparison: Comparison, path: Path, pictures: Mapping[str, Path] | None = None) -> Path:
    """Write the page of a comparison.

    Args:
        comparison: what it shows; the runs' own pictures are taken from their folders.
        path: the file to write, e.g. comparison.html.
        pictures: PNG files about all variants together, by title, e.g. the same test images through each of them.

    Returns:
        The path.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    table = rows(comparison)
    shown, unreadable = picture_data(comparison, pictures or {})
    plotly, script = _plotly(), _script()
    environment = Environment(loader=FileSystemLoader(ASSETS), autoescape=True, undefined=StrictUndefined)
    html = environment.get_template("page.html").render(
        comparison=comparison,
        columns=columns(comparison, table),
        rows=table,
        unreadable=unreadable,
        policy=_policy(script, plotly),
        style=(ASSETS / "page.css").read_text(encoding="utf-8"),
        script=script,
        plotly=base64.b64encode(gzip.compress(plotly.encode(), mtime=0)).decode("ascii"),
        charts=_json(chart_data(comparison)),
        pictures=_json(shown),
        has_pictures=bool(shown["wide"] or shown["kinds"]),
    )
    with whole(path) as temporary:
        temporary.write_text(html, encoding="utf-8", newline="\n")
    return path


def _plotly() -> str:
    """plotly.js, which comes with the Python package; packed it takes a third of its size."""
    from plotly.offline import get_plotlyjs  # type: ignore[import-untyped]

    source: str = get_plotlyjs()
    return source


def _script() -> str:
    parts = [(ASSETS / f"{name}.js").read_text(encoding="utf-8") for name in SCRIPTS]
    return '"use strict";\n(() => {\n' + "\n".join(parts) + "})();\n"


def _policy(*scripts: str) -> str:
    """These scripts may run; pictures are data; nothing is loaded from anywhere."""
    hashes = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii") for script in scripts]
    allowed = " ".join(f"'sha256-{value}'" for value in hashes)
    return f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data: blob:"


def _json(value: Any) -> str:
    """JSON that may stand in a script element: no character of it can end one."""
    text = json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
