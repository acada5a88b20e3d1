"""What Django serves behind the endpoint: the admin, to look at the store."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.urls import path

# Accounts are made on the command line: the admin shows and changes nothing.
admin.site.unregister([User, Group])
admin.site.site_header = admin.site.site_title = "Larder"
admin.site.index_title = "The store, to look at"

urlpatterns = [path("admin/", admin.site.urls)]
