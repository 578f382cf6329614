"""An S3-compatible server of its own process on loopback, which checks who asks and what they may do."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import httpx

BUCKET, REGION = "bucket", "us-east-1"
# What flows/CLUSTER.md says a run needs; in particular not the right to make buckets.
NEEDED = ("s3:ListBucket", "s3:GetObject", "s3:PutObject", "s3:DeleteObject")


@dataclass(frozen=True)
class Store:
    """Where the server is, the invented key of someone who may use the bucket, and the one who may do all."""

    endpoint: str
    key: str
    secret: str
    chief: Store | None = None

    def environment(self) -> dict[str, str]:
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": self.key,
            "AWS_SECRET_ACCESS_KEY": self.secret,
            "AWS_DEFAULT_REGION": REGION,
            # Nothing of the person who runs the tests: no profile, no role of the machine.
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
        }


@contextmanager
def object_store(log: Path) -> Iterator[Store]:
    """Start the server with one bucket and one user, end it afterwards."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    endpoint = f"http://127.0.0.1:{port}"
    with log.open("wb") as lines:
        process = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
            stdout=lines,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait(process, endpoint, log)
            yield _furnish(Store(endpoint, "nobody", "nothing"))
        finally:
            process.terminate()
            process.wait(20)


def _wait(process: subprocess.Popen[bytes], endpoint: str, log: Path) -> None:
    for _ in range(600):
        assert process.poll() is None, log.read_text()
        try:
            httpx.get(f"{endpoint}/moto-api/data.json", timeout=5)
            return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError(f"no answer from {endpoint}: {log.read_text()}")


def _furnish(anyone: Store) -> Store:
    """Before the server begins to check: a bucket, someone who may do all, and a user with what a run needs."""
    _client("s3", anyone).create_bucket(Bucket=BUCKET)
    chief = user(anyone, "chief", ("iam:*", "s3:*"))
    plain = {"Content-Type": "text/plain"}
    httpx.post(f"{anyone.endpoint}/moto-api/reset-auth", content=b"0", headers=plain).raise_for_status()
    return user(replace(chief, chief=chief), "titikrawan", NEEDED)


def user(store: Store, name: str, actions: Sequence[str]) -> Store:
    """The store as seen by a new user who may do these things."""
    iam = _client("iam", store.chief or store)
    iam.create_user(UserName=name)
    allowed = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [allowed]}
    iam.put_user_policy(UserName=name, PolicyName="parts", PolicyDocument=json.dumps(policy))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return replace(store, key=key["AccessKeyId"], secret=key["SecretAccessKey"])


def keys(store: Store, prefix: str = "") -> list[str]:
    """Names of all objects, asked for without fsspec."""
    client = _client("s3", store.chief or store)
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=prefix)
    return sorted(one["Key"] for page in pages for one in page.get("Contents", ()))


def buckets(store: Store) -> list[str]:
    """Names of all buckets."""
    return sorted(one["Name"] for one in _client("s3", store.chief or store).list_buckets()["Buckets"])


@cache  # it reads the description of the service, of which there are megabytes
def _client(service: str, store: Store) -> Any:
    import boto3

    return boto3.client(
        service,
        endpoint_url=store.endpoint,
        aws_access_key_id=store.key,
        aws_secret_access_key=store.secret,
        region_name=REGION,
    )
