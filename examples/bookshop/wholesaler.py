import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

PORT = 8200
STOCK = [
    {"ean": "9780141439518", "in_stock": 12, "next_delivery": None},
    {"ean": "9780141439600", "in_stock": 0, "next_delivery": "24.12.2026"},
    {"ean": "9780199232765", "in_stock": 3, "next_delivery": None},
]
PAGE = 2


class Wholesaler(BaseHTTPRequestHandler):
    """GET /stock?after=EAN: what is in stock, two books a page."""

    def do_GET(self):
        place = urlsplit(self.path)
        if place.path != "/stock":
            self.send_error(404)
            return
        after = parse_qs(place.query).get("after", [""])[0]
        rest = [one for one in STOCK if one["ean"] > after]
        more = len(rest) > PAGE
        body = json.dumps({"stock": rest[:PAGE], "next": rest[PAGE - 1]["ean"] if more else None}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    print(f"The wholesaler sells on http://127.0.0.1:{PORT}/stock", flush=True)
    ThreadingHTTPServer(("127.0.0.1", PORT), Wholesaler).serve_forever()
