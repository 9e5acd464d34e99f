r"""Cleaning of what people typed.

PNCP passes on what its senders' systems hold: null, "" and " " for absent, CR, LF and TAB inside sentences,
non-breaking and zero-width spaces, C1 controls (Windows-1252 quotes read as Latin-1), fixed-width padding and
HTML entities, some of them upper-cased. Raw keeps all of it.
"""

from __future__ import annotations

import ibis

from dataflows.expressions import Text

# Beyond ASCII the patterns hold the characters themselves: every engine's expressions read them alike.
_SPACES = "[\\s\\x0b\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+"
_CONTROLS = "\\x00-\\x08\\x0e-\\x1f\u007f-\u009f"
_FORMATS = "\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
_INVISIBLE = f"[{_CONTROLS}{_FORMATS}]"
_WINDOWS_1252 = "\u0080\u0085\u0091\u0092\u0093\u0094\u0095\u0096\u0097\u0099"
_UNICODE = "\u20ac\u2026''\"\"\u2022\u2013\u2014\u2122"
_ENTITIES = (
    ("(?i)&(amp;)+", "&"),  # first: "&amp;lt;" was encoded twice
    ("(?i)&lt;", "<"),
    ("(?i)&gt;", ">"),
    ("(?i)&quot;", '"'),
    ("(?i)&(apos|#0*39);", "'"),
    ("(?i)&nbsp;", " "),
)
_BLANK = ibis.literal("")
_WANTS_CLEANING = (
    "^ | $|  |[\\x00-\\x1f]|&[A-Za-z#]"
    "|[\u007f-\u00a0\u00ad\u061c\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff]"
)


def clean(text: Text) -> Text:
    """One line of readable text; null where nothing is left.

    Most texts are clean already: one search decides, and only the others pay for the replacements.
    """
    cleaned = text.translate(_WINDOWS_1252, _UNICODE).re_replace(_INVISIBLE, "")
    for entity, character in _ENTITIES:
        cleaned = cleaned.re_replace(entity, character)
    cleaned = cleaned.re_replace(_SPACES, " ").strip()
    return ibis.cases((text.re_search(_WANTS_CLEANING), cleaned), else_=text).nullif(_BLANK)


def code(text: Text) -> Text:
    """An identifier without the padding around it; null where nothing is left."""
    return text.strip().nullif(_BLANK)
