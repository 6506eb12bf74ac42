"""Rules between the codes of one note: combinations, what is more specific, integral symptoms.

Each rule is a small function over the drafts with its source; `RULES` gives their order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

from services.codesets.tabular import Tabular
from services.coding.notes.data import rows
from services.coding.notes.model import CATEGORY, Draft, Drafts, NoteFinding, dotted

KIDNEY = "N18"
LATE = ("N185", "N186")
WITH_HYPERTENSION = "guideline.I.C.9.a"
WITH_DIABETES = "guideline.I.A.15"
DIABETES = ("E08", "E09", "E10", "E11", "E13")
PLAIN = "9"
FULL = 7
SIDED = frozenset("123")
STATUS_NEEDS = {
    "Z794": DIABETES,
    "Z7984": DIABETES,
    "Z7985": DIABETES,
    "Z992": ("N18", "I12", "I13"),
}
# what diabetes is assumed to cause: (codes, what follows the category, whether the code stays)
COMPLICATIONS: tuple[tuple[tuple[str, ...], str, bool], ...] = (
    (("N18",), "22", True),
    (("E8729", "E8720"), "10", False),
    (("G629", "G609"), "40", False),
    (("K3184",), "43", True),
    (("H3500", "H350"), "319", False),
    (("H269", "H2510"), "36", False),
    (("I739",), "51", False),
    (("L97",), "621", True),
    (("R739",), "65", False),
    (("E162",), "649", False),
    (("M869",), "69", True),
)
NOT_ALONE: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("F32A",), ("F320", "F321", "F322", "F323", "F329", "F33")),
    (("F329",), ("F33", "F320", "F321", "F322")),
    (("J40",), ("J20", "J44", "J42")),
    (("J329",), ("J01",)),
    (("J069",), ("J01", "J02", "J03", "J04", "J20", "J18", "J10", "J11", "U071")),
    (("J029",), ("J020",)),
    (("J90",), ("I50", "I110", "I130")),
    (("J810",), ("I50", "I110", "I130")),
    (("I219",), ("I214", "I210", "I211", "I212", "I213", "I21A")),
    (("I249", "I200", "I2489"), ("I21",)),
    (("N19", "N289"), ("N17", "N18")),
    (("N3090", "N390"), ("N10", "N3000", "N3001")),
    (("B349",), ("J06", "A084", "J10", "J11", "U071", "J12", "B01", "B02", "A87")),
    (("B9620", "B9562", "B974"), ("A415", "A410", "J15", "J21")),
    (("D649",), ("D50", "D51", "D52", "D57", "D62", "D63")),
    (("K929", "K922"), ("K250", "K254", "K260", "K264", "K5731", "K5733")),
    (("K5730",), ("K5732", "K5733")),
    (("K8020",), ("K800", "K8050", "K851")),
    (("M1990",), ("M16", "M17", "M15", "M18")),
    (("M545",), ("S390", "S335", "M5126")),
    (("M549",), ("M54", "S390", "S335", "M51", "M480", "N20")),
    (("Z87442",), ("N20",)),
    (("F419",), ("F411", "F410")),
    (("E785",), ("E780", "E781", "E782")),
    (("F0390",), ("F01", "G30")),
    (("F17200", "Z720"), ("F1721",)),
    (("C801",), ("C", "Z85")),
    (("C799",), ("C77", "C78", "C793", "C795")),
    (("G4730",), ("G4733",)),
    (("T1490",), ("S",)),
    (("W19",), ("W0", "W10", "W11", "W13", "V")),
    (("K759",), ("B15", "B16", "B17", "B18")),
    (("E46",), ("E43", "E44")),
)


def combine(drafts: Drafts, tabular: Tabular) -> None:
    """Apply every rule in order."""
    for rule in RULES:
        rule(drafts)
    excludes1(drafts, tabular)


def diabetes_type(drafts: Drafts) -> None:
    """Diabetes without a type is type 2 (I.C.4.a.2), unless the note says elsewhere which it is."""
    if drafts.starting("E10", "E08", "E09", "E13", "O24"):
        for code in drafts.starting("E11"):
            if drafts.codes[code].generic:
                _move_type(drafts, code)


def _move_type(drafts: Drafts, code: str) -> None:
    kinds = {one[:3] for one in drafts.starting("E10", "E08", "E09", "E13")}
    if len(kinds) == 1 and code != "E119":
        drafts.become(code, kinds.pop() + code[3:], "guideline.I.C.4.a")
    else:
        drafts.drop(code, "guideline.I.C.4.a", "The note says elsewhere which type it is.")


def diabetes_with(drafts: Drafts) -> None:
    """Diabetes and a condition that the index lists under "with" are coded as related (I.A.15)."""
    for category in sorted({code[:3] for code in drafts.starting(*DIABETES)}):
        base = drafts.starting(category)[0]
        for beginnings, ending, stays in COMPLICATIONS:
            for code in drafts.starting(*beginnings):
                _complicate(drafts, base, code, category + ending, stays=stays)
        if len(drafts.starting(category)) > 1:
            drafts.drop(f"{category}9", WITH_DIABETES, "A complication of the diabetes is coded.")


def _complicate(drafts: Drafts, base: str, code: str, combined: str, *, stays: bool) -> None:
    held = drafts.codes[code]
    known = drafts.codes.get(base) or held
    if not any(one.startswith(combined[:5]) for one in drafts.codes):
        sure = min(held.confidence, known.confidence)
        rules = [*held.rules, WITH_DIABETES]
        drafts.add(Draft(combined, sure, [*known.evidence, *held.evidence], rules))
    if not stays:
        drafts.codes.pop(code)


def hypertension(drafts: Drafts) -> None:
    """Hypertension with heart failure, chronic kidney disease or both is one code (I.C.9.a)."""
    if "I10" not in drafts.codes:
        return
    failure, kidney = drafts.starting("I50"), drafts.starting(KIDNEY)
    if not failure and not kidney:
        return
    late = any(code.startswith(LATE) for code in kidney)
    if failure and kidney:
        code = "I132" if late else "I130"
    elif failure:
        code = "I110"
    else:
        code = "I120" if late else "I129"
    sure = [drafts.codes[one].confidence for one in (*failure, *kidney)]
    drafts.codes["I10"].confidence = min(drafts.codes["I10"].confidence, max(sure))
    drafts.become("I10", code, WITH_HYPERTENSION)


def lungs(drafts: Drafts) -> None:
    """COPD with pneumonia or acute bronchitis is J44.0 beside the infection (I.C.10.a, J44.0)."""
    if drafts.starting("J44") and drafts.starting("J12", "J13", "J14", "J15", "J16", "J18", "J20"):
        base = drafts.starting("J44")[0]
        held = drafts.codes[base]
        drafts.add(Draft("J440", held.confidence, list(held.evidence), ["tabular.J44.0"]))
        drafts.drop("J449", "tabular.J44.0", "J44.0 says more.")
    if drafts.starting("U071") and "J189" in drafts.codes:
        drafts.become("J189", "J1282", "guideline.I.C.1.g")
    if "J1282" in drafts.codes and not drafts.starting("U071"):
        held = drafts.codes["J1282"]
        drafts.add(Draft("U071", held.confidence, list(held.evidence), ["guideline.I.C.1.g"]))


def sepsis(drafts: Drafts) -> None:
    """Septic shock and severe sepsis need the sepsis itself before them (I.C.1.d)."""
    severe = drafts.starting("R652")
    if severe and not drafts.starting("A40", "A41", "A02.1", "B37.7", "P36", "O85", "T8144"):
        held = drafts.codes[severe[0]]
        drafts.add(Draft("A419", held.confidence, list(held.evidence), ["guideline.I.C.1.d"]))
    if "R6521" in drafts.codes:
        drafts.drop("R6520", "guideline.I.C.1.d", "R65.21 says more.")
    if drafts.starting("A40", "A41"):
        drafts.drop("R7881", "tabular.excludes1", "Sepsis includes the bacteremia.")


def more_specific(drafts: Drafts) -> None:
    """Of a condition and its unspecified form only the specific one is coded (I.B.2)."""
    for beginnings, better in NOT_ALONE if len(drafts.codes) > 1 else ():
        for code in drafts.starting(*beginnings):
            others = [one for one in drafts.starting(*better) if one != code]
            if others:
                drafts.drop(
                    code, "guideline.I.B.2", f"{dotted(others[0])} says more than {dotted(code)}."
                )
    for code in list(drafts.codes):
        if code[0] in "STVWXYZ" or code[3:4] != PLAIN:
            continue
        others = [one for one in drafts.starting(code[:3]) if one[3:4] != PLAIN]
        if others:
            drafts.drop(
                code, "guideline.I.B.2", f"{dotted(others[0])} says more than {dotted(code)}."
            )
    _sides(drafts)


def _sides(drafts: Drafts) -> None:
    """The unspecified side beside a stated one says nothing (I.B.13)."""
    for code in list(drafts.codes):
        place = 5 if len(code) == FULL and code[0] in "ST" else len(code) - 1
        if place < CATEGORY + 1 or code[place] not in "09" or code[0] == "Z":
            continue
        stem = code[:place]
        if any(one.startswith(stem) and one[place : place + 1] in SIDED for one in drafts.codes):
            drafts.drop(code, "guideline.I.B.13", "The side is stated elsewhere.")


def integral(drafts: Drafts) -> None:
    """Signs and symptoms that belong to a coded diagnosis are not coded (I.B.5)."""
    for beginnings, symptoms in integrals() if drafts.starting(*_all_symptoms()) else ():
        causes = [code for code in drafts.starting(*beginnings) if not code.startswith(symptoms)]
        for code in drafts.starting(*symptoms) if causes else ():
            drafts.drop(code, "guideline.I.B.5", f"{dotted(code)} belongs to {dotted(causes[0])}.")


def status_needs(drafts: Drafts) -> None:
    """A status that means something only beside its condition."""
    for code, conditions in STATUS_NEEDS.items():
        if code in drafts.codes and not drafts.starting(*conditions):
            drafts.drop(code, "note.status-alone", "Its condition is not coded.")
    if "N186" in drafts.codes:
        for code in drafts.starting("N18"):
            if code != "N186":
                drafts.drop(code, "guideline.I.C.14.a", "N18.6 says more.")


def causes(drafts: Drafts) -> None:
    """An external cause stands beside an injury or condition, never alone (I.C.20.a)."""
    for code in drafts.starting("V", "W", "X", "Y"):
        if not drafts.starting("S", "T", "M80", "M84"):
            drafts.drop(code, "guideline.I.C.20.a", "There is no injury that it caused.")


def delivery(drafts: Drafts) -> None:
    """O80 stands with Z37.0 and without any other code of chapter 15 (I.C.15.n)."""
    if "O80" not in drafts.codes:
        return
    if [code for code in drafts.starting("O") if code != "O80"]:
        drafts.drop("O80", "guideline.I.C.15.n", "Another code of chapter 15 is there.")
    elif not drafts.starting("Z37"):
        held = drafts.codes["O80"]
        drafts.add(Draft("Z370", held.confidence, list(held.evidence), ["guideline.I.C.15.n"]))


def excludes1(drafts: Drafts, tabular: Tabular) -> None:
    """Of two codes that an Excludes1 note keeps apart the surer stays, a symptom goes first."""
    codes = list(drafts.codes)
    for pair in tabular.excludes1(codes):
        one, other = codes[pair.first], codes[pair.second]
        if one in drafts.codes and other in drafts.codes:
            weaker = max((one, other), key=lambda code: _weakness(drafts, code))
            words = f"An Excludes1 note keeps {dotted(one)} apart from {dotted(other)}."
            drafts.drop(weaker, "R-ICD-07", words, "warning")


def _weakness(drafts: Drafts, code: str) -> tuple[bool, float, str]:
    return code.startswith("R"), -drafts.codes[code].confidence, code


@cache
def _all_symptoms() -> tuple[str, ...]:
    return tuple(sorted({symptom for _, symptoms in integrals() for symptom in symptoms}))


@cache
def integrals() -> tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]:
    """Beginnings of diagnoses, and of the symptoms that belong to them."""
    return tuple(
        (_spread(diagnoses.replace(",", " ")), tuple(symptoms.split()))
        for diagnoses, symptoms in rows("integral.txt", 2)
    )


def _spread(text: str) -> tuple[str, ...]:
    found: list[str] = []
    for part in text.split():
        low, _, high = part.partition("-")
        if high:
            found += [f"{low[0]}{number:02d}" for number in range(int(low[1:]), int(high[1:]) + 1)]
        else:
            found.append(low)
    return tuple(found)


RULES: Sequence[Callable[[Drafts], None]] = (
    diabetes_type,
    sepsis,
    lungs,
    more_specific,
    diabetes_with,
    hypertension,
    status_needs,
    integral,
    delivery,
    causes,
)


def unresolved(code: str) -> NoteFinding:
    """A mention whose words do not decide between the codes below a header."""
    message = f"{dotted(code)} needs more detail than the note gives near the mention."
    return NoteFinding("guideline.I.B.2", "warning", code, message)
