"""How many requests for a small file the emulator answers in a second of one core."""

from __future__ import annotations

import http.client
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from bench import peers
from bench.measure import MeasureError
from bench.row import Row

REQUESTS = 5000
PAGE = "<h1>A small page</h1>\n" * 80
WHAT = "the emulator: requests for a small page in a second of one core"


def serving(runs: int) -> list[Row]:
    if not sys.platform.startswith("linux"):
        return [Row(WHAT, "requests a second", note="processor time is read from Linux' /proc")]
    rates = [requests_a_second() for _ in range(runs)]
    note = f"from {min(rates):,.0f} to {max(rates):,.0f}"
    return [Row(WHAT, "requests a second", None, statistics.median(rates), note)]


def requests_a_second() -> float:
    """Ask an emulator in a process of its own, over one connection."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "page.html").write_text(PAGE)
        (Path(folder) / "_headers").write_text("/*\n  X-Frame-Options: DENY\n")
        command = [*peers.ENTRYPOINT, "preview", folder, "--port=0", "--quiet"]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as process:
            try:
                said = process.stdout or ()
                line = next((line for line in said if line.startswith("Serving at ")), "")
                if not line:
                    raise MeasureError("the preview does not serve")
                return asked(urlsplit(line.split()[2]).netloc, process.pid)
            finally:
                process.terminate()


def asked(host: str, process_id: int) -> float:
    connection = http.client.HTTPConnection(host, timeout=peers.TIMEOUT_SECONDS)
    before = spent(process_id)
    for _ in range(REQUESTS):
        connection.request("GET", "/page")
        answer = connection.getresponse()
        if (answer.status, len(answer.read())) != (http.client.OK, len(PAGE)):
            raise MeasureError(f"the emulator answers {answer.status}")
    return REQUESTS / (spent(process_id) - before)


def spent(process_id: int) -> float:
    """Return the seconds of processor time that a process has used."""
    fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
