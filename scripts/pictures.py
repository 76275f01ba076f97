"""Take the pictures of the documentation: the demo company in Chromium, in German.

`python scripts/pictures.py` writes docs/images/. It needs Chromium (apt-get install chromium).
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, ViewportSize, sync_playwright

ROOT = Path(__file__).parent.parent
IMAGES = ROOT / "docs" / "images"
FLASK = [sys.executable, "-m", "flask", "--app", "wsgi"]
LENA = "/customers?q=lena+hoffmann"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


def main() -> None:
    with tempfile.TemporaryDirectory() as data:
        port = _free_port()
        environment = os.environ | {"KUNDENBLICK_DATA": data, "PORT": str(port)}
        for command in ("db upgrade", "seed"):
            subprocess.run([*FLASK, *command.split()], cwd=ROOT, env=environment, check=True)
        server = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}"]
        server += ["--worker-class", "gthread", "--threads", "4", "--no-control-socket", "wsgi:app"]
        with subprocess.Popen(server, cwd=ROOT, env=environment) as running:
            try:
                _wait_for(port)
                take(f"http://127.0.0.1:{port}", Path(data))
            finally:
                running.terminate()


def take(url: str, data: Path) -> None:
    """Sign in and photograph the list and an overview."""
    email, password = (data / "demo-login").read_text().strip().split(" / ")
    IMAGES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        size: ViewportSize = {"width": 1280, "height": 860}
        page = browser.new_page(base_url=url, locale="de-DE", viewport=size, device_scale_factor=2)
        page.goto("/login")
        page.locator("#login-email").fill(email)
        page.locator("#login-password").fill(password)
        page.keyboard.press("Enter")
        page.wait_for_url("**/customers")
        _photograph(page, "list.png")
        page.goto(LENA)
        page.locator("#results tbody th a").first.click()
        page.wait_for_selector("#panel-header")
        _photograph(page, "overview.png")
        browser.close()


def _photograph(page: Page, name: str) -> None:
    page.mouse.move(0, 0)
    page.screenshot(path=IMAGES / name)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def _wait_for(port: int) -> None:
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("the server did not start")


if __name__ == "__main__":
    main()
