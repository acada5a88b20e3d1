"""Django's settings, made from the configuration."""

from __future__ import annotations

from typing import Any

from gateway.config import config
from gateway.databases import django_database
from gateway.engine_settings import ENGINE_APPS, engine_settings
from gateway.signing import stored_secret
from sync.settings import Kept, SourceSettings

CONFIG = config()

DEBUG = CONFIG.debug
SECRET_KEY = CONFIG.secret_key or stored_secret(CONFIG.data_dir)
ALLOWED_HOSTS = list(CONFIG.allowed_hosts)

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "servestatic",
    *ENGINE_APPS,
    *CONFIG.installed_apps,
]
INSTALLED_APPS = list(dict.fromkeys(INSTALLED_APPS))  # LARDER_APPS may name one of Django's
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "servestatic.middleware.ServeStaticMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
ROOT_URLCONF = "gateway.urls"
DATABASES = {"default": django_database(CONFIG.database_url, pooled=CONFIG.pooled)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

STATIC_URL = "static/"
SERVESTATIC_USE_FINDERS = True

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True

ENGINE = engine_settings(CONFIG)
LARDER_MAX_PAGE: int = ENGINE["LARDER_MAX_PAGE"]
LARDER_TARGETS: str | None = ENGINE["LARDER_TARGETS"]
LARDER_SOURCES: dict[str, SourceSettings] = ENGINE["LARDER_SOURCES"]
LARDER_GUARDS: bool = ENGINE["LARDER_GUARDS"]
LARDER_KEPT: Kept = ENGINE["LARDER_KEPT"]
