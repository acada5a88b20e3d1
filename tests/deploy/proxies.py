"""deploy/nginx.conf under a real nginx, on free ports and with a certificate of its own."""

from __future__ import annotations

import asyncio
import ipaddress
import os
import shutil
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.acceptance.processes import free_port

DEPLOY = Path(__file__).parents[2] / "deploy"
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
PATIENCE_SECONDS = 20
WRAPPER = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
{first}
events {{ worker_connections 1024; }}
http {{
    include /etc/nginx/mime.types;
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/conf.d/*.conf;
}}
"""

needs_nginx = pytest.mark.skipif(NGINX is None, reason="nginx is not installed (Debian: nginx-light)")


@dataclass(frozen=True, slots=True)
class Front:
    """Addresses of a running nginx, the certificate that vouches for the first, and the folder of its logs."""

    url: str
    plain_url: str
    certificate: Path
    folder: Path

    @property
    def trust(self) -> ssl.SSLContext:
        """What believes the certificate."""
        return ssl.create_default_context(cafile=self.certificate)


@asynccontextmanager
async def nginx(gateways: Sequence[str], folder: Path, modules: Sequence[Path] = ()) -> AsyncIterator[Front]:
    """nginx in front of ``gateways``, which are host:port; with ``modules``, also with what needs them."""
    port, plain = free_port(), free_port()
    (folder / "conf.d").mkdir()
    (folder / "cache").mkdir()
    write_certificate(folder)
    place(
        folder / "conf.d" / "larder.conf",
        "nginx.conf",
        {
            "listen 443 ssl http2;": f"listen 127.0.0.1:{port} ssl http2;",
            "listen 80;": f"listen 127.0.0.1:{plain};",
            "/var/cache/nginx/larder": f"{folder}/cache",
            "/var/log/nginx/access.log": f"{folder}/access.log",
            "/etc/nginx/tls/": f"{folder}/",
        },
    )
    place(folder / "conf.d" / "gateways.conf", "nginx-gateways.conf", placed(gateways))
    if modules:
        place(folder / "conf.d" / "brotli.conf", "nginx-brotli.conf", {})
    first = "".join(f"load_module {module};\n" for module in modules)
    if os.getuid() == 0:
        first += "user root;\n"
    (folder / "nginx.conf").write_text(WRAPPER.format(folder=folder, first=first))
    process = await asyncio.create_subprocess_exec(
        str(NGINX), "-p", folder, "-c", folder / "nginx.conf", stderr=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not await listens(port):
                assert process.returncode is None, (await process.communicate())[1].decode()
                await asyncio.sleep(0.05)
        yield Front(f"https://127.0.0.1:{port}", f"http://127.0.0.1:{plain}", folder / "larder.crt", folder)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


def place(path: Path, name: str, here: dict[str, str]) -> None:
    """Write a file of deploy/ with what is elsewhere on this machine."""
    text = (DEPLOY / name).read_text(encoding="utf-8")
    for there, instead in here.items():
        assert there in text, f"{name} has no {there}"
        text = text.replace(there, instead)
    path.write_text(text, encoding="utf-8")


def placed(gateways: Sequence[str]) -> dict[str, str]:
    """The servers of nginx-gateways.conf, and those instead."""
    lines = ("    server {} max_fails=3 fail_timeout=2s;\n", "    server {} backup max_fails=0;\n")
    return {
        "".join(line.format(f"127.0.0.1:{port}") for port in (8000, 8001)): "".join(map(line.format, gateways))
        for line in lines
    }


def write_certificate(folder: Path) -> None:
    """larder.crt, which vouches for itself, and larder.key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "larder")])
    at = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(at - timedelta(hours=1))
        .not_valid_after(at + timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "larder.crt").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "larder.key").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


async def listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True
