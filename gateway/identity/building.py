"""Identity as the settings want it."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings as django_settings
from django.utils.module_loading import import_string

from gateway.config import Config
from gateway.errors import ConfigError
from gateway.identity.api_keys import ApiKeys
from gateway.identity.authenticators import Authenticator
from gateway.identity.grants import Grants, facets_only, stored_viewers
from gateway.identity.identification import Identification
from gateway.identity.keyring import KeyAddress, KeyFile, Keys
from gateway.identity.redis_grants import RedisGrants
from gateway.identity.sessions import Sessions
from gateway.identity.store import IdentityStore
from gateway.identity.tokens import Tokens
from persisted_queries.redis_link import RedisLink


@dataclass(frozen=True)
class Identity:
    """``identification``, and the connections that it works over; lives as long as the gateway does."""

    identification: Identification
    stores: Sequence[IdentityStore]
    redis: RedisLink | None

    async def open(self) -> None:
        """Begin; returns at once."""
        for store in self.stores:
            await store.open()
        await self.identification.open()

    async def close(self) -> None:
        """End."""
        await self.identification.close()
        if self.redis is not None:
            await self.redis.close()
        for store in self.stores:
            await store.close()


def build_identity(settings: Config, secret: str) -> Identity:
    """Identity of these settings. secret: seals what goes to Redis. Raises ``ConfigError``."""
    # Whoever makes credentials up gets as far as the second, and no further.
    store, strangers = (IdentityStore(settings.database_url, pooled=settings.pooled) for _ in range(2))
    redis = RedisLink(settings.redis_url) if settings.redis_url else None
    seconds = settings.viewer_seconds
    key = hmac.digest(secret.encode(), b"larder identity", "sha256")
    shared = RedisGrants(redis, secret=key, seconds=seconds) if redis is not None else None
    source = facets_only(named("LARDER_FACETS", settings.facets)) if settings.facets else stored_viewers(store)
    makers: dict[str, Callable[[], Authenticator | None]] = {
        "api-key": lambda: ApiKeys(store, strangers=strangers),
        "jwt": lambda: tokens(settings),
        "session": lambda: Sessions(seconds=settings.session_seconds),
    }
    made = [makers.get(name, lambda name=name: own(name))() for name in settings.authenticators]
    identification = Identification(
        [one for one in made if one is not None],
        Grants(source, shared, seconds=seconds),
        cookie_name=django_settings.SESSION_COOKIE_NAME if "session" in settings.authenticators else None,
        anonymous=settings.anonymous,
    )
    return Identity(identification, (store, strangers), redis)


def tokens(settings: Config) -> Tokens | None:
    """What verifies tokens, None where no keys are named."""
    keys: Keys
    if settings.jwks_url is not None:
        keys = KeyAddress(
            settings.jwks_url, every_seconds=settings.jwks_seconds, kept_seconds=settings.jwks_kept_seconds
        )
    elif settings.jwt_keys is not None:
        keys = KeyFile(settings.jwt_keys)
    else:
        return None
    return Tokens(
        keys,
        settings.jwt_issuer or "",
        settings.jwt_audience,
        algorithms=settings.jwt_algorithms,
        leeway_seconds=settings.jwt_leeway_seconds,
        facets={facet.strip(): claim.strip() for facet, _, claim in (p.partition("=") for p in settings.jwt_facets)},
    )


def own(path: str) -> Authenticator:
    """The authenticator that a user's function or class makes."""
    made: Authenticator = named("LARDER_AUTHENTICATORS", path)()
    return made


def named(setting: str, path: str) -> Any:
    """The object at ``package.module:name``."""
    try:
        return import_string(path.replace(":", "."))
    except ImportError as error:
        raise ConfigError(setting, f"{path} cannot be imported: {error}") from error
