"""Why an edition could not be loaded or read. No sentence repeats what a file says."""

from __future__ import annotations

from services.chart.failures import Owner, Rejected


class MalformedFile(Rejected):
    """A file is not in the layout of its set; `where` names the file, the line and the column."""

    code = "codesets.malformed-file"
    owner = Owner.OPS
    fix = "Get the file from its publisher again and load it as it is; nothing was changed."


class EditionDiffers(Rejected):
    """An edition of this name is on the shelf, made from other files or with other days."""

    code = "codesets.edition-differs"
    owner = Owner.OPS
    fix = (
        "Give the new edition a name of its own, or say --replace to put it in the old one's place."
    )


class EditionDamaged(Rejected):
    """The file of an edition is not whole, or is of another version of Chartline."""

    code = "codesets.edition-damaged"
    owner = Owner.OPS
    fix = "Load the edition again with --replace."


class LicenceMissing(Rejected):
    """A licensed set was to be loaded without saying under which licence."""

    code = "codesets.licence-missing"
    owner = Owner.OPS
    fix = "Say under which licence you hold the file with --licence."


class UnknownFormat(Rejected):
    """No loader has this name."""

    code = "codesets.unknown-format"
    owner = Owner.OPS
    fix = "`chartline codesets load --help` lists the formats."
