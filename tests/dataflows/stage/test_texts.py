import unicodedata

import duckdb
import ibis
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataflows.stage.texts import clean, code

TEXTS = ibis.table({"text": "string"}, name="texts")
CLEAN = ibis.to_sql(TEXTS.select(first=clean(TEXTS.text), second=clean(clean(TEXTS.text))), dialect="duckdb")


def cleaned(*texts: str | None) -> list[tuple[str | None, str | None]]:
    """Each text cleaned once, and cleaned twice, in the order given."""
    with duckdb.connect() as con:
        con.execute("CREATE TABLE texts AS SELECT unnest($texts::VARCHAR[]) AS text", {"texts": list(texts)})
        return con.execute(CLEAN).fetchall()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "Aquisição de café, 500 g (cx. c/ 20)", "Aquisição de café, 500 g (cx. c/ 20)", id="clean already"
        ),
        pytest.param("P&D", "P&D", id="ampersand that is no entity"),
        pytest.param("&C", "&C", id="ampersand before a letter"),
        pytest.param(None, None, id="null"),
        pytest.param("", None, id="empty"),
        pytest.param(" ", None, id="blank"),
        pytest.param(" \t\r\n\x0b\x0c\u00a0\u3000", None, id="blank of every sort"),
        pytest.param("\u200b\ufeff", None, id="only invisible"),
        pytest.param("&nbsp;", None, id="only an entity for a space"),
        pytest.param("\u00a0Obras", "Obras", id="NBSP in front"),
        pytest.param("de\u00a0obras", "de obras", id="NBSP inside"),
        pytest.param("a\u2003b\u3000c\u1680d", "a b c d", id="wide spaces"),
        pytest.param("sa\u200búde\u200b\u200d\ufeff", "saúde", id="zero-width"),
        pytest.param("co\u00adoperação", "cooperação", id="soft hyphen"),
        pytest.param("\u202aEsquerda\u202c \u2066x\u2069", "Esquerda x", id="marks of direction"),
        pytest.param("\x93Café\x94 e \x91chá\x92", "\"Café\" e 'chá'", id="C1 quotes"),
        pytest.param(
            "2020\x962024 \x97 fim\x85", "2020\u20132024 \u2014 fim\u2026", id="C1 dashes and ellipsis"
        ),
        pytest.param(
            "\x95 item, \x80 5, X\x99", "\u2022 item, \u20ac 5, X\u2122", id="C1 bullet, euro, trade mark"
        ),
        pytest.param("a\x81b\x9fc", "abc", id="C1 without a character of Windows"),
        pytest.param("a\x00b\x07c\x1fd\x7fe", "abcde", id="C0 and DEL"),
        pytest.param("PEREIRA &AMP; CIA", "PEREIRA & CIA", id="entity upper-cased"),
        pytest.param(
            "&lt;b&gt; &quot;x&quot; d&apos;água d&#39;oeste", "<b> \"x\" d'água d'oeste", id="entities"
        ),
        pytest.param("a&nbsp;b", "a b", id="entity for a space"),
        pytest.param("&amp;lt;", "<", id="encoded twice"),
        pytest.param("A &amp;amp;amp; B", "A & B", id="encoded thrice"),
        pytest.param(
            "um\r\ndois\rtrês\nquatro\tcinco\x0bseis",
            "um dois três quatro cinco seis",
            id="line ends and TAB",
        ),
        pytest.param("DFLORES LTDA                ", "DFLORES LTDA", id="fixed-width padding"),
        pytest.param("  a   b  ", "a b", id="spaces around and between"),
        pytest.param(" Obras", "Obras", id="one space in front"),
        pytest.param("Obras ", "Obras", id="one space behind"),
        pytest.param("SECRETARIA\t", "SECRETARIA", id="TAB at the end"),
        pytest.param("<http://www25.receita>", "<http://www25.receita>", id="angle brackets stay"),
        pytest.param("Solicita..o", "Solicita..o", id="letters already lost stay lost"),
    ],
)
def test_clean(text, expected):
    assert cleaned(text) == [(expected, expected)]


PIECES = st.sampled_from(
    [
        "&",
        "amp;",
        "&amp;",
        "lt;",
        "&LT;",
        "&nbsp;",
        "&#39;",
        "&#",
        ";",
        " ",
        "\u00a0",
        "\t",
        "\r\n",
        "\u200b",
        "\x93",
    ]
)
TYPED = st.lists(st.one_of(PIECES, st.text(max_size=3)), max_size=12).map("".join)
BLANKS = frozenset(" \t\r\n\x0b\x0c\u00a0\u1680\u2028\u2029\u202f\u205f\u3000") | frozenset(
    map(chr, range(0x2000, 0x200B))
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.none() | TYPED, min_size=20, max_size=40))
def test_clean_holds_its_promises_for_any_text(texts):
    for once, twice in cleaned(*texts):
        assert once == twice, "cleaning twice changes nothing"
        assert once != ""
        if once is not None:
            assert not any(unicodedata.category(character) == "Cc" for character in once), (
                "no control characters"
            )
            assert "  " not in once
            assert once[0] not in BLANKS
            assert once[-1] not in BLANKS
            assert not (BLANKS - {" "}) & set(once), "one sort of blank"


def test_clean_keeps_every_letter_of_the_real_answers(real_contratos):
    """Beside an independent cleaning in Python, over the texts that people typed."""
    texts = sorted({record["objetoContrato"] for record in real_contratos if record["objetoContrato"]})
    expected = [" ".join(text.replace("\u200b", "").split()) or None for text in texts]
    quotes = str.maketrans("\x91\x92\x93\x94\x96\x97", "''\"\"\u2013\u2014")
    expected = [text and text.translate(quotes) for text in expected]
    assert [once for once, _ in cleaned(*texts)] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("AXON INC", "AXON INC", id="clean already"),
        pytest.param(" 2024NE000033 ", "2024NE000033", id="padding"),
        pytest.param("RFC: RAS101026PH7", "RFC: RAS101026PH7", id="colon and space inside stay"),
        pytest.param("0000", "0000", id="zeros stay"),
        pytest.param("\t\r\n", None, id="blank"),
        pytest.param("", None, id="empty"),
        pytest.param(None, None, id="null"),
    ],
)
def test_code(table, text, expected):
    texts = table({"text": "string"}, {"text": text})
    assert texts.select(code=code(texts.text)).to_pyarrow().to_pylist() == [{"code": expected}]
