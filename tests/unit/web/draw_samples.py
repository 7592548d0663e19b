"""Writes the sample pages to a folder, to look at: ``python -m tests.unit.web.draw_samples FOLDER``."""

import sys
from pathlib import Path

from codingahead.catalog.v1 import catalog_pb2

from gateway.view import Banner, PageView
from gateway.web import assets
from gateway.web.render import render_banner, render_code_page
from tests.unit.web import samples, views


def write(folder: Path) -> None:
    """Each sample page as one file, beside the style sheet it names."""
    (folder / "static").mkdir(parents=True, exist_ok=True)
    for asset in assets.load().by_name.values():
        (folder / "static" / asset.name).write_bytes(asset.body)
    pages: dict[str, tuple[catalog_pb2.Code, PageView, Banner]] = {
        "cpt-guest": (samples.infusion(), views.guest_granted(), views.GUEST_AT_ZERO),
        "cpt-without-views": (samples.infusion(), views.without_views(), views.GUEST_AT_ZERO),
        "cpt-whole": (samples.infusion(), views.whole(), views.FREE_WITH_THREE),
        "icd-header": (samples.diabetes(), views.whole(), views.FREE_WITH_THREE),
        "icd-billable": (samples.fracture(), views.whole(), views.FREE_AT_ZERO),
    }
    for name, (code, view, banner) in pages.items():
        page = render_code_page(code, view)
        html = page.before_banner + render_banner(banner, "/codes/x/y") + page.after_banner
        (folder / f"{name}.html").write_bytes(html.replace(b'"/static/', b'"static/'))


if __name__ == "__main__":
    write(Path(sys.argv[1]))
