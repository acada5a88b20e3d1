"""deploy/compose.yaml: what it mounts is there, what it sets is a setting, what it says fits the other files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
import yaml
from pathspec import GitIgnoreSpec

from gateway.cli import app
from gateway.config import Config, setting_names
from sync.settings import read_sources

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
SETTINGS = {name for field in Config.model_fields for name in setting_names(field)}
DATABASE = "postgresql://larder:secret@postgres/larder"


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def larders(compose: dict[str, Any]) -> dict[str, Any]:
    """The services that run Larder's own image."""
    return {name: service for name, service in compose["services"].items() if service["image"] == "larder"}


def configured(service: Mapping[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Config:
    """The settings of a container, with its files where they are here."""
    for name, value in service.get("environment", {}).items():
        told = re.sub(r"\$\{\w+:-(.*)\}", r"\1", value)
        monkeypatch.setenv(name, told.replace("/srv/larder/", f"{DEPLOY}/"))
    monkeypatch.setenv("LARDER_DATABASE_URL", DATABASE)
    monkeypatch.setenv("LARDER_DATA_DIR", str(tmp_path))
    return Config()


def test_every_setting_exists_and_has_a_value_that_can_be_used(
    larders: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for service in larders.values():
        assert service.get("environment", {}).keys() <= SETTINGS
        for name in SETTINGS:
            monkeypatch.delenv(name, raising=False)
        configured(service, monkeypatch, tmp_path)


def test_every_command_exists(larders: dict[str, Any]) -> None:
    known = {
        command.name or command.callback.__name__ for command in app.registered_commands if command.callback is not None
    }

    assert {service["command"][0] for service in larders.values()} == {"serve", "worker", "migrate", "simulate"}
    assert {service["command"][0] for service in larders.values()} <= known


def test_every_file_that_is_mounted_is_there(compose: dict[str, Any]) -> None:
    mounted = [
        volume.split(":")[0] for service in compose["services"].values() for volume in service.get("volumes", [])
    ]
    files = [name for name in mounted if name.startswith(".")]

    assert len(files) > 3
    for name in files:
        assert (DEPLOY / name).is_file(), name
    assert {name for name in mounted if not name.startswith(".")} == compose["volumes"].keys()
    contexts = {service["build"]["context"] for service in compose["services"].values() if "build" in service}
    assert [(DEPLOY / context / "Dockerfile").is_file() for context in contexts] == [True]


def test_secrets_are_files_that_leave_the_machine_in_no_package(compose: dict[str, Any]) -> None:
    used = {
        secret if isinstance(secret, str) else secret["source"]
        for service in compose["services"].values()
        for secret in service.get("secrets", [])
    }

    assert used == compose["secrets"].keys()
    # Neither git nor an sdist takes what these lines name.
    ignored = GitIgnoreSpec.from_lines((ROOT / ".gitignore").read_text(encoding="utf-8").splitlines())
    for secret in compose["secrets"].values():
        assert ignored.match_file(Path("deploy") / secret["file"])
    assert not re.search(r"(PASSWORD|SECRET|TOKEN|KEY):", (DEPLOY / "compose.yaml").read_text(encoding="utf-8"))


def test_what_waits_for_a_service_can(compose: dict[str, Any]) -> None:
    services = compose["services"]
    for name, service in services.items():
        for other, how in service.get("depends_on", {}).items():
            if how["condition"] == "service_healthy":
                assert services[other]["healthcheck"].get("test"), f"{name} waits for {other}, which tells no health"
            else:
                assert how["condition"] == "service_completed_successfully"
                assert services[other]["restart"] == "no"
    assert services["gateway-1"]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}


def test_root_file_systems_are_read_only_and_nobody_gains_rights(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert service["read_only"] is True, name
        assert "no-new-privileges:true" in service["security_opt"], name
        assert service["tmpfs"], name


def test_only_workers_reach_suppliers_and_only_nginx_is_published(compose: dict[str, Any]) -> None:
    networks, services = compose["networks"], compose["services"]
    inside = {name for name, network in networks.items() if network.get("internal")}

    assert inside == {"front", "store"}
    assert {name for name, service in services.items() if "ports" in service} == {"nginx"}
    assert {name for name, service in services.items() if set(service["networks"]) - inside} == {
        "nginx",
        "worker",
        "supplier",
    }


def test_nginx_finds_the_gateways_and_they_believe_it(
    compose: dict[str, Any], larders: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    [subnet] = [ip_network(each["subnet"]) for each in compose["networks"]["front"]["ipam"]["config"]]
    given = {
        name: service["networks"]["front"]["ipv4_address"]
        for name, service in compose["services"].items()
        if "front" in service["networks"]
    }
    upstream = (DEPLOY / "compose-gateways.conf").read_text(encoding="utf-8")

    assert {f"{address}:8000" for name, address in given.items() if name != "nginx"} == set(
        re.findall(r"^ *server (\S+)", upstream, re.MULTILINE)
    )
    assert all(ip_address(address) in subnet for address in given.values())
    gateway = configured(larders["gateway-1"], monkeypatch, tmp_path)
    assert gateway.trusted_proxies == (given["nginx"],)


def test_a_gateway_may_finish_before_it_is_killed(
    larders: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    gateway = configured(larders["gateway-1"], monkeypatch, tmp_path)

    assert gateway.drain_seconds + gateway.grace_seconds < seconds(larders["gateway-1"]["stop_grace_period"])


def test_files_are_where_the_image_looks_for_them(larders: dict[str, Any]) -> None:
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    [folder] = re.findall(r"^WORKDIR (/srv\S+)", dockerfile, re.MULTILINE)
    [user] = re.findall(r"^USER (\d+):", dockerfile, re.MULTILINE)
    [data] = re.findall(r"LARDER_DATA_DIR=(\S+)", dockerfile)

    for service in larders.values():
        assert f"{data}:uid={user},gid={user},mode=0700" in service["tmpfs"]
        assert [secret["target"] for secret in service["secrets"]] in ([], [f"{folder}/.env"])
        if sources := service.get("environment", {}).get("LARDER_SOURCES"):
            assert service["volumes"] == [f"./sources.toml:{sources}:ro"]


def test_the_sources_can_be_read(compose: dict[str, Any]) -> None:
    sources = read_sources(DEPLOY / "sources.toml", "http://unused")

    assert [source.url for source in sources.values()] == ["http://supplier:8100"]
    assert "supplier" in compose["services"]


def seconds(text: str) -> int:
    assert text.endswith("s")
    return int(text[:-1])
