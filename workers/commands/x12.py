"""What `inspect` says about an X12 file: its envelope, then what its transactions hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING

from services.chart.failures import Failure
from services.edi.reader import Interchange, read_all, transaction_kind
from workers.commands.understood import Found, Understood

if TYPE_CHECKING:
    from services.edi.remit_835 import Remittance

MOST_ERRORS = 200  # of one file; the rest is counted


def understand(content: bytes) -> Understood:
    """Everything about one X12 file. Never raises a failure: what is unreadable is a finding."""
    kind = transaction_kind(content)
    named = _short(kind, 4)
    found = Understood(f"x12-{named}" if named else "x12")
    try:
        interchanges = read_all(content)
    except Failure as failure:
        return _refused(found, failure)
    for interchange in interchanges:
        _envelope(found, interchange)
    for reader in READERS.get(kind, (_count_sets,)):
        try:
            reader(found, content)
        except Failure as failure:
            return _refused(found, failure)
    return found


def _short(text: str, longest: int) -> str:
    """A code or a number as it stands; "" for what is none, for it may be about a patient."""
    return text if text.isascii() and text.isalnum() and len(text) <= longest else ""


def _refused(found: Understood, failure: Failure) -> Understood:
    found.wrong(failure.where, failure.sentence, type(failure).code, failure.suggested_fix)
    return found


def _envelope(found: Understood, interchange: Interchange) -> None:
    usage = {"P": "production", "T": "test"}.get(interchange.usage, "usage not known")
    found.say("interchange", f"{_short(interchange.control, 9)} ({usage})")
    versions = sorted({_short(group.version, 12) for group in interchange.groups})
    found.say("version", ", ".join(filter(None, versions)) or "-")
    for problem in interchange.problems:
        found.findings.append(
            Found("warning", f"segment {problem.number}", problem.words, "edi.envelope")
        )


def _count_sets(found: Understood, content: bytes) -> None:
    sets = Counter(
        _short(one.kind, 3) or "?" for each in read_all(content) for one in each.transactions
    )
    listed = ", ".join(f"{kind} x {number}" for kind, number in sorted(sets.items()))
    found.say("transactions", listed or "none")


def _claims(found: Understood, content: bytes) -> None:
    """837: how many claims for how much, by what the segments say."""
    total, claims, lines = Decimal(0), 0, 0
    for interchange in read_all(content):
        for transaction in interchange.transactions:
            for segment in transaction.segments:
                if segment.id == "CLM":
                    claims += 1
                    amount = _amount(segment[2])
                    total += amount or 0
                    found.patient.append(("claim", f"{segment[1]} charged {segment[2]}"))
                elif segment.id in {"SV1", "SV2", "SV3"}:
                    lines += 1
                elif segment.id == "NM1" and segment[1] in {"IL", "QC"}:
                    found.patient.append((_ROLE[segment[1]], f"{segment[3]}, {segment[4]}"))
    found.say("claims", f"{claims} with {lines} service lines, charged {total}")


def _amount(text: str) -> Decimal | None:
    try:
        amount = Decimal(text)
    except ArithmeticError:
        return None
    return amount if amount.is_finite() else None


def _guide(found: Understood, content: bytes) -> None:
    """Every error of guide validation (SNIP 1 and 2)."""
    from services.edi.guide import check  # noqa: PLC0415 - pyx12 takes 0.2 s

    errors = check(content)
    found.say("guide check", f"{len(errors)} errors" if errors else "passed")
    for one in errors[:MOST_ERRORS]:
        where = f"segment {one.number}, {one.element or one.segment}"
        found.wrong(where, one.words, f"guide.{one.code}")
    if len(errors) > MOST_ERRORS:
        found.wrong("", f"{len(errors) - MOST_ERRORS} more guide errors follow.", "guide.more")


def _ta1(found: Understood, content: bytes) -> None:
    from services.edi import ack_ta1  # noqa: PLC0415 - only what the file needs

    for one in ack_ta1.read(content):
        verdict = "accepted" if one.accepted else "rejected"
        found.say(
            f"TA1 for interchange {_short(one.interchange_control, 9)}", f"{verdict}: {one.words}"
        )


def _999(found: Understood, content: bytes) -> None:
    from services.edi import ack_999  # noqa: PLC0415 - only what the file needs

    for ack in ack_999.read(content):
        found.say(
            f"999 for group {_short(ack.group_control, 9)}",
            f"{ack.code or 'no'} verdict of the group",
        )
        for one in ack.sets:
            if ack.accepts(one.control):
                found.say(f"set {_short(one.control, 9)}", f"accepted ({one.code})")
            else:
                words = ack.words(one.control)
                found.say(f"set {_short(one.control, 9)}", f"rejected: {words}")


def _277(found: Understood, content: bytes) -> None:
    from services.edi import status_277ca  # noqa: PLC0415 - only what the file needs

    for ack in status_277ca.read(content):
        verdicts = Counter(str(claim.verdict) for claim in ack.claims)
        found.say("claims", ", ".join(f"{n} {v}" for v, n in sorted(verdicts.items())) or "none")
        for level in ack.levels:
            found.say(level.level, "; ".join(code.words for code in level.codes))
        for claim in ack.claims:
            found.say(f"claim at segment {claim.number}", f"{claim.verdict}: {claim.words}")
            found.patient.append((f"claim at segment {claim.number}", claim.control_number))


def _835(found: Understood, content: bytes) -> None:
    from services.edi import remit_835  # noqa: PLC0415 - only what the file needs

    for remittance in remit_835.read(content):
        _remittance(found, remittance)
    for opinion in remit_835.second_opinion(content):
        words = f"A second reader finds {opinion.kind} (level {opinion.level})."
        found.findings.append(Found("warning", opinion.where, words, "edi.second-opinion"))


def _remittance(found: Understood, remittance: Remittance) -> None:
    from services.remittance.balance import balance  # noqa: PLC0415 - only what the file needs

    found.say("payer", remittance.payer or "-")
    paid_on = remittance.paid_on.isoformat() if remittance.paid_on else "no date"
    found.say(
        "paid", f"{remittance.paid_total} by {_short(remittance.method, 3) or '-'} on {paid_on}"
    )
    statuses = Counter(claim.status for claim in remittance.claims)
    listed = ", ".join(f"status {_short(s, 2) or '-'}: {n}" for s, n in sorted(statuses.items()))
    found.say("claims", f"{len(remittance.claims)} ({listed or 'none'})")
    wrong = balance(remittance)
    found.say("balance", "balances" if not wrong else f"{len(wrong)} sums are wrong")
    for one in wrong:
        found.wrong(f"segment {one.number}", one.words, "remittance.out-of-balance")
    for claim in remittance.claims:
        paid = f"{claim.control_number} charged {claim.charged} paid {claim.paid}"
        found.patient.append(("claim", f"{paid} patient {claim.patient}"))


_ROLE = {"IL": "subscriber", "QC": "patient"}
Reader = Callable[[Understood, bytes], None]
READERS: dict[str, tuple[Reader, ...]] = {
    "837P": (_claims, _guide),
    "837I": (_claims, _guide),
    "837D": (_claims,),
    "TA1": (_ta1,),
    "999": (_999,),
    "277CA": (_277,),
    "277": (_277,),
    "835": (_835,),
}
