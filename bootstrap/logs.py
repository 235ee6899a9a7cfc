"""Log lines: JSON in production, readable in development; never a token or a password.

We log no query strings, headers or bodies, and silence those libraries that would.
"""

import logging
import sys

import structlog

from bootstrap.settings.choices import Environment, LogLevel
from bootstrap.settings.settings import Settings


def configure_logs(settings: Settings) -> None:
    """Send everything that is logged to standard error in one format."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    production = settings.env is Environment.PROD
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if production
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("synchub").setLevel(settings.log_level.upper())
    # At INFO, uvicorn logs the path of every WebSocket with its query, and so its token.
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    # It logs every request with its query, unless each of uvicorn's configurations says otherwise.
    logging.getLogger("uvicorn.access").disabled = True
    # They name what we ask for, or show frames, whatever level somebody gives the root.
    for name in ("asyncio", "httpcore", "httpx", "websockets"):
        logging.getLogger(name).setLevel(logging.WARNING)
    # While a broker is away, aiokafka logs it many times a second; synchub.broker does it once.
    aiokafka_level = logging.INFO if settings.log_level is LogLevel.DEBUG else logging.CRITICAL
    logging.getLogger("aiokafka").setLevel(aiokafka_level)
