"""Settings of a Django project that is not Larder's."""

from __future__ import annotations

import os
from pathlib import Path

from gateway.databases import django_database
from larder.django import ENGINE_APPS, engine_settings

BASE_DIR = Path(__file__).parent
SECRET_KEY = "of-the-project-alone"  # noqa: S105 - of a test
ALLOWED_HOSTS = ["*"]
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "shelf", *ENGINE_APPS]
MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
ROOT_URLCONF = "urls"
DATABASES = {"default": {**django_database(os.environ["STORE"]), "CONN_MAX_AGE": 60}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True

globals().update(engine_settings(DATABASES["default"], schema="shelf.graphql:schema", max_page=7))
