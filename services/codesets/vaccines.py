"""Vaccines: which codes are products, which are administrations, and how they belong together.

Code numbers only, with words of our own. Sources: Medicare claims manual chapter 18 section 10
(G0008, G0009, G0010), CPT's immunization sections by number, ICD-10-CM note at Z23.
"""

from __future__ import annotations

ENCOUNTER = "Z23"
FIRST_INJECTION, NEXT_INJECTION = "90471", "90472"
FIRST_ORAL, NEXT_ORAL = "90473", "90474"
FIRST_COUNSELLED, NEXT_COMPONENT = "90460", "90461"
COVID = "90480"
NOT_FOR_VACCINES = "96372"
GENERAL = frozenset({FIRST_INJECTION, NEXT_INJECTION, FIRST_ORAL, NEXT_ORAL, FIRST_COUNSELLED})
MEDICARE = {"G0008": "influenza", "G0009": "pneumococcal", "G0010": "hepatitis B"}
ADMINISTRATIONS = GENERAL | {COVID} | frozenset(MEDICARE)
COUNSELLED_TO_AGE = 18

# An additional administration and what it may stand beside.
NEEDS_FIRST: dict[str, tuple[str, ...]] = {
    NEXT_INJECTION: (FIRST_INJECTION, FIRST_ORAL, FIRST_COUNSELLED),
    NEXT_ORAL: (FIRST_INJECTION, FIRST_ORAL, FIRST_COUNSELLED),
    NEXT_COMPONENT: (FIRST_COUNSELLED,),
}

# Products that Medicare Part B has an administration code of its own for.
INFLUENZA = frozenset(
    (
        *(
            f"906{n}"
            for n in (30, 53, 55, 56, 57, 58, 60, 61, 62, 72, 73, 74, 82, 85, 86, 87, 88, 94)
        ),
        "90756",
        *(f"Q20{n}" for n in range(34, 40)),
    )
)
PNEUMOCOCCAL = frozenset({"90670", "90671", "90677", "90684", "90732"})
HEPATITIS_B = frozenset({"90739", "90740", "90743", "90744", "90746", "90747", "90759"})
MEDICARE_CODE: dict[str, str] = {
    **dict.fromkeys(sorted(INFLUENZA), "G0008"),
    **dict.fromkeys(sorted(PNEUMOCOCCAL), "G0009"),
    **dict.fromkeys(sorted(HEPATITIS_B), "G0010"),
}

# Components of combination vaccines; every other product has one.
COMPONENTS = {
    "90636": 2,
    "90696": 4,
    "90697": 6,
    "90698": 5,
    "90700": 3,
    "90702": 2,
    "90707": 3,
    "90710": 4,
    "90714": 2,
    "90715": 3,
    "90723": 5,
    "90748": 2,
}
COVID_PRODUCTS = ("91300", "91322")
VACCINES = ("90476", "90759")


def is_product(code: str) -> bool:
    """Whether the code is a vaccine or toxoid, by its number alone."""
    return (
        (VACCINES[0] <= code <= VACCINES[1] and len(code) == len(VACCINES[0]))
        or (COVID_PRODUCTS[0] <= code <= COVID_PRODUCTS[1])
        or code in INFLUENZA
    )


def components(code: str) -> int:
    """How many components the product has."""
    return COMPONENTS.get(code, 1)
