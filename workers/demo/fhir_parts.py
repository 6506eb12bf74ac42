"""The small pieces of the synthetic FHIR R4 bundles: codings, references, names, addresses."""

from __future__ import annotations

from typing import Any

from services.chart.model import Address, Name, Practitioner
from workers.demo.facts import ChartFacts

TERMS = "http://terminology.hl7.org/CodeSystem"
ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"
ICD10PCS = "http://www.cms.gov/Medicare/Coding/ICD10"
CPT = "http://www.ama-assn.org/go/cpt"
HCPCS = "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
NUBC = "https://www.nubc.org/CodeSystem"
NPI = "http://hl7.org/fhir/sid/us-npi"
LOINC = "http://loinc.org"


Resource = dict[str, Any]


def present(fields: Resource) -> Resource:
    """The fields that have a value."""
    return {key: value for key, value in fields.items() if value is not None}


def ref(target: str) -> Resource:
    """A reference to a resource of the bundle."""
    return {"reference": target}


def ref_to(who: Practitioner) -> Resource:
    """A reference to a practitioner of the bundle."""
    return ref(f"Practitioner/{who.npi or who.local_id}")


def coding(system: str, code: str) -> Resource:
    """A CodeableConcept of one coding."""
    return {"coding": [{"system": system, "code": code}]}


def term(system: str, code: str) -> Resource:
    """A CodeableConcept of one of HL7's own code systems."""
    return coding(f"{TERMS}/{system}", code)


def stated(system: str, code: str) -> Resource | None:
    """A CodeableConcept, or None where the sender states nothing."""
    return coding(system, code) if code else None


def own_system(facts: ChartFacts, what: str) -> str:
    """The identifier system of the facility for this kind of identifier."""
    return f"urn:chartline-demo:{facts.facility.lower()}:{what}"


def human_name(who: Name) -> Resource:
    """A HumanName."""
    return present(
        {
            "use": "official",
            "family": who.family,
            "given": [part for part in (who.given, who.middle) if part] or None,
            "suffix": [who.suffix] if who.suffix else None,
        }
    )


def postal(where: Address) -> Resource:
    """An Address."""
    return present(
        {
            "line": [part for part in (where.line1, where.line2) if part] or None,
            "city": where.city or None,
            "state": where.state or None,
            "postalCode": where.zip or None,
            "country": where.country or None,
        }
    )
