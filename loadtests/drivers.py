"""Posted drivers: who they are and how a declaration names them, for many drivers at once."""

from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from loadtests.draws import Draws, Numbers
from loadtests.model import Weighted, places, shares
from loadtests.operators import address
from loadtests.text import chosen, joined

_YEAR_DAYS = 365.25


def driver_fields(draws: Draws, operator: Numbers, driver: Numbers, country: NDArray[Any], today: date) -> pa.Array:
    """Writes the `driver*` members of the JSON object of each driver; `country` is the operator's.

    Third-country drivers carry their own country's licence, and about half of them an address there.
    """
    about = (operator, driver)
    looks, table = places(), shares()["driver"]
    nation = _nation(draws, country, *about)
    home = np.where(draws.happens("driver.lives_at_home", table["lives_at_home"], *about), nation, country)
    street, post_code, city = address(draws, "driver", home, *about)
    passport = draws.happens("driver.passport", table["passport"], *about) | (nation != country)
    youngest, oldest = table["age_years"]
    age = _YEAR_DAYS * (youngest + (oldest - youngest) * draws.units("driver.age", *about))
    shortest, longest = table["contract_days"]
    employed = shortest + (longest - shortest) * draws.units("driver.contract", *about) ** 2
    fields = joined(
        '"driverLatinFirstName":"',
        looks.first_names.take(nation, draws.words("driver.first_name", *about)),
        '","driverLatinLastName":"',
        looks.last_names.take(nation, draws.words("driver.last_name", *about)),
        '","driverDateOfBirth":"',
        _days_before(today, age),
        '","driverLicenseNumber":"',
        looks.driving_licences.fill(nation, draws.words("driver.licence", *about)),
        '","driverDocumentType":"',
        chosen(("IDCARD", "PASSPORT"), passport.astype(np.int64)),
        '","driverDocumentNumber":"',
        looks.documents.fill(nation, draws.words("driver.document", *about)),
        '","driverDocumentIssuingCountry":"',
        chosen(looks.codes, nation),
        '","driverAddressStreet":"',
        street,
        '","driverAddressPostCode":"',
        post_code,
        '","driverAddressCity":"',
        city,
        '","driverAddressCountry":"',
        chosen(looks.codes, home),
        '","driverContractStartDate":"',
        _days_before(today, employed),
        '","driverApplicableLaw":"',
        chosen(looks.codes, country),
        '",',
    )
    has_mail = draws.happens("driver.email", table["email"], *about)
    number = pa.array(draws.below("driver.mailbox", 10**7, *about)).cast(pa.string())
    mail = joined('"driverEmail":"d', number, '@mail.example",')
    return joined(fields, pa.compute.if_else(pa.array(has_mail), mail, ""))


def _nation(draws: Draws, country: NDArray[Any], *about: NDArray[Any]) -> NDArray[Any]:
    table = dict(shares()["third_country"])
    other = table.pop("other")
    share = np.array([table.get(code, other) for code in places().codes])
    origins = Weighted(shares()["third_country_origins"])
    abroad = places().index(origins.names)[draws.choice("driver.nation", origins.shares, *about)]
    return np.where(draws.happens("driver.third_country", share[country], *about), abroad, country)


def _days_before(today: date, days: NDArray[np.float64]) -> pa.Array:
    day = np.datetime64(today, "D") - days.astype("timedelta64[D]")
    return pa.array(day.astype("datetime64[D]")).cast(pa.string())
