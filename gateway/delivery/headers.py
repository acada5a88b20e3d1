"""What HTTP caches are told of an answer (RFC 9111), and the answer to a request on a condition."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from gateway.delivery.compression import Compression, compressed
from gateway.delivery.conditions import is_known
from gateway.delivery.hints import CachePolicy
from gateway.delivery.representations import Header, Representation, Representations, Response, described
from sync.surrogates import surrogate_keys

NO_STORE: tuple[Header, ...] = ((b"cache-control", b"no-store"),)
VARY = ("Accept", "Accept-Encoding")
REMEMBERED = 8192


@dataclass(frozen=True, slots=True, eq=False)
class Delivery:
    """How answers are sent and kept outside.

    vary: request headers that every answer to GET depends on, beside those of negotiation. identifying: those that
    private ones depend on. surrogate_max_age_seconds: how long a CDN that is purged may keep public answers; 0: as long
    as everybody.
    """

    compression: Compression
    vary: Sequence[str] = ()
    identifying: Sequence[str] = ("Authorization", "X-API-Key", "Cookie")
    stale_while_revalidate_seconds: int = 0
    stale_if_error_seconds: int = 0
    surrogate_max_age_seconds: int = 0

    def representations(self, body: bytes, policy: CachePolicy, heads: Iterable[str] = ()) -> Representations:
        """What is kept of an answer without errors. heads: names of those that it depends on."""
        return Representations(body, self._caching(policy, tuple(heads)))

    def _caching(self, policy: CachePolicy, heads: tuple[str, ...]) -> tuple[Header, ...]:
        names = (*VARY, *self.vary, *(self.identifying if policy.private else ()))
        vary = (b"vary", ", ".join(dict.fromkeys(names)).encode())
        if policy.private or not policy.max_age_seconds or not heads:
            return (vary,)
        return vary, (b"surrogate-key", surrogate_keys(heads).encode())

    def to_get(
        self,
        shown: Representation,
        policy: CachePolicy,
        if_none_match: str = "",
        *,
        seconds_to_change: float | None = None,
        age_seconds: int = 0,
    ) -> Response:
        """The answer to GET or HEAD: 304 where the client has it.

        seconds_to_change: until the first value in it changes by the clock alone, None for never. age_seconds: since
        it was last known to be what the store says, 0 for one whose heads were just compared.
        """
        right = None if seconds_to_change is None else max(int(seconds_to_change + age_seconds), 0)
        longest = within(policy.max_age_seconds, right)
        kept = NO_STORE if longest <= age_seconds else caching(self, longest, policy.private, age_seconds, right)
        if if_none_match and is_known(if_none_match, shown.etag):
            return Response(304, (*kept, *shown.caching), b"")
        if shown.got is None or shown.got[0] is not kept:
            shown.got = kept, Response(200, (*shown.content, *shown.caching, *kept), shown.body)
        return shown.got[1]

    @staticmethod
    def to_post(shown: Representation) -> Response:
        """The answer to POST, which nobody may keep.

        A cache could use it only for a later GET of the URL in a Content-Location (RFC 9110, section 9.3.3), and a POST
        to this endpoint has none.
        """
        if shown.posted is None:
            shown.posted = Response(200, (*shown.content, *NO_STORE), shown.body)
        return shown.posted

    @staticmethod
    async def once(status: int, body: bytes, media_type: str, encoding: str) -> Response:
        """An answer that is sent one time and kept by nobody: with errors, of a mutation, refused."""
        actual, sent = await compressed(body, encoding, kept=False)
        return Response(status, (*described(sent, media_type, actual), *NO_STORE), sent)


@lru_cache(REMEMBERED)
def caching(rules: Delivery, seconds: int, private: bool, age_seconds: int, right: int | None) -> tuple[Header, ...]:  # noqa: FBT001 - all are one key
    """Cache-Control, Age and Surrogate-Control of an answer that may be kept.

    right: the age at which a value in it changes by the clock, None for never; nobody is to give it after that.
    """
    said = [f"max-age={seconds}", "private" if private else "public"]
    stale = None if right is None else right - seconds
    if longest := within(rules.stale_while_revalidate_seconds, stale):
        said.append(f"stale-while-revalidate={longest}")
    if longest := within(rules.stale_if_error_seconds, stale):
        said.append(f"stale-if-error={longest}")
    surrogate = within(rules.surrogate_max_age_seconds, right)
    headers: list[Header] = [(b"cache-control", ", ".join(said).encode())]
    if age_seconds:
        headers.append((b"age", b"%d" % age_seconds))
    if surrogate and not private:
        headers.append((b"surrogate-control", b"max-age=%d" % surrogate))
    return tuple(headers)


def within(seconds: int, bound: int | None) -> int:
    """The seconds, but no more than the bound, None for none."""
    return seconds if bound is None else min(seconds, bound)
