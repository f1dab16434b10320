"""What an object store refuses, in words that say what to do."""

from collections.abc import Iterator
from contextlib import contextmanager

import urllib3
from boto3.exceptions import Boto3Error
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    HTTPClientError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
)
from botocore.exceptions import ConnectionError as NoConnectionError

from steelyard.publish.place import PublicationError

_STANDS = (
    "What was sent whole stays and is not sent again; no pointer leads to a release that is not "
    "whole."
)
_CREDENTIALS = (
    "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, and AWS_ENDPOINT_URL where "
    "the store is not Amazon's"
)
_REFUSED = frozenset(
    {
        "403",
        "AccessDenied",
        "AuthFailure",
        "ExpiredToken",
        "InvalidAccessKeyId",
        "InvalidToken",
        "SignatureDoesNotMatch",
        "Unauthorized",
    }
)


def code_of(error: ClientError) -> str:
    """Return the store's own word for what it refuses."""
    return str(error.response.get("Error", {}).get("Code", ""))


@contextmanager
def explained(address: str) -> Iterator[None]:
    """Turn what the library raises into a message.

    Raises
    ------
    PublicationError
        That names the bucket, what the store says, what stands, and what to do.
    """
    try:
        yield
    except ClientError as error:
        raise PublicationError(_of_answer(address, error)) from error
    except (NoCredentialsError, PartialCredentialsError, ProfileNotFound) as error:
        raise PublicationError(f"{address}: {error}. Nothing was sent. {_CREDENTIALS}") from error
    except (NoConnectionError, HTTPClientError, urllib3.exceptions.HTTPError) as error:
        raise PublicationError(
            f"{address}: the connection failed or broke off, and trying again did not help: "
            f"{error}. {_STANDS} Look at AWS_ENDPOINT_URL and the network, and publish again: it "
            "goes on from there"
        ) from error
    except (Boto3Error, BotoCoreError) as error:
        raise PublicationError(f"{address}: {error}. {_STANDS}") from error


def _of_answer(address: str, error: ClientError) -> str:
    code, said = code_of(error), error.response.get("Error", {}).get("Message", "")
    told = f"{address}: the store answers {code}" + (f" ({said})" if said else "")
    if code == "NoSuchBucket":
        return f"{told}. Nothing was sent. Make the bucket first, or correct its name"
    if code in _REFUSED:
        return (
            f"{told}: it refuses these credentials. {_STANDS} {_CREDENTIALS}; who publishes must "
            "be allowed to list the bucket, and to get, put and delete its objects"
        )
    return f"{told}. {_STANDS} Publish again later"
