"""Google Merchant feeds, whole, broken and hostile (S5.30)."""

from __future__ import annotations

import io
from typing import Any

import pytest

from patron.collect.catalogue import read_feed
from patron.collect.catalogue.feeds import MAX_TEXT
from patron.errors import InputError
from patron.spec.entities import PRODUCTS
from patron.spec.entity_items import read_items

RSS = """<?xml version="1.0" encoding="{encoding}"?>
<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0" xmlns:c="http://base.google.com/cns/1.0">
<channel>
  <title>Orchid &amp; Söhne</title>
  <link>https://orchid.example</link>
  <item>
    <title>short</title>
    <g:id>TEA-1</g:id>
    <g:title><![CDATA[Green tea <loose>]]></g:title>
    <title>shorter</title>
    <link>https://orchid.example/tea-1</link>
    <g:price>12.50 EUR</g:price>
    <g:sale_price>EUR 9.99</g:sale_price>
    <g:cost_of_goods_sold>4.00 EUR</g:cost_of_goods_sold>
    <g:availability>in stock</g:availability>
    <g:item_group_id>TEA</g:item_group_id>
    <g:product_type>Food  &gt; Tea&gt;Green</g:product_type>
    <g:product_type>Gifts</g:product_type>
    <g:google_product_category>2073</g:google_product_category>
    <g:color>grün</g:color>
    <g:image_link>https://orchid.example/1.jpg</g:image_link>
    <g:additional_image_link>https://orchid.example/2.jpg</g:additional_image_link>
    <g:additional_image_link>https://orchid.example/3.jpg</g:additional_image_link>
    <g:shipping><g:country>DE</g:country><g:price>4.95 EUR</g:price></g:shipping>
    <c:season>spring</c:season>
  </item>
  <item><g:id>CUP</g:id><title>Cup</title><g:price>ten euros</g:price></item>
  <item><title>Nameless</title></item>
</channel>
</rss>"""

ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xmlns:g="http://base.google.com/ns/1.0">
<title>Orchid</title><link rel="self" href="https://orchid.example/feed"/>
<entry>
  <g:id>CUP</g:id><title>Cup</title><summary>White</summary>
  <link rel="alternate" href="https://orchid.example/cup"/><link rel="edit" href="https://x.example"/>
  <g:price>7 USD</g:price>
</entry></feed>"""


def read(text: str | bytes) -> list[dict[str, Any] | None]:
    return list(read_feed(io.BytesIO(text.encode() if isinstance(text, str) else text)))


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1", "utf-16"])
def test_a_feed_is_read_as_it_is_meant(encoding: str) -> None:
    taken = read_items(PRODUCTS, read(RSS.format(encoding=encoding).encode(encoding)))
    [tea] = taken.items
    assert tea.entity_id == "TEA-1"
    assert tea.attributes == {
        "name": "Green tea <loose>",
        "link": "https://orchid.example/tea-1",
        "price": 12.5,
        "sale_price": 9.99,
        "cost": 4,
        "currency": "EUR",
        "cost_currency": "EUR",
        "availability": "in_stock",
        "group": "TEA",
        "category": "Food > Tea > Green",
        "google_category": "2073",
        "colour": "grün",
        "image": "https://orchid.example/1.jpg",
        "additional_image_link": ["https://orchid.example/2.jpg", "https://orchid.example/3.jpg"],
        "shipping_country": "DE",
        "shipping_price": "4.95 EUR",
        "season": "spring",
    }
    assert [(one.item, one.entity_id, one.field) for one in taken.refused] == [
        (2, "CUP", "price"), (3, None, "product_id"),
    ]  # fmt: skip
    assert "12.50 EUR" in taken.refused[0].reason


def test_atom() -> None:
    assert read(ATOM) == [
        {
            "product_id": "CUP",
            "name": "Cup",
            "description": "White",
            "link": "https://orchid.example/cup",
            "price": "7 USD",
        }
    ]


LAUGHS = """<!DOCTYPE rss [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>
<rss><channel><item><title>&c;</title></item></channel></rss>"""
OUTSIDE = """<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<rss><channel><item><title>&x;</title></item></channel></rss>"""


@pytest.mark.parametrize("hostile", [LAUGHS, OUTSIDE, '<!DOCTYPE rss SYSTEM "x.dtd"><rss/>'])
def test_a_document_type_is_refused_before_anything_of_it_is_read(hostile: str) -> None:
    with pytest.raises(InputError, match="declares no document type"):
        read(hostile)


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (RSS.format(encoding="utf-8")[:-20], r"line \d+, column \d+: unclosed token"),
        ("<rss><channel><item><title>a & b</title></item></channel></rss>", "no well-formed XML"),
        ("<rss><channel><item><title>&nbsp;</title></item></channel></rss>", "no well-formed XML"),
        ("", "no well-formed XML"),
        ("product_id,name\n1,Cup\n", "no well-formed XML"),
        ('<?xml version="1.0" encoding="klingon"?><rss/>', "feed"),
        ("<html><body/></html>", "no feed"),
        ("<a>" * 60 + "</a>" * 60, "nested deeper"),
    ],
)
def test_what_is_no_feed_is_refused_with_the_place(broken: str, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        read(broken)


def test_a_large_feed_is_read_as_a_stream_and_a_huge_item_by_itself() -> None:
    class Endless(io.RawIOBase):
        """Begins a feed, then goes on with items for ever."""

        def __init__(self) -> None:
            self.asked = 0

        def read(self, _size: int = -1) -> bytes:
            self.asked += 1
            if self.asked == 1:
                return b"<rss><channel>"
            return b"<item><id>1</id></item>" * 100

    stream = Endless()
    items = read_feed(stream)  # type: ignore[arg-type]
    assert [next(items) for _ in range(150)] == [{"product_id": "1"}] * 150
    assert stream.asked == 3

    huge = f"<rss><channel><item><id>1</id><x>{'a ' * MAX_TEXT}</x></item><item><id>2</id></item>"
    found = read(huge + "</channel></rss>")
    assert found == [None, {"product_id": "2"}]
    taken = read_items(PRODUCTS, found)
    assert [one.entity_id for one in taken.items] == ["2"]
    assert "at most" in taken.refused[0].reason
