"""Where log lines go: JSON on the console, or into a file with only what needs somebody on the console."""

import re
from pathlib import Path
from typing import Any

import structlog

CONSOLE = "-"
# What stands behind these words in an address opens a film, a file or a certificate to whoever has it.
SECRET_ADDRESS = re.compile(r"(/(?:videos|files|verify)/[\w.~:%-]{6})[\w.~:%=-]+")

shared_processors = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso"),
]


def hide_tokens(logger: Any, method: str, event: dict[str, Any]) -> dict[str, Any]:
    """An address in a line keeps six characters of its token: enough to tell two apart, too few to open anything."""
    return {
        name: SECRET_ADDRESS.sub(r"\1…", value) if isinstance(value, str) else value for name, value in event.items()
    }


def _formatter(renderer: Any) -> dict[str, Any]:
    return {
        "()": structlog.stdlib.ProcessorFormatter,
        "processors": [
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            hide_tokens,
            renderer,
        ],
        "foreign_pre_chain": shared_processors,
    }


def configuration(*, level: str, file: str = CONSOLE) -> dict[str, Any]:
    """For logging.config. With a file the console is left to errors, in plain words."""
    if file == CONSOLE:
        handlers = {"console": {"class": "logging.StreamHandler", "formatter": "json"}}
    else:
        Path(file).parent.mkdir(parents=True, exist_ok=True)
        handlers = {
            "file": {
                "class": "logging.handlers.WatchedFileHandler", "filename": file, "formatter": "json",
                "encoding": "utf-8",
            },
            "console": {"class": "logging.StreamHandler", "formatter": "plain", "level": "ERROR"},
        }  # fmt: skip
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": _formatter(structlog.processors.JSONRenderer(ensure_ascii=False)),
            "plain": _formatter(structlog.dev.ConsoleRenderer(colors=False)),
        },
        "handlers": handlers,
        "root": {"handlers": list(handlers), "level": level},
        # uvicorn configures its own loggers first; here they join the others. Its access log is django-structlog's.
        "loggers": {
            "uvicorn": {"level": "INFO", "handlers": [], "propagate": True},
            "uvicorn.access": {"level": "WARNING", "handlers": [], "propagate": True},
            "PIL": {"level": "INFO"},
        },
    }
