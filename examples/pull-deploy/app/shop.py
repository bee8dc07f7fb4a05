"""A page that says which version of the program it is, at 127.0.0.1:$PORT."""

import os
import pathlib
import signal
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

VERSION = pathlib.Path("version").read_text(encoding="utf-8").strip()


class Page(BaseHTTPRequestHandler):
    def do_GET(self):
        text = f"<title>shop {VERSION}</title>\n".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)


def main():
    server = ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Page)
    # What is being answered is answered.
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    with server:
        server.serve_forever(poll_interval=0.05)


if __name__ == "__main__":
    main()
