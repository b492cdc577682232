#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lets a real Prometheus scrape a file over loopback and prints what it then answers.

scrape.py FILE QUERY…: one line of JSON for each query: [[{label: value…}, "value"], …], sorted.
"""
import functools
import http.server
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

PATIENCE_S = 120


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


def serve(path):
    """A static server of the file's directory; its port."""
    handler = functools.partial(Quiet, directory=os.path.dirname(os.path.abspath(path)))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def ask(port, query):
    url = f"http://127.0.0.1:{port}/api/v1/query?" + urllib.parse.urlencode({"query": query})
    with urllib.request.urlopen(url, timeout=10) as answer:
        result = json.load(answer)["data"]["result"]
    for row in result:
        for label in ("instance", "job", "__name__"):
            row["metric"].pop(label, None)
    return sorted(([row["metric"], row["value"][1]] for row in result), key=json.dumps)


def start(directory, file_port, path):
    """Prometheus and its port; another port when somebody took the first."""
    config = os.path.join(directory, "prometheus.yml")
    with open(config, "w") as out:
        json.dump({"global": {"scrape_interval": "1s"},
                   "scrape_configs": [{"job_name": "weir", "metrics_path": "/" + os.path.basename(path),
                                       "static_configs": [{"targets": [f"127.0.0.1:{file_port}"]}]}]}, out)
    for attempt in range(5):
        port = free_port()
        with open(os.path.join(directory, "log"), "w") as log:
            process = subprocess.Popen(
                ["prometheus", f"--config.file={config}", f"--storage.tsdb.path={directory}/data{attempt}",
                 f"--web.listen-address=127.0.0.1:{port}"], stdout=log, stderr=log)
        if wait_for_scrape(process, port):
            return process, port
        process.kill()
        process.wait()
    with open(os.path.join(directory, "log")) as log:
        sys.exit("prometheus did not scrape the file:\n" + log.read()[-4000:])


def wait_for_scrape(process, port):
    deadline = time.monotonic() + PATIENCE_S
    while process.poll() is None and time.monotonic() < deadline:
        try:
            if ask(port, "up == 1"):
                return True
        except (OSError, urllib.error.URLError):
            pass
        time.sleep(0.1)  # between questions; nothing tells when a scrape is done
    return False


def main():
    path, queries = sys.argv[1], sys.argv[2:]
    with tempfile.TemporaryDirectory() as directory:
        process, port = start(directory, serve(path), path)
        try:
            for query in queries:
                print(json.dumps(ask(port, query)))
        finally:
            process.terminate()
            process.wait()


main()
