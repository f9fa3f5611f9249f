"""The short-lived process that sends a digest through Apprise: nothing else in Dejashot opens a connection.

It reads one request as JSON from its standard input, so that addresses with their secrets stand in no argument list,
and answers with one JSON object per address on its standard output.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

from dejashot.reading.sandbox.private_memory import keep_memory_private

MAX_TEXT_AT = 200_000


def deliver(request: dict[str, Any]) -> list[dict[str, Any]]:
    """Return for each address whether it is understood, whether the message was sent, and if not why."""
    import apprise  # noqa: PLC0415 - an extra: not there unless it was asked for

    # no picture, link or name of another project in the messages, nothing kept on the disk
    asset = apprise.AppriseAsset(
        app_id="Dejashot",
        app_desc="Dejashot",
        app_url="",
        image_url_mask="",
        image_url_logo="",
        async_mode=False,
        secure_logging=True,
        storage_mode="memory",
    )
    return [_deliver(apprise, asset, url, request) for url in request["urls"]]


def _deliver(apprise: Any, asset: Any, url: str, request: dict[str, Any]) -> dict[str, Any]:
    """Send to one address, or only see whether it is understood."""
    try:
        service = apprise.Apprise.instantiate(url, asset=asset, suppress_exceptions=True)
        if service is None:
            return {"understood": False, "sent": False, "why": "the address is not understood"}
        if not request["send"]:
            return {"understood": True, "sent": False, "why": ""}
        with apprise.LogCapture(level=apprise.logging.WARNING) as warnings:
            courier = apprise.Apprise(asset=asset)
            courier.add(service)
            attached = request["page"] or None
            sent = courier.notify(
                body=_body(request), title=request["title"], body_format=apprise.NotifyFormat.TEXT, attach=attached
            )
            return {"understood": True, "sent": bool(sent), "why": "" if sent else _why(warnings.getvalue())}
    except Exception as error:  # noqa: BLE001 - Apprise passes on whatever a service's plugin raises
        return {"understood": True, "sent": False, "why": f"Apprise failed ({type(error).__name__})"}


def _body(request: dict[str, Any]) -> str:
    """Return the body of the message: the text form of the digest where it is wanted and there, else the counts."""
    try:
        text = Path(request["text"]).read_text(encoding="utf-8")[:MAX_TEXT_AT] if request["text"] else ""
    except OSError:
        text = ""
    if not text:
        return str(request["body"])
    return f"{text}\n{request['address']}\n" if request["address"] else text


def _why(warnings: str) -> str:
    """Return why a message was not sent; Apprise's warnings are not passed on, as they name hosts and accounts."""
    status = re.search(r"error\s*=\s*([1-5][0-9]{2})\b", warnings)
    if status:
        return f"the server refused it (status {status[1]})"
    if re.search(r"authenticat|login|unauthori[sz]ed|credential", warnings, re.IGNORECASE):
        return "the server refused the login"
    if re.search(r"connection|timed? ?out|resolve|unreachable|socket", warnings, re.IGNORECASE):
        return "the server could not be reached"
    return "it was not accepted"


if __name__ == "__main__":
    keep_memory_private()
    sys.stdout.write(json.dumps(deliver(json.load(sys.stdin))))
