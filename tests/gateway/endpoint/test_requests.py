"""Requests: exact bytes in, and the request or the refusal that they make."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateway.endpoint.errors import ClientGone, RequestError
from gateway.endpoint.requests import (
    OVERHEAD_BYTES,
    REMEMBERED_BYTES,
    REMEMBERED_EACH,
    Batch,
    GraphQLRequest,
    RequestReader,
    RequestRules,
    header,
    headers_of,
)

JSON = (b"content-type", b"application/json")
SAMPLE = b'{"query": "{ a }"}'


def scope(method: str = "POST", query: bytes = b"", *headers: tuple[bytes, bytes]) -> dict[str, Any]:
    return {"type": "http", "method": method, "query_string": query, "headers": list(headers) or [JSON]}


class Body:
    """Receives a body in parts; ``received`` counts them."""

    def __init__(self, *parts: bytes, ends: bool = True) -> None:
        self.parts = parts or (b"",)
        self.ends = ends
        self.received = 0

    async def __call__(self) -> dict[str, Any]:
        self.received += 1
        if self.received > len(self.parts):
            return {"type": "http.disconnect"}
        more = self.received < len(self.parts) or not self.ends
        return {"type": "http.request", "body": self.parts[self.received - 1], "more_body": more}


async def read(scope: dict[str, Any], body: Body) -> GraphQLRequest:
    request = await RequestReader().read(scope, body)
    assert isinstance(request, GraphQLRequest)
    return request


async def refusal(reader: RequestReader, scope: dict[str, Any], body: Body) -> RequestError:
    with pytest.raises(RequestError) as caught:
        await reader.read(scope, body)
    return caught.value


async def test_a_body_in_parts() -> None:
    request = await read(scope(), Body(SAMPLE[:5], b"", SAMPLE[5:]))

    assert request == GraphQLRequest({"query": "{ a }"})


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_a_query_string(method: str) -> None:
    query = b"query=%7B+a+%7D&operationName=&variables=%7B%22a%22%3A1%7D&extensions=null"

    request = await read(scope(method, query), Body())

    assert request.parameters == {"query": "{ a }", "variables": {"a": 1}, "extensions": None}
    assert (request.variables, request.operation_name, request.by_get) == ({"a": 1}, None, True)


async def test_the_same_bytes_are_parsed_once() -> None:
    reader = RequestReader()

    posts = [await reader.read(scope(), Body(SAMPLE)) for _ in range(2)]
    gets = [await reader.read(scope("GET", b"query=a"), Body()) for _ in range(2)]

    assert posts[0] is posts[1]
    assert gets[0] is gets[1]
    assert posts[0] != gets[0]


async def test_the_same_body_under_another_path_or_query_string_is_another_request() -> None:
    reader = RequestReader()

    plain = await reader.read(scope(), Body(b"{}"))
    at_path = await reader.read(scope(), Body(b"{}"), "abc")
    named = await reader.read(scope("POST", b"documentId=def"), Body(b"{}"))

    assert [plain, at_path, named] == [
        GraphQLRequest({}),
        GraphQLRequest({}, path_id="abc"),
        GraphQLRequest({"documentId": "def"}),
    ]


@pytest.mark.parametrize("size", [REMEMBERED_EACH - len(SAMPLE), REMEMBERED_EACH])
async def test_a_long_body_is_not_remembered(size: int) -> None:
    reader, data = RequestReader(), SAMPLE + b" " * size

    first, second = [await reader.read(scope(), Body(data)) for _ in range(2)]

    assert first == second
    assert (first is second) == (len(data) <= REMEMBERED_EACH)


async def test_a_body_of_many_objects_is_not_remembered() -> None:
    reader, data = RequestReader(), json.dumps({"query": "{ a }", "variables": {"a": [{}] * 70}}).encode()

    first, second = [await reader.read(scope(), Body(data)) for _ in range(2)]

    assert first == second
    assert first is not second


@pytest.mark.parametrize("name", ["query", "documentId", "doc_id", "id"])
async def test_what_no_protocol_knows_is_dropped(name: str) -> None:
    parameters = {name: "a", "variables": {"b": 1}, "extensions": {"c": 1}, "operationName": "A"}
    data = json.dumps({**parameters, "unknown": "b" * 1000, "Query": {}}).encode()
    query = b"extensions={%22c%22:1}&operationName=A&variables={%22b%22:1}&unknown=b&Query={}&" + name.encode() + b"=a"

    posted, got = await read(scope(), Body(data)), await read(scope("GET", query), Body())
    batch = await RequestReader(RequestRules(batch=1)).read(scope(), Body(b"[" + data + b"]"))

    assert posted == GraphQLRequest(parameters, {"b": 1}, "A", {"c": 1})
    assert got.parameters == parameters
    assert batch == Batch((posted,))


NAMED = [
    b'{"query": "a"}',
    b'{"documentId": "a"}',
    b'{"doc_id": "a"}',
    b'{"id": "a"}',
    b'{"extensions": {"persistedQuery": 1}}',
]
NAMELESS = [b"{}", b'{"query": ""}', b'{"query": null, "variables": {"a": 1}}', b'{"a": "b"}', b'{"extensions": {}}']


@pytest.mark.parametrize("data", NAMED + NAMELESS)
async def test_only_what_names_a_document_is_remembered(data: bytes) -> None:
    reader = RequestReader(RequestRules(batch=2))

    for body in (data, b"[" + data + b"]", b"[" + data + b"," + SAMPLE + b"]"):
        first, second = [await reader.read(scope(), Body(body)) for _ in range(2)]
        assert first == second
        assert (first is second) == (data in NAMED)


async def test_a_batch_with_a_refusal_is_not_remembered() -> None:
    reader, data = RequestReader(RequestRules(batch=2)), b"[" + SAMPLE + b", 1]"

    first, second = [await reader.read(scope(), Body(data)) for _ in range(2)]

    assert first is not second


@pytest.mark.parametrize("path_id", [None, "abc"])
async def test_a_query_string_is_remembered_if_it_names_a_document(path_id: str | None) -> None:
    reader = RequestReader()

    first, second = [await reader.read(scope("GET", b"abc"), Body(), path_id) for _ in range(2)]

    assert (first is second) == (path_id is not None)


@pytest.mark.parametrize(("method", "requests"), [("GET", 1), ("POST", 1), ("POST", 10)])
async def test_small_requests_are_not_kept_for_what_their_bytes_weigh_alone(method: str, requests: int) -> None:
    reader = RequestReader(RequestRules(batch=10))

    async def send(number: int) -> GraphQLRequest | Batch:
        if method == "GET":
            return await reader.read(scope("GET", b"id=%d" % number), Body())
        each = b'{"id": "%d"}' % number
        return await reader.read(scope(), Body(each if requests == 1 else b"[" + b",".join([each] * requests) + b"]"))

    first = await send(0)
    assert await send(0) is first
    for number in range(1, REMEMBERED_BYTES // OVERHEAD_BYTES // requests + 1):
        await send(number)

    assert await send(0) is not first


async def test_a_refusal_is_not_remembered() -> None:
    reader = RequestReader()

    for _ in range(2):
        assert (await refusal(reader, scope(), Body(b"[]"))).status == 400


DEEP = '{"query": "{ a }", "variables": {"a": %s}}'
BAD: list[tuple[bytes, str]] = [
    (b"\xef\xbb\xbf{}", "the body is not JSON"),
    (b'{"query": "\xff"}', "the body is not JSON"),
    (b'{"query": "\xed\xa0\x80"}', "the body is not JSON"),
    (b'{"query": "{ a }", "operationName": "\\ud800"}', "the body is not JSON"),
    (b'{"query": "{ a }", "variables": {"a": "\\udfff"}}', "the body is not JSON"),
    (b'{"query": "{ a }", "variables": {"\\udfff": 1}}', "the body is not JSON"),
    (b'{"query": "{ a }", "variables": {"a": NaN}}', "the body is not JSON"),
    (b'{"query": "{ a }", "variables": {"a": 1' + b"0" * 5000 + b"}}", "the body is not JSON"),
    ("{}".encode("utf-16"), "the body is not JSON"),
    ((DEEP % ("[" * 99 + "]" * 99)).encode(), "the body is nested deeper than 100 levels"),
    ((DEEP % ('{"a":' * 500 + "1" + "}" * 500)).encode(), "the body is nested deeper than 100 levels"),
    ((DEEP % ("[" * 5000 + "]" * 5000)).encode(), "the body is not JSON"),
    (b'{"query": "{ a }", "query": "{ b }"}', "query is given 2 times"),
    (b'{"query": "{ a }", "qu\\u0065ry": "{ b }"}', "query is given 2 times"),
    (b'{"query": "{ a }", "id": "a", "id": "a", "id": "b"}', "id is given 3 times"),
    (b'{"\\u0061": 1, "a": 12345678901234567890123456789}', "a is given 2 times"),
]


@pytest.mark.parametrize(("data", "message"), BAD)
async def test_a_body_that_nobody_may_read_in_two_ways(data: bytes, message: str) -> None:
    error = await refusal(RequestReader(), scope(), Body(data))

    assert (error.status, error.code) == (400, "BAD_REQUEST")
    assert error.message.startswith(message)


@pytest.mark.parametrize(
    "data",
    [
        (DEEP % ("[" * 98 + "]" * 98)).encode(),
        (DEEP % ("[" + "[],{}," * 500 + "1]")).encode(),
        b'{"query": "{ a }", "variables": {"query": 1, "id": 1, "x": {"id": 1}}}',
        b'{"query": "{ a(b: \\"query\\") }", "variables": {"query": "\\u00e9"}}',
        b'{"query": "{ a }", "variables": {"a": 123456789012345678901234567890}}',
    ],
)
async def test_a_body_that_only_looks_bad(data: bytes) -> None:
    assert (await read(scope(), Body(data))).parameters == json.loads(data, parse_int=float)


@pytest.mark.parametrize(
    ("query", "status", "message"),
    [
        (b"query=a&query=a", 400, "query is given 2 times"),
        (b"query=%ED%A0%80", 400, "the query string is not well-formed UTF-8 form data"),
        (b"query=\xc3\xa9", 400, "the query string is not well-formed UTF-8 form data"),
        (b"a=1&" * 40, 400, "the query string is not well-formed UTF-8 form data"),
        (b"query=a&variables=%5B%5D", 400, "variables must be a JSON object, not an array"),
        (b"query=a&variables=" + b"%5B" * 200 + b"%5D" * 200, 400, "variables is nested deeper than 100 levels"),
        (b"query=" + b"a" * 32_768, 414, "the query string is larger than 32768 bytes"),
    ],
)
async def test_a_query_string_that_is_no_request(query: bytes, status: int, message: str) -> None:
    error = await refusal(RequestReader(), scope("GET", query), Body())

    assert (error.status, error.message) == (status, message)


@pytest.mark.parametrize(
    "content_type",
    [
        b"application/json",
        b"Application/JSON",
        b"application/json;charset=utf-8",
        b'application/json ; Charset = "UTF-8"',
        b"application/json; charset=utf8; x=y",
    ],
)
async def test_content_types_of_json(content_type: bytes) -> None:
    request = await read(scope("POST", b"", (b"content-type", content_type)), Body(SAMPLE))

    assert request == GraphQLRequest({"query": "{ a }"})


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ([(b"x", b"y")], "send application/json, not 'nothing'"),
        ([(b"content-type", b"application/jsonp")], "send application/json, not 'application/jsonp'"),
        ([(b"content-type", b"text/plain, application/json")], "send application/json, not 'text/plain, applicatio"),
        ([(b"content-type", b"text/plain"), JSON], "send application/json, not 'text/plain, application/json'"),
        ([(b"content-type", b"application/json; charset=latin-1")], "send JSON in utf-8, not in 'latin-1'"),
        ([(b"content-type", b"application/json\xff")], "send application/json, not 'application/json\xff'"),
        ([JSON, (b"content-encoding", b"gzip")], "send the body without a content encoding"),
    ],
)
async def test_a_media_type_that_is_not_read(headers: list[tuple[bytes, bytes]], message: str) -> None:
    error = await refusal(RequestReader(), scope("POST", b"", *headers), Body(SAMPLE))

    assert (error.status, error.code) == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert error.message.startswith(message)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "get"])
async def test_another_method_is_told_what_is_allowed(method: str) -> None:
    error = await refusal(RequestReader(), scope(method), Body())

    assert (error.status, error.headers) == (405, ((b"allow", b"GET, HEAD, POST, OPTIONS"),))


async def test_a_body_above_the_limit_is_read_a_little_further_before_the_refusal() -> None:
    reader = RequestReader(RequestRules(max_body_bytes=100))
    little, endless = Body(b" " * 100, b" " * 100), Body(*[b" " * 100] * 50)

    small, large = await refusal(reader, scope(), little), await refusal(reader, scope(), endless)

    assert (small.status, small.code, small.headers) == (413, "REQUEST_TOO_LARGE", ())
    assert (large.status, large.headers) == (413, ((b"connection", b"close"),))
    assert little.received == 2
    assert endless.received == 11


async def test_a_client_that_goes_away() -> None:
    for body in (Body(b"{", ends=False), Body(b"{", b"}", ends=False)):
        error = await refusal(RequestReader(), scope(), body)

        assert isinstance(error, ClientGone)
        assert (error.status, error.code) == (499, "CLIENT_CLOSED_REQUEST")


async def test_an_array_is_a_batch_only_where_that_is_set() -> None:
    data = b'[{"query": "{ a }"}, 1, {"query": 1}]'

    refused = await refusal(RequestReader(), scope(), Body(data))
    batch = await RequestReader(RequestRules(batch=3)).read(scope(), Body(data))

    assert refused.message == "the body must be a JSON object, not an array"
    assert isinstance(batch, Batch)
    assert batch.requests[0] == GraphQLRequest({"query": "{ a }"})
    assert [str(error) for error in batch.requests[1:]] == [
        "400 BAD_REQUEST: a request must be a JSON object, not a number",
        "400 BAD_REQUEST: query must be text, not a number",
    ]


@pytest.mark.parametrize("data", [b"[]", b"[" + b"{}," * 3 + b"{}]"])
async def test_a_batch_of_none_or_too_many_is_refused(data: bytes) -> None:
    error = await refusal(RequestReader(RequestRules(batch=3)), scope(), Body(data))

    assert error.message == f"a batch has 1 to 3 requests, not {data.count(b'{')}"


async def test_a_request_of_a_batch_has_each_parameter_once() -> None:
    data = b'[{"query": "{ a }"}, {"query": "{ a }", "query": "{ b }"}]'

    error = await refusal(RequestReader(RequestRules(batch=3)), scope(), Body(data))

    assert error.message == "query is given 2 times"


def test_a_header_that_came_repeatedly_is_one_list() -> None:
    headers = [(b"accept", b"text/html"), (b"cookie", b"a=1"), (b"accept", b"*/*"), (b"cookie", b"b=2")]

    assert headers_of(scope("GET", b"", *headers)) == {b"accept": b"text/html, */*", b"cookie": b"a=1; b=2"}


def test_every_byte_of_a_header_is_text() -> None:
    assert header(scope("GET", b"", (b"x", bytes(range(256)))), b"x") == bytes(range(256)).decode("latin-1")
