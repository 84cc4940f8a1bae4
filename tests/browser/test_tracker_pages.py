"""What patron.js tells of a page by itself: page views, sessions, commerce, places for content."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from browser.shop import Shop, delivered, ready

HOUR_LATER = "{ const now = Date.now; Date.now = () => now() + 3_600_000; }"


def paths(messages: list[dict[str, Any]]) -> list[str]:
    return [
        m["properties"]["path"] + m["properties"]["search"] for m in messages if m["type"] == "page"
    ]


def test_each_page_of_a_single_page_app_is_viewed_once(page: Page, shop: Shop) -> None:
    ready(page, shop.page("/app"))
    page.evaluate("history.pushState({}, '', '/app/tea'); document.title = 'Tea'")
    shop.arrived(2)
    page.evaluate("history.pushState({}, '', '/app/tea?sort=price')")
    page.evaluate("history.replaceState({}, '', '/app/tea?sort=name')")  # the same page
    page.evaluate("history.pushState({}, '', '/app/tea?sort=name#reviews')")  # the same page
    page.evaluate("history.replaceState({}, '', '/app/cart')")
    shop.arrived(4)
    page.evaluate("history.back()")
    shop.arrived(5)
    page.evaluate("history.back()")
    shop.arrived(6)
    page.evaluate("location.hash = 'price'")  # the same page
    delivered(page)
    messages = shop.arrived()
    assert paths(messages) == [
        "/app", "/app/tea", "/app/tea?sort=price", "/app/cart", "/app/tea?sort=name", "/app/tea",
    ]  # fmt: skip
    second = messages[1]["properties"]
    assert second["title"] == "Tea", "the title is told once it followed the address"
    assert second["referrer"] == f"{shop.site.url}/app"


def test_page_views_can_be_left_to_the_page(page: Page, shop: Shop) -> None:
    ready(page, shop.page(pages=False))
    page.evaluate("history.pushState({}, '', '/next'); patron.page('Next')")
    delivered(page)
    (message,) = shop.arrived(1)
    assert (message["name"], message["properties"]["path"]) == ("Next", "/next")


def test_a_page_that_the_browser_shows_again_is_viewed_again(page: Page, shop: Shop) -> None:
    ready(page, shop.page("/"))
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    assert paths(shop.arrived(2)) == ["/", "/"]


def test_a_session_spans_pages_and_tabs_until_half_an_hour_passes(page: Page, shop: Shop) -> None:
    first, second = shop.page("/a"), shop.page("/b")
    ready(page, f"{first}?utm_source=mail")
    shop.arrived(1)
    tab = page.context.new_page()
    ready(tab, second)
    shop.arrived(2)
    page.context.add_init_script(HOUR_LATER)
    ready(tab, second)
    one, two, three = (m["context"] for m in shop.arrived(3))
    assert one["session"] == two["session"]
    assert one["session"]["landingPage"] == f"{first}?utm_source=mail"
    assert two["campaign"] == {"source": "mail"}, "the session's campaign stays with it"
    assert three["session"]["id"] != one["session"]["id"]
    assert "campaign" not in three


def test_a_visitor_who_lost_the_cookie_is_the_same(page: Page, shop: Shop) -> None:
    address = shop.page()
    ready(page, address)
    shop.arrived(1)
    page.context.clear_cookies()
    ready(page, address)
    first, second = shop.arrived(2)
    assert first["anonymousId"] == second["anonymousId"]
    names = {cookie["name"]: cookie for cookie in page.context.cookies()}
    assert set(names) == {"patron_visitor", "patron_session"}
    assert all(cookie["sameSite"] == "Lax" for cookie in names.values())


def test_cookies_reach_all_subdomains(chromium: Browser, shop: Shop) -> None:
    """Names below localhost lead to this machine, and the browser refuses cookies for it alone."""
    context = chromium.new_context()
    page = context.new_page()
    ending = f"shop.localhost:{shop.site.port}"
    shop.page()
    ready(page, f"http://www.{ending}/")
    shop.arrived(1)
    ready(page, f"http://checkout.{ending}/")
    first, second = shop.arrived(2)
    assert first["anonymousId"] == second["anonymousId"]
    assert first["context"]["session"]["id"] == second["context"]["session"]["id"]
    context.close()


def test_clicks_forms_and_views_are_told_by_attributes(page: Page, shop: Shop) -> None:
    body = """
      <section data-patron-prop-list="teas" data-patron-prop-currency="EUR">
        <article data-patron-view="Product Viewed" data-patron-prop-product-id="T-1"
                 data-patron-props='{"price": 4.5, "tags": ["green"]}'>
          Tea <button data-patron-event="Product Added" data-patron-prop-quantity="2">
            <b id="buy">Buy</b></button>
        </article>
      </section>
      <form data-patron-event="Newsletter Joined" onsubmit="event.preventDefault()">
        <button id="join">Join</button></form>
      <div style="height: 3000px"></div>
      <p data-patron-view="Far Seen">far below</p>
      <button id="plain">Plain</button>
    """
    ready(page, shop.page(body=body, pages=False))
    shop.arrived(1)
    page.click("#buy")
    page.click("#join")
    messages = {m["event"]: m["properties"] for m in shop.arrived(3)}
    viewed = {
        "list": "teas", "currency": "EUR", "product_id": "T-1", "price": 4.5, "tags": ["green"],
    }  # fmt: skip
    assert messages == {
        "Product Viewed": viewed,
        "Product Added": {**viewed, "quantity": "2"},
        "Newsletter Joined": {},
    }
    lines = shop.server.sql(
        "select product_id, price, quantity from customer_order_lines l join messages m "
        f"using (position) where position > {shop._since} order by position"
    )
    assert lines == [("T-1", "4.500000", None), ("T-1", "4.500000", "2.000000")]
    page.click("#plain")  # which scrolls there, and tells nothing itself
    shop.arrived(4)
    page.evaluate("document.body.insertAdjacentHTML('afterbegin', "
                  "'<p data-patron-view=\"Added Later\">new</p>'); scrollTo(0, 0)")  # fmt: skip
    assert shop.events(5) == {
        "Product Viewed": 1, "Product Added": 1, "Newsletter Joined": 1, "Far Seen": 1,
        "Added Later": 1,
    }  # fmt: skip


def test_commerce_events_are_read_from_the_data_layer(page: Page, shop: Shop) -> None:
    head = """<script>
      dataLayer = [{event: 'view_item', ecommerce: {currency: 'EUR', items: [
        {item_id: 'T-1', item_name: 'Tea', price: 4.5}]}}];
      function gtag() { dataLayer.push(arguments); }
    </script>"""
    order = """{transaction_id: 'o-1', value: 9, tax: 1, shipping: 2, currency: 'EUR',
        items: [{item_id: 'T-1', price: 4.5, quantity: 2}]}"""
    ready(page, shop.page(head=head, pages=False, dataLayer=True))
    page.evaluate(f"gtag('event', 'purchase', {order}); gtag('js', new Date());"
                  "dataLayer.push({event: 'gtm.click'})")  # fmt: skip
    assert shop.events(2) == {"Product Viewed": 1, "Order Completed": 1}
    revenue = shop.server.sql(
        "select order_id, revenue, tax, shipping, currency from customer_events "
        f"where position > {shop._since} and name = 'Order Completed'"
    )
    assert revenue == [("o-1", "9.000000", "1.000000", "2.000000", "EUR")]


def test_an_order_is_told_once_though_its_page_is_loaded_again(page: Page, shop: Shop) -> None:
    head = """<script>dataLayer = [{event: 'purchase', ecommerce:
      {transaction_id: 'o-2', value: 5, currency: 'EUR', items: []}}]</script>"""
    address = shop.page(head=head, dataLayer=True)
    for views in (1, 2):
        ready(page, address)
        delivered(page)
        assert shop.events()["page"] == views
    assert shop.events() == {"page": 2, "Order Completed": 1}


@pytest.mark.parametrize("setting", [False, "other"])
def test_a_data_layer_is_not_read_unasked(page: Page, shop: Shop, setting: Any) -> None:
    head = "<script>dataLayer = [{event: 'search', search_term: 'tea'}]</script>"
    ready(page, shop.page(head=head, dataLayer=setting))
    delivered(page)
    assert shop.events(1) == {"page": 1}


def test_places_for_content_tell_when_they_are_seen_and_clicked(page: Page, shop: Shop) -> None:
    body = """
      <div data-patron-slot="hero"><a id="offer" href="#offer">Ten per cent</a></div>
      <div data-patron-slot="empty"></div>
      <div style="height: 3000px"></div><div data-patron-slot="footer">Bye</div>
    """
    address = shop.page(body=body, pages=False)
    ready(page, address)
    shop.arrived(1)
    page.click("#offer")
    assert page.evaluate("patron.slots().map(slot => [slot.name, slot.element.tagName])") == [
        ["hero", "DIV"], ["empty", "DIV"], ["footer", "DIV"],
    ]  # fmt: skip
    messages = [(m["event"], m["properties"]) for m in shop.arrived(2)]
    assert messages == [
        ("Slot Seen", {"slot": "hero"}),
        ("Slot Clicked", {"slot": "hero", "url": f"{address}#offer"}),
    ]
    # A place that is filled is seen from then on.
    page.evaluate("document.querySelector('[data-patron-slot=empty]').textContent = 'Full'")
    assert shop.arrived(3)[2]["properties"] == {"slot": "empty"}
