from __future__ import annotations

from pathlib import Path

import pytest

from core.files import replace_folder
from expectations.data_docs import clean_page, escape, front_page

PAGE = """<!DOCTYPE html><html><HEAD lang="en">
<link rel="stylesheet" href="https://cdn.example/style.css"/>
<link rel="shortcut icon" href="static/favicon.ico">
<script src="https://cdn.example/a.js"></script>
<style>.logo { background: url('https://cdn.example/logo.png') }</style></HEAD>
<body class="x"><SCRIPT type="text/javascript">
send('home')
</SCRIPT ><img src="//cdn.example/count.png?id=7"><p>kept</p>
<footer><a href="https://cdn.example/newsletter">Subscribe</a></footer></body></html>"""


def test_a_page_neither_runs_nor_loads_anything() -> None:
    page = clean_page(PAGE, banner="")
    assert "example" not in page
    assert "send" not in page
    assert "favicon" not in page
    assert "<p>kept</p>" in page
    assert page.index("Content-Security-Policy") < page.index("<body")
    assert "default-src 'none'" in page


def test_a_banner_stands_at_the_top_once() -> None:
    page = clean_page(PAGE, banner="<p>Simulated</p>")
    assert page.count("<p>Simulated</p>") == 1
    assert '<body class="x"><p>Simulated</p>' in page


@pytest.mark.parametrize(
    ("value", "escaped"),
    [
        ("<b>&\"'", "&lt;b&gt;&amp;&quot;&#x27;"),
        (["<", 1, None, True], ["&lt;", 1, None, True]),
        ({"<k>": {"a": "<v>"}}, {"&lt;k&gt;": {"a": "&lt;v&gt;"}}),
    ],
)
def test_values_mean_themselves_in_html(value: object, escaped: object) -> None:
    assert escape(value) == escaped


def test_the_front_page_leads_to_the_gates_that_have_run(tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    (tmp_path / "log" / "index.html").touch()
    (tmp_path / "warehouse.old").mkdir()
    page = front_page(tmp_path)
    assert "log/index.html" in page
    assert "warehouse" not in page


def test_a_full_disk_ends_the_drawing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import great_expectations as gx
    from great_expectations.data_context.store import TupleFilesystemStoreBackend

    from expectations.data_docs import build_site
    from expectations.runner import open_context

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    context = open_context()
    context.suites.add(gx.ExpectationSuite(name="any"))
    site = tmp_path / "site" / "log"
    monkeypatch.setattr(TupleFilesystemStoreBackend, "_set", full)
    with pytest.raises(OSError, match="No space left"):
        build_site(context, [], site=site, scratch=tmp_path / "new", run_id="a", is_simulated=False)
    assert not site.exists()


def test_a_folder_is_replaced_whole(tmp_path: Path) -> None:
    new, old = tmp_path / "new", tmp_path / "site" / "old"
    for content in ("first", "second"):
        new.mkdir()
        (new / content).touch()
        (old.parent / ".old.previous").mkdir(parents=True, exist_ok=True)  # a run that was killed
        replace_folder(new, old)
        assert [path.name for path in old.iterdir()] == [content]
    assert [path.name for path in old.parent.iterdir()] == ["old"]
