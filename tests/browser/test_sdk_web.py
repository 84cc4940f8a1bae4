"""The published browser SDKs of Segment and RudderStack, unmodified, and patron.js beside them.

Every call of each arrives exactly once, whatever happens on the way (S1.1).
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page

from browser.conftest import missing
from browser.shop import Shop, delivered
from browser.site import Site
from integration.harness import KEY, LiveServer

MODULES = Path(__file__).parent / "node/node_modules"
SCRIPTS = {
    "segment": MODULES / "@segment/analytics-next/dist/umd/index.js",
    "rudderstack": MODULES / "@rudderstack/analytics-js/dist/npm/modern/bundled/umd/index.js",
}
GLOBALS = {"segment": "analytics", "rudderstack": "rudder", "patron": "patron"}
LIBRARIES = {
    "segment": "analytics.js",
    "rudderstack": "RudderLabs JavaScript SDK",
    "patron": "patron.js",
}

# Each is loaded as its own documentation says, and told nothing but where the server is.
SETUP = """
<script src="/segment.js"></script><script src="/rudderstack.js"></script>
<script>
  var analytics = AnalyticsNext.AnalyticsBrowser.load({{writeKey: '{key}', cdnURL: '{url}'}},
    {{integrations: {{'Segment.io': {{apiHost: '{host}/v1', protocol: 'http'}}}}}});
  var rudder = new rudderanalytics.RudderAnalytics();
  rudder.load('{key}', '{url}', {{configUrl: '{url}'}});
  var loaded = {{}};
  analytics.ready(() => loaded.segment = true);
  rudder.ready(() => loaded.rudderstack = true);
</script>
"""
CALLS = """(name) => {
  const sdk = window[name];
  sdk.identify(`${name}-ann`, {email: `${name}@shop.example`});
  sdk.group('g-1', {name: 'The Millers'});
  sdk.page('Shop', 'Home', {colour: 'red'});
  sdk.track('Order Completed', {order_id: 'o-1', revenue: 12.5, currency: 'EUR',
    products: [{product_id: 'p-1', price: 12.5, quantity: 1}]});
  sdk.alias(`${name}-ann-2`, `${name}-ann`);
}"""
SIX = {"identify": 1, "group": 1, "page": 1, "Order Completed": 1, "alias": 1}


@pytest.fixture
def address(shop: Shop, site: Site, server: LiveServer) -> str:
    """A page with all three."""
    for name, script in SCRIPTS.items():
        if not script.exists():
            missing("The browser SDKs are not installed: make test installs them (needs Node.js).")
        site.file(f"/{name}.js", script)
    head = SETUP.format(key=KEY, url=server.url, host=server.url.removeprefix("http://"))
    return shop.page(head=head, pages=False)


def opened(page: Page, address: str) -> None:
    """Open the page and wait until all three are loaded."""
    page.goto(address)
    page.wait_for_function("patron.version && loaded.segment && loaded.rudderstack")


def told(shop: Shop, at_least: int) -> dict[str, Counter[str]]:
    """How often each call arrived, by the library that sent it."""
    found: dict[str, Counter[str]] = {name: Counter() for name in LIBRARIES}
    of_library = {library: name for name, library in LIBRARIES.items()}
    for message in shop.arrived(at_least):
        name = of_library[message["context"]["library"]["name"]]
        found[name][message.get("event") or message["type"]] += 1
    return found


def track(page: Page, sdk: str, names: list[str]) -> None:
    page.evaluate(
        "([sdk, names]) => names.forEach(name => window[sdk].track(name))", [GLOBALS[sdk], names]
    )


def test_on_one_page_each_call_of_each_arrives_once(page: Page, shop: Shop, address: str) -> None:
    opened(page, address)
    for sdk in GLOBALS.values():
        page.evaluate(CALLS, sdk)
    assert told(shop, 15) == dict.fromkeys(LIBRARIES, SIX)


def test_patron_reads_the_same_calls_as_segment(page: Page, shop: Shop, address: str) -> None:
    """What arguments mean, whichever are left out, is what analytics.js takes them for."""
    shapes = """async (sdk) => {
      const back = () => undefined;
      const calls = {
        track: [['track 1'], ['track 2', {a: 1}], ['track 3', null, {ip: '1'}], ['track 4', back],
          ['track 5', {a: 1}, back], ['track 6', {a: 1}, {ip: '6'}, back]],
        page: [[], ['name'], ['category', 'name'], [{a: 1}], ['name', {a: 1}],
          ['category', 'name', {a: 1}, {ip: '2'}, back], ['name', null, {a: 1}],
          ['category', 'name', null, {ip: '3'}], [back]],
        group: [['g'], ['g', {name: 'G'}], ['g', {name: 'G'}, {ip: '4'}, back]],
        identify: [[{a: 1}], ['ann'], ['ann', {b: 1}], [null, {c: 1}],
          ['ann', {d: 1}, {ip: '5'}, back]],
        alias: [['new', 'old'], ['newer', 'older', back]],
      };
      for (const [name, shapes] of Object.entries(calls)) {
        // One after the other: Segment reads who is identified when a call's turn comes.
        for (const shape of shapes) await sdk[name](...shape);
      }
    }"""
    opened(page, address)
    for sdk in ("analytics", "patron"):
        page.evaluate(f"({shapes})({sdk})")
    messages = shop.arrived(50)
    by_library: dict[str, list[object]] = {"analytics.js": [], "patron.js": []}
    given = {"a", "b", "c", "d", "name", "category", "colour"}
    for message in messages:
        said = {name: message.get(name) or None for name in
                ("type", "event", "groupId", "previousId", "name", "category")}  # fmt: skip
        own = message.get("properties") or message.get("traits") or {}
        said["own"] = {name: own[name] for name in sorted(given & own.keys()) if own[name]}
        if message["type"] == "identify":
            # Segment tells all traits that it remembers again; Patron only those of the call.
            said["own"] = None
        said["ip"] = message["context"].get("ip")
        # Segment sends who was identified before as the alias's new id, against its own protocol.
        said["userId"] = message["type"] == "alias" or message.get("userId")
        by_library[message["context"]["library"]["name"]].append(said)
    segment, patron = (sorted(map(repr, told)) for told in by_library.values())
    assert patron == segment


@pytest.mark.parametrize("sdk", list(GLOBALS))
def test_calls_arrive_through_reloads(page: Page, shop: Shop, address: str, sdk: str) -> None:
    names = [f"{sdk} {number}" for number in range(3)]
    for name in names:
        opened(page, address)
        track(page, sdk, [name])
        shop.arrived(names.index(name) + 1)
    opened(page, address)
    assert told(shop, 3)[sdk] == dict.fromkeys(names, 1)


@pytest.mark.parametrize("sdk", list(GLOBALS))
def test_calls_arrive_after_an_offline_spell(
    page: Page, context: BrowserContext, shop: Shop, address: str, sdk: str
) -> None:
    opened(page, address)
    track(page, sdk, ["Before"])
    shop.arrived(1)
    context.set_offline(True)
    names = [f"Offline {number}" for number in range(3)]
    track(page, sdk, names)
    context.set_offline(False)
    assert told(shop, 4)[sdk] == {"Before": 1, **dict.fromkeys(names, 1)}


@pytest.mark.parametrize("sdk", list(GLOBALS))
def test_calls_arrive_though_the_server_was_away(
    page: Page, shop: Shop, address: str, sdk: str
) -> None:
    opened(page, address)
    track(page, sdk, ["Before"])
    shop.arrived(1)
    shop.server.kill()
    names = [f"Away {number}" for number in range(3)]
    track(page, sdk, names)
    shop.server.restart()
    assert told(shop, 4)[sdk] == {"Before": 1, **dict.fromkeys(names, 1)}


@pytest.mark.parametrize("sdk", list(GLOBALS))
def test_calls_of_two_tabs_arrive(
    page: Page, context: BrowserContext, shop: Shop, address: str, sdk: str
) -> None:
    other = context.new_page()
    opened(page, address)
    opened(other, address)
    for number in range(5):
        track(page, sdk, [f"One {number}"])
        track(other, sdk, [f"Other {number}"])
    expected = {f"{tab} {number}": 1 for tab in ("One", "Other") for number in range(5)}
    assert told(shop, 10)[sdk] == expected
    delivered(page)
