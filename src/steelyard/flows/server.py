"""Prefect in this process: its settings, and its server in a thread that ends with the process.

Prefect's own way starts the server as another process, which outlives a flow that is killed. Here
nothing is left, no account is asked for and nothing leaves the machine. Whoever runs a server says
so in ``PREFECT_API_URL``, and it is used.
"""

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from steelyard.flows.partitions import PanelError

HOME = Path("build/prefect")
LOG = "flow.log"
_ADDRESS = "PREFECT_API_URL"
_SECONDS_TO_START = 180
_SETTINGS = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    # A server that is a process of its own would outlive a killed flow.
    "PREFECT_SERVER_EPHEMERAL_ENABLED": "false",
    "PREFECT_UI_ENABLED": "false",
    "PREFECT_API_BLOCKS_REGISTER_ON_START": "false",
    "PREFECT_LOGGING_TO_API_ENABLED": "false",
    "PREFECT_LOGGING_SETTINGS_PATH": str(Path(__file__).with_name("logging.yml")),
}


@contextmanager
def prefect_here(home: Path = HOME, *, schedules: bool = False) -> Iterator[None]:
    """Let flows run in this process, with a server of their own where none is named.

    Call it once a process, and import nothing of Prefect before: it reads its settings when it is
    imported. Settings in the environment have precedence.

    Parameters
    ----------
    home
        Prefect's folder: its database of runs, and its log.
    schedules
        Let the server start scheduled runs, too.

    Raises
    ------
    PanelError
        If the server does not start.
    """
    home.mkdir(parents=True, exist_ok=True)
    for name, value in {**_SETTINGS, "PREFECT_HOME": str(home.resolve())}.items():
        os.environ.setdefault(name, value)
    if os.environ.get(_ADDRESS):
        yield
        return
    with socket.socket() as seat:
        seat.bind(("127.0.0.1", 0))
        os.environ[_ADDRESS] = f"http://127.0.0.1:{seat.getsockname()[1]}/api"
        try:
            with _server(seat, home, schedules=schedules):
                yield
        finally:
            del os.environ[_ADDRESS]


@contextmanager
def _server(seat: socket.socket, home: Path, *, schedules: bool) -> Iterator[None]:
    # Prefect takes seconds to import, and reads its settings as it is.
    import uvicorn  # noqa: PLC0415
    from prefect.server.api.server import create_app  # noqa: PLC0415

    app = create_app(ephemeral=not schedules, ignore_cache=True)
    config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="on", loop="asyncio")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([seat],), daemon=True)
    thread.start()
    until = time.monotonic() + _SECONDS_TO_START
    while not server.started and thread.is_alive() and time.monotonic() < until:
        time.sleep(0.02)
    try:
        if not server.started:
            raise PanelError(f"Prefect's server did not start; {home / LOG} says why")
        yield
    finally:
        server.should_exit = True
        thread.join(timeout=10)
