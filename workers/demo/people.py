"""Who appears in the synthetic charts: invented patients, practitioners and payers.

Nobody here exists. The family names say so, the streets say so, and the NPIs are computed: nine
invented digits and the check digit that makes the Luhn sum with prefix 80840 come out. They begin
with 2, which is not given out. Payers are those of the demo's payer profiles.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache

from services.chart.model import Address, Coverage, Name, Patient, Practitioner

FAMILIES = (
    "Fictional", "Nosuch", "Madeup", "Testcase", "Pretendo", "Imaginary", "Notreal", "Inventa",
    "Placeholder", "Synthetica", "Makebelieve", "Phantomly", "Samplewright", "Demoville",
    "Neverborn", "Fabricata", "Mockingham", "Paperman", "Storybook", "Dummett-Demo",
)  # fmt: skip
WOMEN = (
    "Ottoline", "Wendeline", "Zenobia", "Hepzibah", "Clementia", "Philippa", "Rosamunde",
    "Tabitha", "Ursuline", "Verbena", "Isolde", "Marigold", "Drusilla", "Euphemia", "Jacinda",
)  # fmt: skip
MEN = (
    "Barnaby", "Peregrine", "Thaddeus", "Ignatius", "Leopold", "Montague", "Erasmus", "Ambrose",
    "Cornelius", "Algernon", "Horatio", "Balthazar", "Fitzgerald", "Quentin", "Rupert",
)  # fmt: skip
STREETS = ("Invented Way", "Nowhere Lane", "Example Street", "Fiction Avenue", "Demo Court")
TOWNS = (
    ("Faketown", "OH", "430041234"),
    ("Nonesuch", "PA", "152015678"),
    ("Demoburg", "MI", "481092468"),
    ("Madeup Falls", "IN", "462201357"),
)


def npi(nine: int) -> str:
    """The NPI with these first nine digits (1xxxxxxxx or 2xxxxxxxx) and its Luhn check digit."""
    body = f"80840{nine:09d}"
    doubled = sum(sum(divmod(int(digit) * 2, 10)) for digit in body[::-2])
    plain = sum(int(digit) for digit in body[-2::-2])
    return f"{nine:09d}{-(doubled + plain) % 10}"


@cache
def practitioners() -> dict[str, Practitioner]:
    """Everybody who treats somebody, by what they do."""
    rows = (
        ("family", "Nosuchdoctor", "Calliope"),
        ("pediatrics", "Fictionaldoc", "Benedicta"),
        ("internal", "Madeupmd", "Lysander"),
        ("emergency", "Inventaer", "Octavius"),
        ("hospitalist", "Pretendward", "Theodosia"),
        ("surgeon", "Notrealknife", "Cassius"),
        ("orthopedics", "Paperbone", "Gwendolyn"),
        ("ophthalmology", "Storylens", "Evander"),
        ("obstetrics", "Mockbirth", "Araminta"),
        ("cardiology", "Demoheart", "Lucasta"),
        ("gastroenterology", "Phantomscope", "Florian"),
        ("occupational", "Samplework", "Delphine"),
        ("anesthesia", "Dreamless", "Hyacinth"),
    )
    return {
        key: Practitioner(npi=npi(290000000 + 137 * number), name=Name(family=family, given=given))
        for number, (key, family, given) in enumerate(rows, start=1)
    }


@dataclass(frozen=True, slots=True)
class Payer:
    """A payer of the demo: `claim_filing` is X12 SBR09; `member` is how a member id begins."""

    payer_id: str
    name: str
    claim_filing: str
    member: str = ""
    group: str = ""


PAYERS = {
    payer.payer_id: payer
    for payer in (
        Payer("MCARE1", "National Senior Health Plan", "MB"),
        Payer("MCAID1", "State Assistance Health Plan", "MC", "91"),
        Payer("BLUE1", "Blue Heron Mutual", "BL", "XQZ", "GRP4100"),
        Payer("UNITED1", "United Meadows Insurance", "CI", "88", "GRP7200"),
        Payer("WCOMP1", "WorkShield Compensation Fund", "WC", "WC", "GRP9900"),
    )
}


def patient(number: int, sex: str, born: date, mrn: str) -> Patient:
    """The invented person with this number."""
    given = (WOMEN if sex == "F" else MEN)[number % 15]
    town, state, zip_code = TOWNS[number % 4]
    return Patient(
        mrn=mrn,
        name=Name(family=FAMILIES[number * 7 % 20], given=given),
        birth_date=born,
        sex=sex,
        address=Address(
            line1=f"{100 + number % 9900} {STREETS[number % 5]}",
            city=town,
            state=state,
            zip=zip_code,
        ),
        phone=f"614555{100 + number % 100:04d}",
    )


def member_id(payer: Payer, number: int) -> str:
    """A member id of the payer's shape; distinct by number, and its end is always two digits."""
    if payer.member:
        return f"{payer.member}{40000000 + number:09d}"
    letters = "ACDEFGHJKMNPQRTUVWXY"
    rest, end = divmod(number, 100)
    rest, eighth = divmod(rest, 20)
    rest, seventh = divmod(rest, 10)
    rest, fifth = divmod(rest, 20)
    first, fourth = divmod(rest, 10)
    return f"{first % 9 + 1}EG{fourth}{letters[fifth]}E{seventh}M{letters[eighth]}{end:02d}"


def coverage(payer_id: str, number: int, *, inpatient: bool = False) -> Coverage:
    """The patient's own insurance. Part A pays Medicare's inpatient charts, Part B the rest."""
    payer = PAYERS[payer_id]
    part_a = inpatient and payer.claim_filing == "MB"
    return Coverage(
        payer_id=payer.payer_id,
        payer_name=payer.name,
        plan_type="MA" if part_a else payer.claim_filing,
        member_id=member_id(payer, number),
        group_number=payer.group,
    )
