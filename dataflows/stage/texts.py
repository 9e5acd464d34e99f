r"""Cleaning of what people typed.

PNCP passes on what its senders' systems hold: null, "" and " " for absent, CR, LF and TAB inside sentences,
non-breaking and zero-width spaces, C1 controls (Windows-1252 quotes read as Latin-1), fixed-width padding and
HTML entities, some of them upper-cased. Raw keeps all of it.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

# Written as characters, not as \x escapes, so that every engine's regular expressions read them alike.
_SPACES = "[\\s\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\u0085]+"
_INVISIBLE = (
    "[\u0001-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u0090\u0095\u0098-\u009f\u00ad\u200b-\u200f\u2060\ufeff]"
)
_WINDOWS_QUOTES = "\u0091\u0092\u0093\u0094\u0096\u0097"
_PLAIN_QUOTES = "''\"\"\u2013\u2014"
_ENTITIES = (
    ("(?i)&lt;", "<"),
    ("(?i)&gt;", ">"),
    ("(?i)&quot;", '"'),
    ("(?i)&(apos|#0*39);", "'"),
    ("(?i)&nbsp;", " "),
    ("(?i)&amp;", "&"),  # last: "&amp;lt;" is the text "&lt;"
)
_WANTS_CLEANING = (
    "^\\s|\\s$|\\s\\s|[\\t\\n\\r\\f\\v]|&[A-Za-z#]"
    "|[\u0001-\u001f\u007f-\u00a0\u00ad\u1680\u2000-\u200f\u2028-\u202f\u205f\u2060\u3000\ufeff]"
)


def clean(text: ir.StringValue) -> ir.StringValue:
    """One line of readable text; null where nothing is left.

    Most texts are clean already: one search decides, and only the others pay for the replacements.
    """
    cleaned = text.translate(_WINDOWS_QUOTES, _PLAIN_QUOTES).re_replace(_INVISIBLE, "")
    for entity, character in _ENTITIES:
        cleaned = cleaned.re_replace(entity, character)
    cleaned = cleaned.re_replace(_SPACES, " ").strip()
    return ibis.cases((text.re_search(_WANTS_CLEANING), cleaned), else_=text).nullif("")


def code(text: ir.StringValue) -> ir.StringValue:
    """An identifier without the padding around it; null where nothing is left."""
    return text.strip().nullif("")
