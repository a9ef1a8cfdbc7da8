"""The operators of a load as the register would have them: NDJSON of `schemas.operator.Operator`."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from loadtests.draws import Draws
from loadtests.model import places
from loadtests.population import Population
from loadtests.text import buffer_of, chosen, identifiers, joined, numbers

_BLOCK = 20_000
_STEMS = ("Trans", "Logistic", "Cargo", "Spedition", "Truck", "Euro", "Baltic", "Inter", "Nord", "Fast", "Road", "Via")
_SECOND = ("Trans", "Line", "Way", "Log", "Service", "Express", "Team", "Group", "Freight", "Star")


def operator_ids(draws: Draws, who: NDArray[Any], known: UUID | None) -> pa.Array:
    """Writes the operators' ids, the same for one seed whoever asks; `known` is the id of the only operator."""
    if known is not None:
        return pa.repeat(str(known), len(who))
    return identifiers(draws.words("operator.id.high", who), draws.words("operator.id.low", who))


def address(
    draws: Draws, name: str, country: NDArray[Any], *about: NDArray[Any]
) -> tuple[pa.Array, pa.Array, pa.Array]:
    """Makes street with house number, post code and city of somebody in `country`."""
    street = draws.words(f"{name}.street", *about)
    house = draws.below(f"{name}.house", 180, *about) + 1
    return (
        joined(
            places().before_number.take(country, street),
            pa.array(house).cast(pa.string()),
            places().after_number.take(country, street),
        ),
        places().post_codes.fill(country, draws.words(f"{name}.post_code", *about)),
        places().cities.take(country, draws.words(f"{name}.city", *about)),
    )


def manager(draws: Draws, country: NDArray[Any], who: NDArray[Any]) -> tuple[pa.Array, pa.Array]:
    """Gives first and last name of each operator's transport manager."""
    return (
        places().first_names.take(country, draws.words("manager.first_name", who)),
        places().last_names.take(country, draws.words("manager.last_name", who)),
    )


def mailbox(draws: Draws, name: str, who: NDArray[Any]) -> pa.Array:
    """Makes an address of electronic mail in a domain that nobody has (RFC 2606)."""
    return joined(name, "@c", numbers(draws.below("operator.domain", 10**8, who), 8), ".example")


def operator_lines(draws: Draws, population: Population, known: UUID | None = None) -> Iterator[pa.Buffer]:
    """Writes all operators, a line each, some megabytes at a time."""
    for begin in range(0, len(population), _BLOCK):
        who = np.arange(begin, min(begin + _BLOCK, len(population)))
        yield buffer_of(_lines(draws, who, population.country[who], known))


def _lines(draws: Draws, who: NDArray[Any], country: NDArray[Any], known: UUID | None) -> pa.Array:
    looks = places()
    street, post_code, city = address(draws, "operator", country, who)
    first, last = manager(draws, country, who)
    return joined(
        '{"operatorId":"',
        operator_ids(draws, who, known),
        '","operatorName":"',
        chosen(_STEMS, draws.below("operator.stem", len(_STEMS), who)),
        chosen(_SECOND, draws.below("operator.second", len(_SECOND), who)),
        " ",
        looks.last_names.take(country, draws.words("operator.founder", who)),
        " ",
        looks.company_forms.take(country, draws.words("operator.form", who)),
        '","operatorCountry":"',
        chosen(looks.codes, country),
        '","operatorLicenceNumber":"',
        looks.community_licences.fill(country, draws.words("operator.licence", who)),
        '","operatorVatNumber":"',
        looks.vat_numbers.fill(country, draws.words("operator.vat", who)),
        '","operatorAddressStreet":"',
        street,
        '","operatorAddressPostCode":"',
        post_code,
        '","operatorAddressCity":"',
        city,
        '","operatorEmail":"',
        mailbox(draws, "office", who),
        '","operatorPhone":"',
        looks.phones.fill(country, draws.words("operator.phone", who)),
        '","transportManagerFirstName":"',
        first,
        '","transportManagerLastName":"',
        last,
        '","transportManagerEmail":"',
        mailbox(draws, "manager", who),
        '","transportManagerPhone":"',
        looks.phones.fill(country, draws.words("manager.phone", who)),
        '","transportManagerAddress":"',
        joined(street, ", ", post_code, " ", city),
        '"}\n',
    )
