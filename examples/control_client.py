#!/usr/bin/env python3
"""A client of `pipewatt serve` in plain Python: the calls of Zeus' Pipeline Frequency Optimizer, one by one.

The server and the four calls are the same as those of Zeus, so that its shipped client works too. This one
needs nothing but the standard library, and it also posts results, which the server profiles and checks with.

In a training job, every process makes one `RankClient` and tells it when instructions begin and end:

    client = RankClient(server, job_id, rank=rank, dp_rank=0, pp_rank=stage, tp_rank=0,
                        available_frequencies=clocks, set_clock=set_clock, energy_j=energy_j,
                        synchronize=torch.cuda.synchronize)
    for batch in batches:
        with client.iteration():
            ...
            with client.instruction("forward"):
                ...

Rank 0 gets the job's id from `register_job` and sends it to the others. Try it with simulated GPUs, beside
`pipewatt serve --profile examples/two-stages.csv --blocking-power 80 --microbatches 4`:

    python3 examples/control_client.py --demo --pp 2 --dp 2 --iterations 5
"""

import argparse
import contextlib
import http.client
import json
import os
import random
import sys
import threading
import time
import urllib.parse

POST_TIMEOUT_S = 5.0
TRIES = 8


class ServerError(Exception):
    """An answer other than 200, with the server's sentence."""

    def __init__(self, status, detail):
        super().__init__(f"{status}: {detail}")
        self.status = status
        self.detail = detail


class Server:
    """One connection to the server. Not to be shared between threads.

    Requests are repeated when the connection breaks or the server asks for patience (429, 503): it
    recognises a repeated request and counts it once.
    """

    def __init__(self, url="http://127.0.0.1:7787", token=None):
        parts = urllib.parse.urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{url!r} is not an address such as http://127.0.0.1:7787")
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._connect = lambda timeout: kind(parts.hostname, parts.port, timeout=timeout)
        self._base = parts.path.rstrip("/")
        self._headers = {"content-type": "application/json"}
        if token:
            self._headers["authorization"] = f"Bearer {token}"
        self._connection = None

    @classmethod
    def from_environment(cls, url="http://127.0.0.1:7787"):
        """The address that Zeus' client would use, and the token in PIPEWATT_TOKEN."""
        if "MASTER_ADDR" in os.environ:
            url = f"http://{os.environ['MASTER_ADDR']}:7787"
        return cls(url, os.environ.get("PIPEWATT_TOKEN"))

    def close(self):
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def register_job(self, pp_degree, dp_degree, tp_degree, job_metadata=None):
        """Registers a job; returns its id. Only rank 0 calls it.

        A second call makes a second job, so it is not repeated when its answer is lost.
        """
        body = {
            "job_id": "",
            "pp_degree": pp_degree,
            "dp_degree": dp_degree,
            "tp_degree": tp_degree,
            "world_size": pp_degree * dp_degree * tp_degree,
            "job_metadata": job_metadata,
        }
        return self._request("POST", "/register_job", body, tries=1)

    def register_rank(self, job_id, rank, dp_rank, pp_rank, tp_rank, available_frequencies):
        body = {
            "rank": rank,
            "dp_rank": dp_rank,
            "pp_rank": pp_rank,
            "tp_rank": tp_rank,
            "available_frequencies": sorted(available_frequencies, reverse=True),
        }
        self._request("POST", f"/register_rank/{job_id}", body)

    def schedule(self, job_id, rank):
        """The instructions of one iteration of this rank, in order, and their clocks in MHz.

        Waits until the server knows them.
        """
        answer = self._request("GET", f"/schedule/{job_id}?rank={rank}", timeout=None)
        return [(name, clock) for name, clock in answer["frequencies"]]

    def result(self, job_id, rank, iterations):
        """Posts results of one or more iterations (see `IterationResult`)."""
        names = sorted({name for one in iterations for name in one.time_s})
        body = {
            "rank": rank,
            "iter_time": [one.iteration_time_s for one in iterations],
            "iter_energy": [one.iteration_energy_j for one in iterations],
            "time_breakdown": {name: [one.time_s.get(name, []) for one in iterations] for name in names},
            "energy_breakdown": {
                name: [one.energy_j.get(name, []) for one in iterations] for name in names
            },
        }
        self._request("POST", f"/result/{job_id}", body)

    def straggler(self, job_id, pipeline, slowdown):
        """Reports a slow pipeline; a slowdown of 1 says that it has recovered. Not in Zeus."""
        self._request("POST", f"/jobs/{job_id}/stragglers", {"pipeline": pipeline, "slowdown": slowdown})

    def _request(self, method, path, body=None, timeout=POST_TIMEOUT_S, tries=TRIES):
        data = None if body is None else json.dumps(body).encode()
        for attempt in range(tries):
            is_last = attempt == tries - 1
            try:
                status, text = self._once(method, path, data, timeout)
            except (OSError, http.client.HTTPException):
                self.close()
                if is_last:
                    raise
            else:
                if status == 200:
                    return json.loads(text)
                if status not in (429, 503) or is_last:
                    raise ServerError(status, detail_of(text))
            time.sleep(min(0.1 * 2**attempt, 5.0) * (0.5 + random.random()))
        raise AssertionError("unreachable")

    def _once(self, method, path, data, timeout):
        if self._connection is None:
            self._connection = self._connect(timeout)
        elif self._connection.sock is not None:
            self._connection.sock.settimeout(timeout)
        headers = self._headers if data is not None else without(self._headers, "content-type")
        self._connection.timeout = timeout
        self._connection.request(method, self._base + path, body=data, headers=headers)
        response = self._connection.getresponse()
        return response.status, response.read().decode()


def without(headers, name):
    return {key: value for key, value in headers.items() if key != name}


def detail_of(text):
    try:
        return json.loads(text)["detail"]
    except (ValueError, KeyError, TypeError):
        return text


class IterationResult:
    """Time and energy of one iteration of one rank, and of each of its instructions by name."""

    def __init__(self):
        self.iteration_time_s = 0.0
        self.iteration_energy_j = 0.0
        self.time_s = {}
        self.energy_j = {}


class RankClient:
    """Follows the server's schedule in one process of a training job.

    `set_clock(MHz)` sets this GPU's clock, `energy_j()` reads its energy counter, `synchronize()` waits
    until the GPU has nothing left to do, `now_s()` reads a clock. Each iteration asks for the schedule
    once, and posts its result at the end.
    """

    def __init__(self, server, job_id, rank, dp_rank, pp_rank, tp_rank, available_frequencies,
                 set_clock, energy_j, synchronize=lambda: None, now_s=time.perf_counter):
        self._server, self._job_id, self._rank = server, job_id, rank
        self._set_clock, self._energy_j = set_clock, energy_j
        self._synchronize, self._now_s = synchronize, now_s
        self._clock = None
        self._schedule, self._next = [], 0
        self._result = IterationResult()
        server.register_rank(job_id, rank, dp_rank, pp_rank, tp_rank, available_frequencies)

    @contextlib.contextmanager
    def iteration(self):
        self._schedule, self._next = self._server.schedule(self._job_id, self._rank), 0
        self._result = IterationResult()
        start_s, start_j = self._read()
        yield self._schedule
        end_s, end_j = self._read()
        if self._next != len(self._schedule):
            raise RuntimeError(
                f"rank {self._rank} ran {self._next} of the schedule's {len(self._schedule)} instructions")
        self._result.iteration_time_s = end_s - start_s
        self._result.iteration_energy_j = end_j - start_j
        self._server.result(self._job_id, self._rank, [self._result])

    @contextlib.contextmanager
    def instruction(self, name):
        start_s, start_j = self._read()
        self._begin(name)
        yield
        end_s, end_j = self._read()
        self._result.time_s.setdefault(name, []).append(end_s - start_s)
        self._result.energy_j.setdefault(name, []).append(end_j - start_j)

    def _begin(self, name):
        if self._next >= len(self._schedule):
            raise RuntimeError(f"rank {self._rank} began {name} after the schedule's last instruction")
        planned, clock = self._schedule[self._next]
        if planned != name:
            raise RuntimeError(
                f"rank {self._rank} began {name}, but instruction {self._next} of the schedule is {planned}")
        self._next += 1
        # 0 leaves the clock as it is.
        if clock not in (0, self._clock):
            self._set_clock(clock)
            self._clock = clock

    def _read(self):
        self._synchronize()
        return self._now_s(), self._energy_j()


class SimulatedGpu:
    """A GPU with a clock of its own, so that the demo takes no time: slower and thriftier at low clocks."""

    def __init__(self, work, slowdown=1.0):
        self._work, self._slowdown = work, slowdown
        self.clock, self.time_s, self.consumed_j = 1410, 0.0, 0.0

    def set_clock(self, frequency_mhz):
        self.clock = frequency_mhz

    def run(self, name):
        relative = self.clock / 1410
        time_s = self._work * (2.0 if name == "backward" else 1.0) * (0.3 + 0.7 / relative) * self._slowdown
        self.time_s += time_s
        self.consumed_j += time_s * (100 + 200 * relative**2.4)


CLOCKS = list(range(1410, 200, -15))


def demo(arguments, token):
    """Runs a job of simulated GPUs, one thread a rank."""
    pp, dp, tp = arguments.pp, arguments.dp, arguments.tp
    first = Server(arguments.url, token)
    metadata = None if arguments.microbatches is None else f"microbatches={arguments.microbatches}"
    job_id = first.register_job(pp, dp, tp, metadata)
    print(f"job {job_id}")
    failures, energies = [], [0.0] * (pp * dp * tp)

    def run(rank):
        # Ranks in Megatron's order: tensor-parallel neighbours first, stages last.
        stage, pipeline, shard = rank // (dp * tp), rank // tp % dp, rank % tp
        gpu = SimulatedGpu(0.05 * (1 + 0.15 * stage))
        server = Server(arguments.url, token)
        try:
            client = RankClient(
                server, job_id, rank, pipeline, stage, shard, CLOCKS, gpu.set_clock,
                energy_j=lambda: gpu.consumed_j, now_s=lambda: gpu.time_s)
            for _ in range(arguments.iterations):
                with client.iteration() as schedule:
                    for name, _ in schedule:
                        with client.instruction(name):
                            gpu.run(name)
            energies[rank] = gpu.consumed_j
        except Exception as error:  # reported by the main thread, with the rank
            failures.append(f"rank {rank}: {error}")
        finally:
            server.close()

    threads = [threading.Thread(target=run, args=(rank,)) for rank in range(pp * dp * tp)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for failure in failures:
        print(failure, file=sys.stderr)
    if not failures:
        print(f"{len(threads)} ranks, {arguments.iterations} iterations, {sum(energies):.0f} J computing")
    return 1 if failures else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--demo", action="store_true", help="run a job of simulated GPUs")
    parser.add_argument("--url", default="http://127.0.0.1:7787", help="the server's address")
    parser.add_argument("--pp", type=int, default=2, help="pipeline stages")
    parser.add_argument("--dp", type=int, default=1, help="pipelines")
    parser.add_argument("--tp", type=int, default=1, help="GPUs of a stage")
    parser.add_argument("--iterations", type=int, default=5)
    parser.add_argument("--microbatches", type=int, help="told to the server as the job's metadata")
    arguments = parser.parse_args()
    if not arguments.demo:
        parser.error("import this file as a module, or run it with --demo")
    try:
        return demo(arguments, os.environ.get("PIPEWATT_TOKEN"))
    except (ServerError, ValueError) as error:
        print(f"control_client.py: {error}", file=sys.stderr)
    except (OSError, http.client.HTTPException) as error:
        print(f"control_client.py: {arguments.url} cannot be reached: {error}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
