"""Django's settings, made from the configuration."""

from __future__ import annotations

from typing import Any

from gateway.config import config
from gateway.databases import django_database
from gateway.signing import stored_secret
from gateway.sources import configured_sources
from sync.settings import Kept

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
    "procrastinate.contrib.django",
    "sync",
    "persisted_queries",
    "gateway.identity",
    "gateway.delivery",
    "catalog",
    *CONFIG.apps,
]
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
LARDER_MAX_PAGE = CONFIG.max_page
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

STATIC_URL = "static/"
SERVESTATIC_USE_FINDERS = True

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True

LARDER_TARGETS = CONFIG.targets
LARDER_SOURCES = configured_sources(CONFIG)
LARDER_GUARDS = CONFIG.guards
LARDER_KEPT = Kept(CONFIG.keep_runs_days, CONFIG.keep_answers_days, CONFIG.keep_history_days)
