"""Webhooks (S1.12): signed, in order, at least once, with patience that follows the clock."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from integration.harness import KEY, LiveServer
from integration.harness.receiver import Receiver
from integration.harness.waiting import until
from patron.activation import sending
from patron.activation.sending import DeliveryError, Sender, allowed_address
from patron.clock import format_time
from patron.errors import DefinitionError, NotFoundError
from patron.pipeline.webhooks import MOST_FAILURES, wait_after
from unit.pipeline.shop import START, Shop

SECRET = b"0123456789abcdef0123456789abcdef"
TOLD = f"whsec_{base64.b64encode(SECRET).decode()}"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as listening:
        yield listening


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    monkeypatch.setenv("PATRON_SECRET_CRM", TOLD)
    opened = Shop(tmp_path / "data")
    yield opened
    opened.workspace.close()


def hook(shop: Shop, receiver: Receiver, **more: Any) -> None:
    body = {"url": f"{receiver.url}/hook", "secret": "crm", **more}
    shop.workspace.put_webhook("crm", body)
    deliver(shop)


def deliver(shop: Shop) -> Any:
    """All that is due now; gives when to look again."""
    shop.workspace.advance()
    due = shop.workspace.webhooks.deliver_what_is_due()
    while due is not None and due <= shop.clock.now():
        due = shop.workspace.webhooks.deliver_what_is_due()
    return due


def state(shop: Shop) -> dict[str, Any]:
    return shop.workspace.webhooks.state("crm")


def test_a_delivery_is_signed_as_the_specification_says(shop: Shop, receiver: Receiver) -> None:
    hook(shop, receiver)
    shop.send("identify", userId="ann", traits={"city": "Utrecht"})
    assert deliver(shop) is None
    [got] = receiver.got
    assert got.headers["webhook-timestamp"] == str(int((START - START.replace(1970, 1, 1, 0))
                                                       .total_seconds()))  # fmt: skip
    signed = f"{got.id}.{got.headers['webhook-timestamp']}.".encode() + got.body
    expected = base64.b64encode(hmac.new(SECRET, signed, hashlib.sha256).digest()).decode()
    assert got.headers["webhook-signature"] == f"v1,{expected}"
    told = json.loads(got.body)
    assert (told["type"], told["timestamp"]) == ("profiles.changed", format_time(START))
    [ann] = got.profiles
    assert ann["identifiers"] == {"user_id": ["ann"]}
    assert ann["changes"]["traits"] == ["city"]
    shown = state(shop)
    assert (shown["state"], shown["delivered"], shown["behind"]) == ("working", 1, 0)
    assert shown["cursor"] == told["data"]["cursor"]


def test_what_came_before_is_sent_only_where_it_was_asked_for(
    shop: Shop, receiver: Receiver
) -> None:
    shop.track("Seen")
    hook(shop, receiver)
    assert receiver.got == []
    shop.workspace.put_webhook(
        "whole", {"url": receiver.url, "secret": "crm", "begin": "beginning"}
    )
    deliver(shop)
    assert [one["profile_id"] for one in receiver.got[0].profiles] == [1]


def test_what_was_not_taken_is_sent_again_in_order_and_with_patience(
    shop: Shop, receiver: Receiver
) -> None:
    hook(shop, receiver)
    receiver.answers = [500, 503, 204]
    shop.track("First")
    due = deliver(shop)
    assert due == shop.clock.now() + timedelta(seconds=1)
    assert state(shop)["state"] == "failing"
    assert state(shop)["error"] == "It answered 500."
    shop.track("Second")
    assert deliver(shop) == due  # not before its time
    assert len(receiver.got) == 1
    shop.clock.advance(timedelta(seconds=1))
    assert deliver(shop) == shop.clock.now() + timedelta(seconds=2)
    shop.clock.advance(timedelta(seconds=2))
    assert deliver(shop) is None
    events = [got.profiles[0]["changes"]["events"] for got in receiver.got]
    assert events == [["First"]] * 3 + [["Second"]]
    assert len({got.id for got in receiver.got[:3]}) == 1
    assert receiver.got[3].id != receiver.got[0].id
    assert state(shop)["failures"] == 0


def test_after_many_failures_it_is_paused_until_it_is_resumed(
    shop: Shop, receiver: Receiver
) -> None:
    hook(shop, receiver)
    receiver.answers = [500] * MOST_FAILURES
    shop.track("Seen")
    for failures in range(1, MOST_FAILURES):
        assert deliver(shop) == shop.clock.now() + wait_after(failures)
        shop.clock.advance(wait_after(failures))
    assert deliver(shop) is None
    shown = state(shop)
    assert (shown["state"], shown["failures"]) == ("paused", MOST_FAILURES)
    assert shown["paused_at"] == format_time(shop.clock.now())
    assert shop.workspace.status()["webhooks"] == {"crm": "paused"}
    shop.clock.advance(timedelta(days=2))
    assert deliver(shop) is None
    assert len(receiver.got) == MOST_FAILURES
    assert shop.workspace.webhooks.resume("crm")["state"] == "working"
    deliver(shop)
    assert receiver.got[-1].id == receiver.got[0].id
    assert state(shop)["delivered"] == 1


def test_who_answers_gone_wants_nothing_any_more(shop: Shop, receiver: Receiver) -> None:
    hook(shop, receiver)
    receiver.answers = [410]
    shop.track("Seen")
    assert deliver(shop) is None
    assert state(shop)["state"] == "paused"


def test_a_redirect_is_not_followed(shop: Shop, receiver: Receiver) -> None:
    hook(shop, receiver)
    receiver.answers = [302]
    shop.track("Seen")
    deliver(shop)
    assert len(receiver.got) == 1
    assert state(shop)["error"] == "It answered 302."


def test_only_what_was_asked_for_is_sent(shop: Shop, receiver: Receiver) -> None:
    shop.segment("seen", 'did "Seen"')
    shop.segment("other", 'did "Seen"')
    hook(shop, receiver, what=["segments"], segments=["seen"])
    shop.send("identify", userId="bob", traits={"city": "Utrecht"})
    shop.track("Seen")
    deliver(shop)
    [got] = receiver.got
    [ann] = got.profiles
    assert ann["changes"] == {
        "segments": [{"segment": "seen", "kind": "entered", "changed_at": format_time(START)}]
    }


def test_a_webhook_that_is_off_sends_what_happened_meanwhile_when_it_is_on(
    shop: Shop, receiver: Receiver
) -> None:
    hook(shop, receiver)
    hook(shop, receiver, active=False)
    shop.track("Seen")
    deliver(shop)
    assert receiver.got == []
    assert state(shop)["state"] == "off"
    hook(shop, receiver)
    assert len(receiver.got) == 1


def test_one_that_is_removed_begins_anew_when_it_comes_back(shop: Shop, receiver: Receiver) -> None:
    hook(shop, receiver)
    shop.workspace.delete_webhook("crm")
    deliver(shop)
    shop.track("Seen")
    hook(shop, receiver)
    assert receiver.got == []
    with pytest.raises(NotFoundError):
        shop.workspace.delete_webhook("nobody")


def test_without_its_secret_nothing_is_sent(
    shop: Shop, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook(shop, receiver)
    monkeypatch.delenv("PATRON_SECRET_CRM")
    shop.track("Seen")
    due = deliver(shop)
    assert receiver.got == []
    assert "PATRON_SECRET_CRM" in state(shop)["error"]
    monkeypatch.setenv("PATRON_SECRET_CRM", "too short")
    shop.clock.advance(due - shop.clock.now())
    deliver(shop)
    assert "too short" not in state(shop)["error"]
    assert "whsec_" in state(shop)["error"]


def test_a_secret_is_in_no_answer_no_definition_and_no_table(
    shop: Shop, receiver: Receiver, capsys: pytest.CaptureFixture[str]
) -> None:
    (shop.folder / "patron.toml").write_text(f'[secrets]\nshop-2 = "{TOLD}"\n', "utf-8")
    shop.workspace.put_webhook("b", {"url": receiver.url, "secret": "shop-2"})
    deliver(shop)
    receiver.answers = [500]
    shop.track("Seen")
    deliver(shop)
    shown = json.dumps(
        [shop.workspace.definitions(), shop.workspace.webhooks.states()], default=str
    )
    assert TOLD not in shown
    assert "shop-2" in shown
    said = capsys.readouterr()
    assert TOLD not in said.out + said.err
    with shop.workspace.reading() as reading:
        rows = reading.cursor.execute("select * from webhook_states").all()
    assert TOLD not in str(rows)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://crm.example/hook", "expected https"),
        ("http://10.0.0.8/hook", "expected https"),
        ("https://ann:pw@crm.example", "no user name"),
        ("ftp://crm.example", "expected such as"),
        ("crm.example/hook", "expected such as"),
        ("https://crm.example/a b", "without spaces"),
        ("https://crm.example:99999/", "expected such as"),
        ("https://crm.example/\r\nx: y", "without spaces"),
    ],
)
def test_urls_that_may_not_be_sent_to_are_refused(shop: Shop, url: str, said: str) -> None:
    with pytest.raises(DefinitionError, match=said) as raised:
        shop.workspace.put_webhook("crm", {"url": url, "secret": "crm"})
    assert raised.value.field == "url"


@pytest.mark.parametrize(
    "address",
    ["10.0.0.1", "172.16.3.4", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "::",
     "fe80::1", "fd00::1", "::ffff:10.0.0.1", "2002:0a00:0001::1", "224.0.0.1", "127.0.0.1",
     "::1"],
)  # fmt: skip
def test_names_that_lead_into_private_networks_are_refused(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    """The name is public; what it resolves to is not, among addresses that are."""
    found = [(2, 1, 6, "", ("93.184.216.34", 443)), (2, 1, 6, "", (address, 443))]
    monkeypatch.setattr(sending.socket, "getaddrinfo", lambda *_, **__: found)
    with pytest.raises(DeliveryError, match="private network"):
        allowed_address("crm.example", 443)
    monkeypatch.setattr(sending.socket, "getaddrinfo", lambda *_, **__: found[:1])
    assert allowed_address("crm.example", 443) == "93.184.216.34"


def test_a_name_for_this_machine_that_leads_elsewhere_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = [(2, 1, 6, "", ("93.184.216.34", 80))]
    monkeypatch.setattr(sending.socket, "getaddrinfo", lambda *_, **__: found)
    with pytest.raises(DeliveryError):
        allowed_address("localhost", 80)


def test_a_receiver_that_never_answers_is_given_up(receiver: Receiver) -> None:
    receiver.hold.clear()
    with pytest.raises(DeliveryError, match="No answer"):
        Sender(patience=0.2).post(receiver.url, b"{}", {})


def test_closing_gives_up_a_delivery_and_the_next_start_makes_it_again(
    shop: Shop, receiver: Receiver
) -> None:
    hook(shop, receiver)
    shop.track("Seen")
    shop.workspace.advance()
    receiver.hold.clear()
    sending_thread = threading.Thread(target=shop.workspace.webhooks.deliver_what_is_due)
    sending_thread.start()
    until(lambda: receiver.got)
    shop.workspace.webhooks._closed = True
    shop.workspace.webhooks._sender.close()
    sending_thread.join(10)
    assert not sending_thread.is_alive()
    shop.restart()
    receiver.hold.set()
    shop.track("Later")
    deliver(shop)
    assert [got.profiles[0]["changes"]["events"] for got in receiver.got] == [
        ["Seen"], ["Seen"], ["Later"],
    ]  # fmt: skip
    assert receiver.got[0].id == receiver.got[1].id


def test_a_server_that_is_killed_loses_no_change(tmp_path: Path, receiver: Receiver) -> None:
    with LiveServer(tmp_path / "workspace") as live:
        # Servers of tests are forked from a process that does not see what a test sets.
        (live.folder / "patron.toml").write_text(f'[secrets]\ncrm = "{TOLD}"\n', encoding="utf-8")
        body = {"url": receiver.url, "secret": "crm", "what": ["events"]}
        live.ask("PUT", "webhooks/crm", json=body)
        sent = []
        for number in range(12):
            event = {"userId": f"user-{number}", "event": "Seen", "messageId": f"m{number}"}
            assert live.client.post("/v1/track", json=event, auth=(KEY, "")).is_success
            sent.append(f"user-{number}")
            if number == 5:
                until(lambda: receiver.got)
                receiver.answers = [500]
            if number in (6, 9):
                live.kill()
                live.restart()

        # One that the receiver took, and whose answer nobody heard, comes again under its id.
        until(lambda: live.get("webhooks/crm")["behind"] == 0, seconds=60)
        receiver.hold.clear()
        before = len(receiver.got)
        event = {"userId": "user-12", "event": "Seen", "messageId": "m12"}
        assert live.client.post("/v1/track", json=event, auth=(KEY, "")).is_success
        sent.append("user-12")
        until(lambda: len(receiver.got) > before)
        live.kill()
        receiver.hold.set()
        live.restart()
        until(lambda: len(receiver.got) > before + 1, seconds=60)
        heard, again = receiver.got[before : before + 2]
        assert (again.id, again.profiles) == (heard.id, heard.profiles)

        def taken() -> set[str]:
            return {one["identifiers"]["user_id"][0] for got in receiver.got
                    for one in got.profiles}  # fmt: skip

        until(lambda: taken() == set(sent), seconds=60)
        until(lambda: live.get("webhooks/crm")["behind"] == 0, seconds=60)
        assert live.get("status")["webhooks"] == {"crm": "working"}
    by_id: dict[str, Any] = {}
    for got in receiver.got:
        assert by_id.setdefault(got.id, got.profiles) == got.profiles
    firsts = [one["identifiers"]["user_id"][0] for told in by_id.values() for one in told]
    assert firsts == sent  # each once, in order
