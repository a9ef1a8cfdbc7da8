"""Alerts and notifications: who receives, acknowledges and withdraws them, and who sees what."""

import pytest

from exchange.alerts import (
    NewAlert,
    acknowledge_alert,
    alert_of,
    page_of_alerts,
    send_alert,
    withdraw_alert,
)
from exchange.notices import notices_of_officer
from exchange.record import ExchangeRefusedError, Words
from tests.exchange.conftest import World

WITHDRAWN = NewAlert("alert", "licence_withdrawn", {"operator_name": "Spedycja Test", "licence_number": "EU-1"})
LETTERBOX = NewAlert("notification", "letterbox_suspected", {"operator_name": "X"}, to=["PL-GITD"])


async def refusal(awaitable) -> str:
    with pytest.raises(ExchangeRefusedError) as caught:
        await awaitable
    return caught.value.code


async def test_an_alert_reaches_a_coordinator_of_every_other_state(world: World):
    pole, german, dane = [await world.officer(code) for code in ("PL-GITD", "DE-BALM", "DK-FSTYR")]
    alert_id = await send_alert(world.pool, pole, WITHDRAWN)
    alert = await alert_of(world.pool, pole, alert_id, "en")
    assert {one.country for one in alert.recipients} == {"DE", "DK", "FR", "LT"}
    assert alert.category.text == "Community licence withdrawn"
    assert alert.fields == {"Name of the operator": "Spedycja Test", "Number of the Community licence": "EU-1"}
    seen = await alert_of(world.pool, german, alert_id, "en")
    assert seen.to_acknowledge
    assert [one.authority for one in seen.recipients] == ["DE-BALM"]
    await acknowledge_alert(world.pool, german, alert_id)
    assert not (await alert_of(world.pool, german, alert_id, "en")).to_acknowledge
    assert (await alert_of(world.pool, dane, alert_id, "en")).to_acknowledge
    done = [
        one.authority for one in (await alert_of(world.pool, pole, alert_id, "en")).recipients if one.acknowledged_at
    ]
    assert done == ["DE-BALM"]
    (told,) = await notices_of_officer(world.pool, dane, "en", 0, 10)
    assert told.subject == f"Community licence withdrawn: alert {alert.number}"
    assert told.alert_id == alert_id


async def test_a_notification_goes_to_whom_it_names(world: World):
    dupont, pole, lithuanian = [await world.officer(code) for code in ("FR-DGT", "PL-GITD", "LT-LTSA")]
    alert_id = await send_alert(world.pool, dupont, LETTERBOX)
    assert (await alert_of(world.pool, pole, alert_id, "en")).to_acknowledge
    assert await refusal(alert_of(world.pool, lithuanian, alert_id, "en")) == "not_found"
    assert await refusal(acknowledge_alert(world.pool, lithuanian, alert_id)) == "not_found"
    nobody = NewAlert("notification", "letterbox_suspected", {"operator_name": "X"})
    assert await refusal(send_alert(world.pool, dupont, nobody)) == "content_missing"
    own = NewAlert("notification", "letterbox_suspected", {"operator_name": "X"}, to=["FR-PNTT"])
    assert await refusal(send_alert(world.pool, dupont, own)) == "authority_not_possible"


async def test_a_coordinator_acknowledges_for_the_state(world: World):
    dupont, coordinator = await world.officer("FR-DGT"), await world.officer("PL-GIP", "coordinator")
    alert_id = await send_alert(world.pool, dupont, LETTERBOX)
    await acknowledge_alert(world.pool, coordinator, alert_id)
    assert (await alert_of(world.pool, dupont, alert_id, "en")).recipients[0].acknowledged_at is not None


async def test_an_alert_is_withdrawn_with_a_reason_by_its_sender(world: World):
    pole, german = await world.officer("PL-GITD"), await world.officer("DE-BALM")
    alert_id = await send_alert(world.pool, pole, WITHDRAWN)
    reason = Words("Decyzja została uchylona.", "pl")
    assert await refusal(withdraw_alert(world.pool, german, alert_id, reason)) == "not_found"
    await withdraw_alert(world.pool, pole, alert_id, reason)
    assert (await alert_of(world.pool, german, alert_id, "en")).withdrawal == reason
    assert await refusal(withdraw_alert(world.pool, pole, alert_id, reason)) == "alert_withdrawn_already"
    assert [one.kind for one in await notices_of_officer(world.pool, german, "en", 0, 10)] == [
        "alert_received",
        "alert_withdrawn",
    ]


async def test_lists_tell_what_is_still_to_be_acknowledged(world: World):
    pole, german = await world.officer("PL-GITD"), await world.officer("DE-BALM")
    first, second = await send_alert(world.pool, pole, WITHDRAWN), await send_alert(world.pool, pole, WITHDRAWN)

    async def ids(officer, **wanted):
        return [one.alert_id for one in await page_of_alerts(world.pool, officer, "en", **wanted)]

    assert await ids(german) == [second, first]
    await acknowledge_alert(world.pool, german, second)
    assert await ids(german, direction="received", unacknowledged=True) == [first]
    assert await ids(german, direction="sent") == []
    assert await ids(pole, limit=1) == [second]


async def test_codes_and_roles_are_checked(world: World):
    pole, roadside = await world.officer("PL-GITD"), await world.officer("PL-GITD", "roadside")
    assert await refusal(send_alert(world.pool, roadside, WITHDRAWN)) == "role_missing"
    wrong = NewAlert("alert", "bad_weather", {"operator_name": "X"})
    assert await refusal(send_alert(world.pool, pole, wrong)) == "not_one_of"
    assert await refusal(send_alert(world.pool, pole, NewAlert("alert", "licence_withdrawn", {}))) == "content_missing"
    words = NewAlert("alert", "licence_withdrawn", {"operator_name": "X"}, Words("?", "xx"))
    assert await refusal(send_alert(world.pool, pole, words)) == "language_unknown"
