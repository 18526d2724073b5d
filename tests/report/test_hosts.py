"""A check's result on pages other than JupyterLab's: pytest -m browser

The pages imitate what each host does to HTML output: VS Code and Colab put it on a page with other styles, dark or
light, without JupyterLab's variables; GitHub leaves only the bare elements.
"""

import subprocess
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import chromium, local_context, screenshot
from tests.repository import ROOT

pytestmark = pytest.mark.browser

WRONG = """
import numpy as np
from autograder import check
def softmax(logits, axis=-1):
    e = 2.0 ** (logits - np.max(logits, axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)
print(check("softmax").html)
"""
TABLES = "table { border: 1px solid #8886; } td, th { border: 1px solid #8886; padding: 6px 13px; } tr:nth-child(2n) "
HOSTS = {
    "vs-code-dark": f"body {{ background: #1f1f1f; color: #cccccc; font: 13px/1.4 'Segoe WPC', sans-serif; }} {TABLES}"
    "{ background: #2b2b2b; } code { color: #d7ba7d; }",
    "colab-light": f"body {{ background: #ffffff; color: #212121; font: 14px/1.4 Roboto, sans-serif; }} {TABLES}"
    "{ background: #f5f5f5; }",
    "colab-dark": f"body {{ background: #383838; color: #d5d5d5; font: 14px/1.4 Roboto, sans-serif; }} {TABLES}"
    "{ background: #404040; }",
    "github": f"body {{ background: #ffffff; color: #1f2328; font: 16px/1.5 sans-serif; }} {TABLES}"
    "{ background: #f6f8fa; }",
}
BARE = """() => {
  for (const each of document.querySelectorAll('style, svg')) each.remove();
  for (const each of document.querySelectorAll('*')) {
    for (const { name } of [...each.attributes]) if (name !== 'open') each.removeAttribute(name);
  }
}"""
# For each element with text of its own, its contrast with its background (WCAG).
FAINT = """() => {
  const numbers = (color) => color.match(/[0-9.]+/g).map(Number);
  const light = (rgb) => {
    const linear = (part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    const [r, g, b] = rgb.map((each) => linear(each / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (each) => {
    if (!each) return [255, 255, 255];
    const [r, g, b, alpha = 1] = numbers(getComputedStyle(each).backgroundColor);
    const under = alpha < 1 ? behind(each.parentElement) : [0, 0, 0];
    return [r, g, b].map((value, place) => value * alpha + under[place] * (1 - alpha));
  };
  const faint = [];
  for (const each of document.querySelectorAll('section *')) {
    const words = [...each.childNodes].filter((node) => node.nodeType === 3 && node.data.trim());
    if (!words.length || each.tagName === 'STYLE' || !each.checkVisibility()) continue;
    const [a, b] = [light(numbers(getComputedStyle(each).color).slice(0, 3)), light(behind(each))];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (contrast < 4.5) faint.push([each.tagName, words[0].data.trim(), contrast]);
  }
  return faint;
}"""


@pytest.fixture(scope="module")
def result() -> str:
    done = subprocess.run([sys.executable, "-c", WRONG], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout[done.stdout.index("<section") :]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with local_context(browser) as context:
        yield context.new_page()


@pytest.mark.parametrize("host", HOSTS)
def test_a_result_is_readable_there(page: Page, result: str, host: str) -> None:
    page.set_content(f"<!doctype html><style>{HOSTS[host]}</style><body>{result}</body>")
    if host == "github":
        page.evaluate(BARE)
    screenshot(page, f"result-{host}", full_page=True)
    assert page.evaluate(FAINT) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    words = page.inner_text("section")
    for each in ("failed", "Called", "got", "wanted", "This looks like", "base 2", "Hint (1 of", "Next:"):
        assert each in words
    assert words.index("failed") < words.rindex("passed") < words.index("Next:")


def test_on_a_phone_the_values_have_the_whole_width(page: Page, result: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.set_content(f"<!doctype html><style>{HOSTS['colab-dark']}</style><body>{result}</body>")
    screenshot(page, "result-phone", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    shown = page.locator("section pre").first.bounding_box()
    assert shown is not None
    assert shown["width"] > 300
