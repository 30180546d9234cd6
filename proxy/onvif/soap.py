"""SOAP envelopes and what comes back in them. Pure but for the random nonce that is handed in.

What a camera answers is not to be trusted: it is parsed without entities, external references or document types.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element, ParseError
from xml.sax.saxutils import escape

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

DEVICE = "http://www.onvif.org/ver10/device/wsdl"
MEDIA = "http://www.onvif.org/ver10/media/wsdl"
_SCHEMA = "http://www.onvif.org/ver10/schema"
_ENVELOPE = "http://www.w3.org/2003/05/soap-envelope"
_SECURITY = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
_UTILITY = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
_DIGEST = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordDigest"


class Malformed(Exception):
    """Something else than a camera's answer."""


class Fault(Exception):
    """The camera says no; ``denied`` is whether for want of a user and password."""

    def __init__(self, reason: str, *, denied: bool) -> None:
        super().__init__(reason)
        self.denied = denied


@dataclass(frozen=True, slots=True)
class Credentials:
    """A user of the camera."""

    user: str
    password: str = field(repr=False)


def envelope(body: str, *, security: str = "") -> bytes:
    """A request with ``body``, an element of its own."""
    header = f"<s:Header>{security}</s:Header>" if security else ""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="{_ENVELOPE}" xmlns:tds="{DEVICE}" xmlns:trt="{MEDIA}" '
        f'xmlns:tt="{_SCHEMA}">{header}<s:Body>{body}</s:Body></s:Envelope>'
    ).encode()


def security(credentials: Credentials, *, nonce: bytes, created: str) -> str:
    """The header that proves the password without telling it; ``created`` is the camera's own time, ``2026-01-31T12:00:00Z``."""
    digest = hashlib.sha1(nonce + created.encode() + credentials.password.encode(), usedforsecurity=False).digest()
    return (
        f'<w:Security s:mustUnderstand="1" xmlns:w="{_SECURITY}" xmlns:u="{_UTILITY}"><w:UsernameToken>'
        f"<w:Username>{escape(credentials.user)}</w:Username>"
        f'<w:Password Type="{_DIGEST}">{base64.b64encode(digest).decode()}</w:Password>'
        f"<w:Nonce>{base64.b64encode(nonce).decode()}</w:Nonce><u:Created>{created}</u:Created>"
        f"</w:UsernameToken></w:Security>"
    )


def parsed(answer: bytes) -> Element:
    """The root of what came back.

    Raises:
        Malformed: it is no XML, or of a kind that is not to be read.
        Fault: the camera says no.
    """
    try:
        root: Element = fromstring(answer, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise Malformed("no XML that can be read") from error
    fault = first(root, "Fault")
    if fault is not None:
        codes = " ".join(text for element in fault.iter() if (text := (element.text or "").strip()))
        reason = text_of(fault, "Text") or text_of(fault, "faultstring") or "no reason given"
        raise Fault(_line(reason), denied="NotAuthorized" in codes or "FailedAuthentication" in codes or "uthoriz" in reason)
    return root


def every(root: Element, name: str) -> Iterator[Element]:
    """All elements of the local ``name`` below ``root``, whatever their namespace: cameras differ in theirs."""
    return (element for element in root.iter() if local(element) == name)


def first(root: Element, name: str) -> Element | None:
    """The first of them."""
    return next(every(root, name), None)


def text_of(root: Element, name: str) -> str:
    """The text of the first of them, one printable line; empty where there is none."""
    found = first(root, name)
    return _line(found.text or "") if found is not None else ""


def local(element: Element) -> str:
    """An element's name without its namespace."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _line(text: str) -> str:
    return "".join(letter for letter in " ".join(text.split()) if letter.isprintable())[:500]
