"""Every error that Specimen raises on purpose; the message is one sentence that names the thing and the fix.

SpecimenError            the root: catch it at the edges (page shell, job main, HTTP handler, command line)
├── InputError           what was given is wrong: a value, a file, a form (the person can correct it)
├── NotFoundError        what was named is not there: an image, a run, a class
├── RefusedError         against the rules: a newer version's file, a foreign pickle, a private address
├── BusyError            another process holds it: try again
├── StorageError         the disk said no: full, read-only, damaged
│   └── DamagedError     a database's file is no longer one; the message says how to come by another
├── UnavailableError     a service or file outside of us is out of reach: a search engine, weights, a cluster
└── StoppedError         somebody asked the work to stop
"""

__all__ = [
    "BusyError",
    "DamagedError",
    "InputError",
    "NotFoundError",
    "RefusedError",
    "SpecimenError",
    "StoppedError",
    "StorageError",
    "UnavailableError",
    "error_named",
]


class SpecimenError(Exception):
    """The root; `str(error)` is the sentence a person reads."""


class InputError(SpecimenError):
    """What was given cannot be used as it is."""


class NotFoundError(SpecimenError):
    """What was named does not exist."""


class RefusedError(SpecimenError):
    """Specimen declines to do this, whoever asks."""


class BusyError(SpecimenError):
    """Somebody else holds what this needs; the same call may succeed later."""


class StorageError(SpecimenError):
    """The disk or the database could not do what was asked; what was saved before is whole."""


class DamagedError(StorageError):
    """A database's file can no longer be read; nothing was written to it."""


class UnavailableError(SpecimenError):
    """Something outside of this machine or workspace is out of reach."""


class StoppedError(SpecimenError):
    """The work was asked to stop and did, between two items."""


def error_named(kind: str, message: str) -> SpecimenError:
    """The error that another process met, by the name of its class; the root for a name that is none of ours."""
    known: dict[str, type[SpecimenError]] = {
        each.__name__: each for each in (*SpecimenError.__subclasses__(), DamagedError)
    }
    return known.get(kind, SpecimenError)(message)
