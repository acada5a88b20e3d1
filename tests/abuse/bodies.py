"""Bodies, query strings, headers and methods that are no request."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator

import brotli  # type: ignore[import-untyped]
import zstandard

from tests.abuse.cases import JSON, Bad, bodies, got, request

FINE = request("{ __typename }")


def not_json() -> Iterator[Bad]:
    values = [b"null", b"true", b"0", b"-1.5e3", b'"text"', b"[]", b"[[]]", b"[null]", b"[{}]", b"{}", b"{}{}", b"{} x"]
    broken = [b"{", b"}", b"[", b"{'query': 1}", b"{query: 1}", b'{"query": }', b'{"query"}', b'{"query": 1,}', b"\0"]
    broken += [b"NaN", b"Infinity", b"nul", b'{"query": "\n"}', b'{"query": "\x00"}', b'{"query": "\\x"}', b"// a\n{}"]
    broken += [b'{"query": "\\u12"}', b'{"query": 01}', b'{"query": .5}', b'{"query": +1}', b"", b" ", b"\n" * 1000]
    yield from bodies("JSON", {repr(data[:30]): data for data in values + broken})


def wrong_types() -> Iterator[Bad]:
    for name in ("query", "operationName", "variables", "extensions", "documentId", "doc_id", "id"):
        for value in (b"0", b"true", b"[]", b"{}", b'""', b'"a"', b'["a"]', b'{"a":1}', b"null", b"1e999", b"-0"):
            body = b'{"query": "{ __typename }", "%s": %s}' % (name.encode(), value)
            yield Bad("types", f"{name} = {value.decode()}", body=body)
    for hash_ in (b"null", b"1", b"{}", b'""', b'"a b"', b'"\\u0000"', b'"' + b"a" * 5000 + b'"'):
        for version in (b"1", b"2", b'"1"', b"true", b"null", b"1e400"):
            body = b'{"extensions": {"persistedQuery": {"version": %s, "sha256Hash": %s}}}' % (version, hash_)
            yield Bad("types", f"persistedQuery {version.decode()} {hash_[:10].decode()}", body=body)
    yield from bodies("types", {"persistedQuery is a list": b'{"extensions": {"persistedQuery": [1]}}'})


def encodings() -> Iterator[Bad]:
    inside = [
        b"\xff",
        b"\xc0\xaf",
        b"\xed\xa0\x80",
        b"\xf4\x90\x80\x80",
        b"\xe2\x82",
        b"\x80",
        b"\xef\xbf\xbf",
        b"\x7f",
    ]
    inside += [b"\\ud800", b"\\udfff", b"\\ud800\\ud800", b"\\u0000", b"\\ufeff", b"\\uffff", b"\xe2\x80\xae"]
    for part in inside:
        shown = part.decode("latin-1").encode("unicode-escape").decode()
        yield Bad("encodings", f"query {shown}", body=b'{"query": "{ a%s }"}' % part)
        yield Bad("encodings", f"name {shown}", body=b'{"query": "{ __typename }", "operationName": "a%s"}' % part)
        yield Bad("encodings", f"id {shown}", body=b'{"documentId": "a%s"}' % part)
        body = b'{"query": "query($s: String!) { location(slug: $s) { id } }", "variables": {"s": "a%s"}}' % part
        yield Bad("encodings", f"variable {shown}", body=body)
        yield Bad("encodings", f"key {shown}", body=b'{"query": "{ __typename }", "variables": {"%s": 1}}' % part)
    for codec in ("utf-16", "utf-32", "utf-7", "utf-8-sig", "latin-1"):
        yield Bad("encodings", codec, body=FINE.decode().replace("{ ", "{ ü ").encode(codec))


def compressed() -> Iterator[Bad]:
    bomb = b'{"query": "' + b"#" * 20_000_000 + b'"}'
    made = {
        "gzip": gzip.compress(bomb),
        "deflate": zlib.compress(bomb),
        "br": brotli.compress(bomb, quality=5),
        "zstd": zstandard.compress(bomb),
        "identity, gzip": gzip.compress(FINE),
        "gzip, gzip": gzip.compress(gzip.compress(FINE)),
        "compress": FINE,
        "gzip ": FINE,
        "": b"",
        "\xff": FINE,
    }
    for encoding, body in made.items():
        headers = (*JSON, (b"content-encoding", encoding.encode("latin-1")))
        yield Bad("compression", repr(encoding), headers=headers, body=body)
        yield Bad("compression", f"{encoding!r} cut", headers=headers, body=body[: len(body) // 2])


def sizes() -> Iterator[Bad]:
    for size in (99_000, 100_000, 100_001, 1_000_000, 5_000_000):
        yield Bad("sizes", f"white space of {size}", body=FINE + b" " * size)
        yield Bad("sizes", f"comment of {size}", body=b'{"query": "{ a } #%s"}' % (b"x" * size))
        yield Bad("sizes", f"variable of {size}", body=b'{"query": "{ a }", "variables": {"a": "%s"}}' % (b"x" * size))
    yield Bad("sizes", "name", body=request("{ __typename }", operationName="a" * 90_000))
    yield Bad(
        "sizes", "unknown parameters", body=b'{"query": "{ a }"%s}' % b"".join(b',"k%d":0' % n for n in range(9_000))
    )
    yield Bad("sizes", "keys of variables", body=request("{ a }", {f"k{n}": 0 for n in range(8_000)}))
    for size in (1_000, 20_000, 40_000, 60_000):
        yield got("sizes", f"query string of {size}", query="{ a } #" + "x" * size)
        yield Bad("sizes", f"path of {size}", "GET", b"/graphql/" + b"a" * size, headers=())
        yield Bad("sizes", f"header of {size}", headers=(*JSON, (b"x-long", b"a" * size)), body=FINE)
        yield Bad("sizes", f"accept of {size}", headers=(*JSON, (b"accept", b"a/b," * (size // 4))), body=FINE)
    yield Bad("sizes", "headers", headers=(*JSON, *((b"x-%d" % n, b"a") for n in range(2_000))), body=FINE)
    yield Bad(
        "sizes", "fields of a query string", "GET", b"/graphql?" + b"&".join(b"a%d=1" % n for n in range(3_000)), ()
    )


def nesting() -> Iterator[Bad]:
    for depth in (90, 99, 101, 500, 1_000, 1_024, 5_000, 40_000):
        for opens, closes in ((b"[", b"]"), (b'{"a":', b"}")):
            value = opens * depth + (b"1" if opens != b"[" else b"") + closes * depth
            if len(value) < 99_000:
                yield Bad("nesting", f"{depth} of {opens.decode()}", body=value)
                for place in ("variables", "extensions"):
                    body = b'{"query": "{ __typename }", "%s": {"a": %s}}' % (place.encode(), value)
                    yield Bad("nesting", f"{depth} of {opens.decode()} in {place}", body=body)
        yield Bad("nesting", f"{depth} without an end", body=b"[" * depth)
    yield got("nesting", "in a query string", query="{ a }", variables="[" * 1_000 + "]" * 1_000)


def repeated() -> Iterator[Bad]:
    yield from bodies(
        "repetition",
        {
            "query twice": b'{"query": "{ a }", "query": "{ __typename }"}',
            "query, escaped": b'{"query": "{ a }", "qu\\u0065ry": "{ __typename }"}',
            "variables": b'{"query": "{ a }", "variables": {}, "variables": {"a": 1}}',
            "id": b'{"documentId": "a", "documentId": "b"}',
            "key 20,000 times": b'{"query": "{ a }", "a": {%s}}' % b",".join([b'"a":1'] * 15_000),
        },
    )
    for query in (
        b"query=a&query=b",
        b"documentId=a&documentId=b",
        b"variables={}&variables={}",
        b"&&&&",
        b"=",
        b"query",
    ):
        yield Bad("repetition", query.decode(), "GET", b"/graphql?" + query, headers=())
    yield Bad("repetition", "two ids", target=b"/graphql/a?documentId=b", body=b'{"documentId": "c"}')


def query_strings() -> Iterator[Bad]:
    strange = [b"query=%FF", b"query=%ED%A0%80", b"query=%", b"query=%zz", b"query=%00", b"query=%7B%00%7D", b"%FF=1"]
    strange += [
        b"query=%7Ba%7D&variables=%7B",
        b"query=%7Ba%7D&variables=null",
        b"query=%7Ba%7D&variables=1",
        b"?query=1",
    ]
    strange += [
        b"query=%7Ba%7D&extensions=%5B%5D",
        b"query=%7Ba%7D&operationName=%ED%BF%BF",
        b"extensions=%22a%22",
        b"",
    ]
    strange += [
        b"query=mutation%7Ba%7D",
        b"query=subscription%7Ba%7D",
        b"documentId=%00",
        b"documentId=../../etc",
        b"id=1",
    ]
    for query in strange:
        yield Bad("query strings", query.decode(), "GET", b"/graphql?" + query, headers=())
    for path in (
        b"/graphql/",
        b"/graphql//",
        b"/graphql/%00",
        b"/graphql/%FF",
        b"/graphql/%ED%A0%80",
        b"/graphql/a%2Fb",
    ):
        yield Bad("paths", path.decode(), "GET", path, headers=())
    for path in (b"/graphql/../admin", b"/graphql/sha256:zz", b"/graphql/:a", b"/graphql/" + b"%41" * 300):
        yield Bad("paths", path[:30].decode(), "GET", path, headers=())


def methods() -> Iterator[Bad]:
    for method in ("PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "MKCOL", "PURGE", "SEARCH", "QUERY"):
        yield Bad("methods", method, method, body=FINE)
    for method in ("OPTIONS", "HEAD"):
        yield Bad("methods", method, method, headers=())
    yield Bad("methods", "mutation", body=request("mutation { a }"))
    yield Bad("methods", "subscription", body=request("subscription { a }"))


def headers() -> Iterator[Bad]:
    types = [b"", b"text/plain", b"application/x-www-form-urlencoded", b"multipart/form-data; boundary=a", b"\xff"]
    types += [b"application/jsonp", b"application/graphql", b"application/json, text/plain", b"text/json", b"*/*", b";"]
    types += [b"application/json; charset=utf-16", b'application/json; charset="', b"application/json" + b";a" * 5_000]
    for value in types:
        yield Bad("headers", f"content-type {value[:40]!r}", headers=((b"content-type", value),), body=FINE)
    accepts = [
        b"text/html",
        b"*/*;q=0",
        b"application/json;q=nan",
        b"application/json;q=" + b"9" * 4_000,
        b",",
        b"\xff\xfe",
    ]
    accepts += [
        b"a" * 9_000,
        b"application/json;" * 3_000,
        b"*/*;q=1e5",
        b"application/json; charset=ebcdic",
        b'"',
        b"//",
    ]
    for value in accepts:
        yield Bad("headers", f"accept {value[:40]!r}", headers=(*JSON, (b"accept", value)), body=FINE)
    for name in (
        "graphql-client-name",
        "apollographql-client-version",
        "larder-developer-key",
        "x-request-id",
        "origin",
    ):
        for value in (
            b"\xff\xfe",
            b"a" * 5_000,
            b"\xed\xa0\x80",
            b"%00%0d%0a",
            b"'; DROP TABLE a; --",
            b"${jndi:ldap://a}",
        ):
            sent = (*JSON, (name.encode(), value))
            yield Bad("headers", f"{name} {value[:20]!r}", headers=sent, body=FINE)
    others = {
        "authorization": b"Bearer a.b.c",
        "cookie": b"a=" + b"b" * 5_000,
        "traceparent": b"00-zz",
        "if-none-match": b"W/",
    }
    others |= {
        "range": b"bytes=0-1",
        "expect": b"200-ok",
        "forwarded": b"for=\xff",
        "x-forwarded-for": b"a, \xff, 1.2.3.4.5",
    }
    others |= {
        "cache-control": b"max-age=" + b"9" * 5_000,
        "if-modified-since": b"yesterday",
        "accept-encoding": b"gzip;q=x,\xff",
    }
    others |= {
        "accept-language": b"\xff;q=1",
        "te": b"trailers, deflate",
        "upgrade": b"websocket",
        "max-forwards": b"x",
    }
    for name, value in others.items():
        yield Bad("headers", f"{name} {value[:20]!r}", headers=(*JSON, (name.encode(), value)), body=FINE)
    yield Bad(
        "headers", "accept twice", headers=(*JSON, (b"accept", b"text/html"), (b"accept", b"text/plain")), body=FINE
    )
    yield Bad("headers", "content-type twice", headers=(*JSON, (b"content-type", b"text/plain")), body=FINE)


def all_bodies() -> Iterator[Bad]:
    """Every case of this module."""
    for group in (not_json, wrong_types, encodings, compressed, sizes, nesting):
        yield from group()
    for group in (repeated, query_strings, methods, headers):
        yield from group()
