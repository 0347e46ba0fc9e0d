"""The same steps as futures of Dask: a cluster of one's own, or a scheduler's address.

Dask decides where and when; the steps, their drafts and their bytes are those of a local batch.
"""

import ipaddress
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from importlib import import_module
from typing import Any, Final
from urllib.parse import urlsplit

from ecogis.core.errors import ConfigError, EcogisError
from ecogis.pipeline.batching.jobs import Job, Outcome, Perform, failed, perform

__all__ = ["in_cluster"]

_SETTINGS: Final = {  # of a cluster made here: what costs CPU and serves nobody is off or rare
    "distributed.worker.profile.enabled": False,
    "distributed.admin.tick.interval": "1s",
    "distributed.admin.system-monitor.interval": "10s",
    "distributed.worker.memory.monitor-interval": "1s",
    "distributed.nanny.pre-spawn-environ": {},  # it gives memory back at every step, page by page
}


@contextmanager
def in_cluster(scheduler: str | None, workers: int) -> Iterator[Perform]:
    """A client of a scheduler, or of a cluster of this machine made for the while.

    Parameters
    ----------
    scheduler : str or None
        Its address. Certificates come from Dask's own settings, ``distributed.comm.tls``. None
        makes a cluster of processes here, with certificates of its own.
    workers : int
        Processes of a cluster made here.

    Yields
    ------
    callable
        Given steps, it yields each with its outcome, as `in_processes` does.

    Raises
    ------
    ConfigError
        E439 Dask is not installed, E441 the scheduler does not answer or there are no certificates
        for it, E447 it listens in plain text on an address that other machines reach.
    """
    engine = _engine()
    if scheduler is not None and _is_open(scheduler):
        raise ConfigError("E447", value=scheduler)
    with ExitStack() as stack:
        try:
            stack.enter_context(import_module("dask").config.set(_SETTINGS))
            where = scheduler or stack.enter_context(_cluster(engine, workers))
            client = stack.enter_context(engine.Client(where))
        except ImportError:  # certificates are made with cryptography
            raise ConfigError("E439") from None
        except (OSError, TypeError, ValueError) as fault:
            raise ConfigError("E441", value=scheduler, detail=str(fault)[:200]) from None
        yield lambda jobs: _performed(engine, client, jobs)


def _engine() -> Any:
    try:
        return import_module("distributed")
    except ImportError:
        raise ConfigError("E439") from None


def _is_open(address: str) -> bool:
    """Whether an address is plain text beyond this machine."""
    parts = urlsplit(address if "://" in address else f"tcp://{address}")
    if parts.scheme == "tls":
        return False
    try:
        return not ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return parts.hostname != "localhost"


def _cluster(engine: Any, workers: int) -> Any:
    """Processes with one thread each: one area at a time, memory bounded by the largest."""
    return engine.LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
        scheduler_kwargs={"dashboard": False},
        security=engine.Security.temporary(),
    )


def _performed(engine: Any, client: Any, jobs: Iterable[Job]) -> Iterator[tuple[Job, Outcome]]:
    asked = {client.submit(perform, job, pure=False): job for job in jobs}
    ended = engine.as_completed(list(asked), with_results=True, raise_errors=False)
    for future, found in ended:
        yield asked.pop(future), _outcome(found)
        future.release()


def _outcome(found: Any) -> Outcome:
    """What came of a step; Dask gives up on one whose workers die again and again."""
    if isinstance(found, Outcome):
        return found
    fault = found[1] if isinstance(found, tuple) else found
    told = f"{type(fault).__name__}: {' '.join(str(fault).split())[:300]}"
    return failed(EcogisError("E440", detail=told))
