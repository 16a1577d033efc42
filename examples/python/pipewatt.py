"""pipewatt in Python: what-if simulation of the energy of large-model training.

One file that needs nothing but Python 3.9 and pipewatt itself; with pandas installed, tables are data
frames, otherwise lists of dictionaries. Copy it beside your notebook, or put its folder on PYTHONPATH.

    import pipewatt

    run = pipewatt.run("quick-start")
    run.saved                                # 27.6 (percent)
    run.df                                   # a row for each policy
    run.timeline()                           # shown in a notebook

    for slowdown in (1.1, 1.2, 1.3):
        print(slowdown, pipewatt.run("quick-start", {"stragglers.0.slowdown": slowdown}).saved)

The first call begins one `pipewatt serve-json`, which later calls share and which plans each frontier
once: a loop over a parameter costs milliseconds a turn. docs/python.md says what else there is.

pipewatt is found by the environment variable PIPEWATT (a command), on PATH, in the checkout that this
file lies in, or by `npx` among the packages of the working directory, in this order.
"""

from __future__ import annotations

import atexit
import base64
import copy
import html
import itertools
import json
import os
import queue
import re
import shlex
import shutil
import subprocess
import threading
import weakref
import zlib
from collections import deque
from typing import Any, Callable, Dict, Iterable, Iterator, List, Mapping, Optional, Sequence, Union

__all__ = [
    "Client",
    "InputError",
    "InputProblem",
    "Picture",
    "PipewattError",
    "PlannerError",
    "PlanningProblem",
    "ProcessError",
    "catalog",
    "close",
    "plan",
    "planner",
    "predict",
    "profile",
    "replay",
    "run",
    "scenario",
    "sweep",
    "synth",
]

Row = Dict[str, Any]
#: A `pandas.DataFrame`, or without pandas a list of dictionaries.
Table = Any
#: A scenario: its fields, its YAML, the path of its file, or the name of one that comes with pipewatt.
ScenarioLike = Union[Mapping[str, Any], str, "os.PathLike[str]"]
#: A planner: takes a `PlanningProblem`, returns plans (`planner` says in which forms).
PlannerFunction = Callable[["PlanningProblem"], Any]


class PipewattError(Exception):
    """Anything that goes wrong here; the classes below say what."""


class InputProblem(str):
    """One thing wrong with an input, as a sentence; where it is, in attributes."""

    source: Optional[str]
    line: Optional[int]
    field: Optional[str]
    message: str

    def __new__(cls, problem: Mapping[str, Any]) -> "InputProblem":
        source, line, field = problem.get("source"), problem.get("line"), problem.get("field")
        at = (source or "") + ("" if line is None else f":{line}") + ("" if field is None else f", {field}")
        made = super().__new__(cls, f"{at}: {problem['message']}" if at else problem["message"])
        made.source, made.line, made.field, made.message = source, line, field, problem["message"]
        return made


class InputError(PipewattError, ValueError):
    """The input is wrong; `problems` has everything that is, not only the first thing."""

    def __init__(self, problems: Sequence[Mapping[str, Any]]) -> None:
        self.problems: List[InputProblem] = [InputProblem(problem) for problem in problems]
        super().__init__("\n".join(self.problems))


class PlannerError(PipewattError):
    """The plans of a planner in Python are wrong. Exceptions that it raises are raised as they are."""


class ProcessError(PipewattError):
    """The program was not found, or ended before it had answered. The next call begins it again."""


class BugError(PipewattError):
    """pipewatt failed, which is a bug in pipewatt."""


def _table(rows: Sequence[Mapping[str, Any]], columns: Optional[Sequence[str]] = None) -> Table:
    """Rows as a data frame, or without pandas as they are."""
    try:
        import pandas
    except ImportError:
        return [dict(row) for row in rows]
    return pandas.DataFrame(list(rows), columns=columns)


def _rows(table: Any) -> List[Row]:
    """Rows of a data frame, or of any sequence of mappings. Empty cells are left out."""
    if hasattr(table, "to_dict"):
        table = table.to_dict("records")
    return [{key: value for key, value in dict(row).items() if not _is_empty(value)} for row in table]


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, float) and value != value)


def _plain(value: Any) -> Any:
    """Numbers and arrays of numpy, paths and other mappings and sequences, for JSON."""
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, Mapping):
        return dict(value)
    for convert in ("tolist", "item"):
        if hasattr(value, convert):
            return getattr(value, convert)()
    if isinstance(value, (set, frozenset, range, tuple)) or hasattr(value, "__iter__"):
        return list(value)
    raise TypeError(f"found {value!r}, a {type(value).__name__}, which is neither a number nor a text")


def _json(value: Any, source: str) -> bytes:
    try:
        return json.dumps(value, default=_plain, allow_nan=False, separators=(",", ":")).encode()
    except (TypeError, ValueError, RecursionError) as error:
        why = "found NaN or an infinite number" if "Out of range" in str(error) else str(error)
        raise InputError([{"source": source, "message": why}]) from None


def _camel(options: Mapping[str, Any]) -> Row:
    """`blocking_power_w` as `blockingPowerW`; options that are None are left out."""

    def name(key: str) -> str:
        first, *others = key.split("_")
        return first + "".join(word.capitalize() for word in others)

    return {name(key): value for key, value in options.items() if value is not None}


def _command() -> List[str]:
    """The command that begins pipewatt."""
    given = os.environ.get("PIPEWATT", "").strip()
    if given:
        words = [given] if os.path.isfile(given) else shlex.split(given)
        return ["node", *words] if words[0].endswith(".js") else words
    on_path = shutil.which("pipewatt")
    if on_path is not None:
        return [on_path]
    here = os.path.dirname(os.path.realpath(__file__))
    program = os.path.join(here, "..", "..", "dist", "sim", "cli", "main.js")
    if os.path.isfile(program):
        return [shutil.which("node") or "node", os.path.normpath(program)]
    npx = shutil.which("npx")
    if npx is not None:
        # A package that is not installed is not to be downloaded on the way.
        return [npx, "--no-install", "pipewatt"]
    raise ProcessError(
        "pipewatt was not found: install it (npm install pipewatt), or name its command in the environment "
        "variable PIPEWATT, such as PIPEWATT='node /path/to/dist/sim/cli/main.js'"
    )


class _Process:
    """One `pipewatt serve-json`, and the threads that read it."""

    def __init__(self, command: Sequence[str]) -> None:
        arguments = [*command, "serve-json", "--parent", str(os.getpid())]
        try:
            self.popen = subprocess.Popen(
                arguments,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                # Ctrl-C is for Python, which cancels the request and keeps the process.
                start_new_session=os.name == "posix",
            )
        except OSError as error:
            raise ProcessError(f"{' '.join(arguments)} cannot be begun: {error}") from None
        self.pid = os.getpid()
        self.ended = False
        self.requests = 0
        self.last_words: "deque[str]" = deque(maxlen=20)
        self._waiting: Dict[int, "queue.SimpleQueue[Optional[Row]]"] = {}
        self._ids = itertools.count(1)
        self._writing = threading.Lock()
        self._threads = [
            threading.Thread(target=target, name=f"pipewatt-{name}", daemon=True)
            for name, target in (("answers", self._read_answers), ("errors", self._read_errors))
        ]
        for thread in self._threads:
            thread.start()

    @property
    def is_usable(self) -> bool:
        # After a fork the pipes are the parent's.
        return not self.ended and self.pid == os.getpid() and self.popen.poll() is None

    def begin(self, method: str, params: Row, progress: bool) -> "tuple[int, queue.SimpleQueue[Optional[Row]]]":
        answers: "queue.SimpleQueue[Optional[Row]]" = queue.SimpleQueue()
        number = next(self._ids)
        request = {"id": number, "method": method, "params": params, "progress": progress}
        line = _json(request, method)
        self._waiting[number] = answers
        self.requests += 1
        if self.ended:
            answers.put(None)
        else:
            self.write(line)
        return number, answers

    def write(self, line: bytes) -> None:
        with self._writing:
            try:
                assert self.popen.stdin is not None
                self.popen.stdin.write(line + b"\n")
                self.popen.stdin.flush()
            except (OSError, ValueError):
                # It has ended; the thread that reads finds out and tells everyone who waits.
                pass

    def forget(self, number: int) -> None:
        self._waiting.pop(number, None)

    def cancel(self, number: int) -> None:
        self.forget(number)
        cancel = {"id": next(self._ids), "method": "cancel", "params": {"id": number}}
        self.write(_json(cancel, "cancel"))

    def close(self) -> None:
        """Ends the process: the end of its input is enough for one that is idle."""
        if self.pid != os.getpid():
            return
        try:
            if self.popen.stdin is not None:
                self.popen.stdin.close()
            self.popen.terminate()
            self.popen.wait(timeout=2)
        except (OSError, subprocess.TimeoutExpired):
            self.popen.kill()
            self.popen.wait()
        for thread in self._threads:
            thread.join(timeout=2)
        for stream in (self.popen.stdout, self.popen.stderr):
            if stream is not None:
                stream.close()

    def how_it_ended(self) -> str:
        self._threads[1].join(timeout=1)
        try:
            code: object = self.popen.wait(timeout=1)
        except subprocess.TimeoutExpired:
            code = "none yet"
        said = "\n".join(self.last_words)
        return f"pipewatt ended before it had answered (exit code {code})" + (f":\n{said}" if said else "")

    def _read_answers(self) -> None:
        assert self.popen.stdout is not None
        try:
            for line in self.popen.stdout:
                answer = json.loads(line)
                number = answer.get("id")
                # A line that could not be read might have been anyone's.
                asking = list(self._waiting) if number is None else [number]
                for waiting in filter(None, map(self._waiting.get, asking)):
                    waiting.put(answer)
        except (OSError, ValueError):
            pass
        self.ended = True
        for waiting in list(self._waiting.values()):
            waiting.put(None)

    def _read_errors(self) -> None:
        assert self.popen.stderr is not None
        try:
            for line in self.popen.stderr:
                self.last_words.append(line.decode("utf-8", "replace").rstrip())
        except (OSError, ValueError):
            pass


class _Ended(Exception):
    """The process ended before an answer came. Whether it may be asked again is known by the caller."""


class Client:
    """A process of pipewatt of one's own. The functions of this module share one, `pipewatt.client`.

    Threads may share it; their requests are answered one after the other. For several at once, give each
    thread a client. It is begun by the first call, begun again if it died, and ended with the program.
    """

    def __init__(self, command: Union[str, Sequence[str], None] = None) -> None:
        self._given = shlex.split(command) if isinstance(command, str) else command
        self._process: Optional[_Process] = None
        self._starting = threading.Lock()
        self._planning = threading.local()
        _clients.add(self)

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        process = getattr(self, "_process", None)
        if process is not None and process.is_usable:
            # The end of its input ends it; waiting for that could take long here.
            process.popen.stdin.close()

    def close(self) -> None:
        """Ends the process. A later call begins another one."""
        with self._starting:
            process, self._process = self._process, None
        if process is not None:
            process.close()

    def request(
        self,
        method: str,
        params: Optional[Mapping[str, Any]] = None,
        *,
        planners: Optional[Mapping[str, PlannerFunction]] = None,
        on_run: Optional[Callable[[Row], None]] = None,
        on_progress: Optional[Callable[[Row], None]] = None,
    ) -> Row:
        """The result of a method of serve-json; docs/python.md lists them.

        :param planners: functions that the method may ask for plans, by name.
        :param on_run: receives each run of a sweep as soon as it is there.
        :param on_progress: receives how far it is: `done` of `total`, and `what`.
        :raises InputError: with everything that is wrong with the parameters.
        """
        if getattr(self._planning, "is_on", False):
            raise RuntimeError(
                "a planner was asked for plans and calls pipewatt, which waits for it; use a pipewatt.Client() of its own"
            )
        sent = {key: value for key, value in dict(params or {}).items() if value is not None}
        parts = {"run": on_run, "progress": on_progress}
        for is_last_try in (False, True):
            process, is_new = self._running()
            try:
                return self._asked(process, method, sent, planners or {}, parts)
            except _Ended:
                # One that died while it was idle did not die of this.
                if is_new or is_last_try or process.requests == 1:
                    raise ProcessError(process.how_it_ended()) from None
        raise AssertionError("unreachable")

    def _running(self) -> "tuple[_Process, bool]":
        with self._starting:
            process = self._process
            if process is not None and process.is_usable:
                return process, False
            if process is not None:
                process.close()
            self._process = _Process(self._given or _command())
            return self._process, True

    def _asked(
        self,
        process: _Process,
        method: str,
        params: Row,
        planners: Mapping[str, PlannerFunction],
        parts: Mapping[str, Optional[Callable[[Row], None]]],
    ) -> Row:
        raised: Optional[BaseException] = None
        has_part = False
        number, answers = process.begin(method, params, parts["progress"] is not None)
        try:
            while True:
                answer = answers.get()
                if answer is None:
                    if has_part:
                        raise ProcessError(process.how_it_ended())
                    raise _Ended()
                if "result" in answer or "error" in answer:
                    break
                has_part = True
                if "ask" in answer:
                    raised = self._answer(process, answer, planners) or raised
                for kind, receive in parts.items():
                    if kind in answer and receive is not None:
                        receive(answer[kind])
        except _Ended:
            process.forget(number)
            raise
        except BaseException:
            process.cancel(number)
            raise
        process.forget(number)
        if raised is not None:
            raise raised
        if "error" in answer:
            raise _error(answer["error"])
        result: Row = answer["result"]
        return result

    def _answer(
        self, process: _Process, asked: Row, planners: Mapping[str, PlannerFunction]
    ) -> Optional[Exception]:
        """Asks a planner for its plans. An exception of its own is returned, and raised at the end."""
        reply: Row = {"answer": asked["ask"]}
        failed: Optional[Exception] = None
        self._planning.is_on = True
        try:
            problem = PlanningProblem(asked["problem"])
            reply["plans"] = problem.document(planners[asked["planner"]](problem))
            line = _json(reply, asked["planner"])
        except Exception as error:  # noqa: BLE001 - raised again where the user called
            failed = error
            line = _json({"answer": asked["ask"], "error": f"{type(error).__name__}: {error}"}, "planner")
        finally:
            self._planning.is_on = False
        process.write(line)
        return failed

    # What follows is the same as the functions of the module, which call it.

    def scenario(self, base: ScenarioLike, changes: Optional[Mapping[str, Any]] = None) -> Row:
        """The fields of a scenario, with its defaults; `changes` are set first, by path."""
        params = _scenario_params(base)
        fields: Row = self.request("scenario", params)["scenario"]
        if not changes:
            return fields
        changed: Row = self.request("scenario", {"scenario": changed_fields(fields, changes), **_FOLDER()})["scenario"]
        return changed

    def run(
        self,
        base: ScenarioLike,
        changes: Optional[Mapping[str, Any]] = None,
        *,
        policies: Union[Mapping[str, PlannerFunction], Sequence[Union[str, PlannerFunction]], None] = None,
        bound: bool = True,
        on_progress: Optional[Callable[[Row], None]] = None,
    ) -> "Run":
        """Runs a scenario.

        :param base: its fields, its YAML, the path of its file, or a name.
        :param changes: fields to change first, by path, such as `{"stragglers.0.slowdown": 1.2}`.
        :param policies: policies to compare instead of the scenario's, some of which may be functions; or
            functions by name, which are compared beside the scenario's policies.
        :param bound: whether the least energy possible is computed.
        """
        params = _scenario_params(base)
        names, functions = _policies(policies)
        if names is not None:
            changes = {**(changes or {}), "policies": names}
        if changes:
            if "scenario" not in params:
                params = {"scenario": self.request("scenario", params)["scenario"]}
            params = {**params, "scenario": changed_fields(params["scenario"], changes)}
        params = {**params, **_FOLDER(), "planners": list(functions), "bound": bound}
        result = self.request("run", params, planners=functions, on_progress=on_progress)
        return Run(self, params, functions, result)

    def sweep(
        self,
        base: ScenarioLike,
        matrix: Optional[Mapping[str, Any]] = None,
        *,
        zip: Sequence[Mapping[str, Any]] = (),  # noqa: A002 - the name in a sweep's file
        exclude: Sequence[Mapping[str, Any]] = (),
        seeds: int = 1,
        workers: Optional[int] = None,
        on_run: Optional[Callable[[Row], None]] = None,
    ) -> Table:
        """Runs a scenario with every combination of values, on all cores: a row for each run and policy.

        :param matrix: values of fields, by path: `{"stragglers.0.slowdown": [1.1, 1.2]}`.
        :param zip: groups of fields that vary together.
        :param exclude: combinations to leave out.
        :param seeds: number of seeds for each combination.
        :param on_run: receives each run as soon as it is there: `index`, `parameters`, `error`, `rows`.
        """
        names: Dict[str, str] = {}

        def axes(given: Mapping[str, Any]) -> Row:
            named = {_sweep_path(path): _values(values) for path, values in given.items()}
            names.update({_sweep_path(path): path for path in given})
            return named

        fields = {
            "name": "python",
            "base": self.scenario(base),
            "matrix": axes(matrix or {}),
            "zip": [axes(group) for group in zip],
            "exclude": [{_sweep_path(path): value for path, value in each.items()} for each in exclude],
            "seeds": seeds,
        }
        rows: List[Row] = []

        def keep(run: Row) -> None:
            values = {names.get(path, path): value for path, value in run["parameters"].items()}
            failed = [{"error": run["error"]}] if run["error"] is not None else []
            rows.extend({**values, **row} for row in [*run["rows"], *failed])
            if on_run is not None:
                on_run(run)

        self.request("sweep", {"sweep": fields, "workers": workers}, on_run=keep)
        return _table(rows)

    def plan(
        self,
        profile: Any,
        *,
        microbatches: int,
        blocking_power_w: Optional[float] = None,
        stragglers: Iterable[float] = (),
        deadlines_s: Iterable[float] = (),
        **options: Any,
    ) -> "Frontier":
        """Plans a 1F1B pipeline of a profile: its whole frontier, and the plans asked for.

        :param profile: the path of a CSV, rows, a data frame, or what `synth` or `profile` gave.
        :param stragglers: asks for plans for stragglers this many times as slow as the fastest plan.
        :param deadlines_s: asks for plans for these times of an iteration.
        :param options: `tensor_parallel`, `scale`, `unit_time_s`, `policy`.
        """
        if isinstance(profile, Profile):
            blocking_power_w = profile.blocking_power_w if blocking_power_w is None else blocking_power_w
            options = {"scale": profile.scale, **options}
        asked = [{"straggler": each} for each in stragglers] + [{"deadlineS": each} for each in deadlines_s]
        params = {
            **_camel({**options, "microbatches": microbatches, "blocking_power_w": blocking_power_w}),
            "profile": _profile(profile),
            "plansFor": asked,
        }
        return Frontier(self.request("plan", params))

    def profile(self, base: ScenarioLike) -> "Profile":
        """The profile that a scenario names: of a file, of the catalog, or of a model on a GPU."""
        return Profile(self.request("profile", _scenario_params(base)))

    def synth(self, model: str, gpu: str, stages: int, **options: Any) -> "Profile":
        """A profile of a model on a GPU, without measurements of both.

        :param options: `microbatch`, `tensor_parallel`, `pipelines`, `sequence`, `precision`, `recompute`,
            `context_parallel`, `expert_parallel`, `sequence_parallel`, `efficiency`.
        """
        named = {"model": _path(model), "gpu": _path(gpu), "stages": stages}
        return Profile(self.request("synth", {**_camel(options), **named}))

    def predict(self, jobs: Any) -> "Prediction":
        """Predicts time, memory and power of jobs that were never run.

        :param jobs: a job, several, or a data frame of them, with the columns of docs/predict.md.
        """
        rows = [dict(jobs)] if isinstance(jobs, Mapping) else _rows(jobs)
        return Prediction(self.request("predict", {"jobs": [{**row, **_paths(row, "model")} for row in rows]}))

    def replay(self, path: Union[str, "os.PathLike[str]"], **options: Any) -> "Replay":
        """Replays a production trace in Parquet.

        :param options: `catalog`, `profile`, `blocking_power_w`, `tensor_parallel`.
        """
        params = {**_camel(options), "path": os.path.abspath(path)}
        if "profile" in params:
            params["profile"] = _profile(params["profile"])
        return Replay(self.request("replay", params))

    def catalog(self) -> Row:
        """Names that scenarios may use: profiles, models, gpus, policies, schedules; and scenarios."""
        return self.request("catalog")


_clients: "weakref.WeakSet[Client]" = weakref.WeakSet()


@atexit.register
def _close_all() -> None:
    for each in list(_clients):
        each.close()


def _error(document: Mapping[str, Any]) -> PipewattError:
    kind, message = document["kind"], document["message"]
    if kind == "input":
        return InputError(document["problems"])
    if kind == "request":
        return InputError([{"message": message}])
    if kind == "planner":
        return PlannerError(message)
    return BugError(message) if kind == "bug" else ProcessError(message)


def _FOLDER() -> Row:
    """The working directory now, which may not be that of the process any more."""
    return {"folder": os.getcwd()}


def _scenario_params(base: ScenarioLike) -> Row:
    if isinstance(base, Run):
        return {"scenario": base.scenario, **_FOLDER()}
    if isinstance(base, Mapping):
        return {"scenario": dict(base), **_FOLDER()}
    text = os.fspath(base)
    if "\n" in text:
        return {"yaml": text, **_FOLDER()}
    is_path = not isinstance(base, str) or os.path.isfile(text) or bool(re.search(r"\.ya?ml$|[/\\]", text))
    return {"file" if is_path else "name": text, **_FOLDER()}


def changed_fields(fields: Mapping[str, Any], changes: Mapping[str, Any]) -> Row:
    """A copy of a scenario's fields with others set, by path: `stragglers.0.slowdown`, `pipeline.stages`.

    A path that leads through fields that are not there makes them; the number after the last entry of a
    list appends one.
    """
    changed: Row = copy.deepcopy(dict(fields))
    for path, value in changes.items():
        keys = [key for key in re.split(r"[.\[\]]+", path) if key]
        if not keys:
            raise InputError([{"source": "changes", "message": f"found {path!r}, expected the path of a field"}])
        _set(changed, keys, value, path)
    return changed


def _set(at: Any, keys: List[str], value: Any, path: str) -> None:
    key, *others = keys
    if isinstance(at, list):
        if not key.isdigit() or int(key) > len(at):
            message = f"found {key!r}, expected a number from 0 to {len(at)}, an entry of the list or the next one"
            raise InputError([{"source": "changes", "field": path, "message": message}])
        index: Any = int(key)
        if index == len(at):
            at.append(None)
        inside = at[index]
    elif isinstance(at, dict):
        index, inside = key, at.get(key)
    else:
        message = f"found {at!r} before {key!r}, which has no fields"
        raise InputError([{"source": "changes", "field": path, "message": message}])
    if not others:
        at[index] = value
        return
    if inside is None:
        inside = at[index] = [] if others[0].isdigit() else {}
    _set(inside, others, value, path)


def _sweep_path(path: str) -> str:
    return re.sub(r"\.(\d+)(?=\.|$)", r"[\1]", path)


def _values(values: Any) -> Any:
    """Values of an axis; `{"from": …, "to": …, "count": …}` stays as it is."""
    if isinstance(values, (Mapping, str)):
        return values
    return [value.item() if hasattr(value, "item") else value for value in values]


def _policies(given: Any) -> "tuple[Optional[List[str]], Dict[str, PlannerFunction]]":
    """Names to compare instead of the scenario's, if they are given, and functions by name."""
    if given is None:
        return None, {}
    if isinstance(given, Mapping):
        return None, dict(given)
    if callable(given) or isinstance(given, str):
        given = [given]
    functions = {_planner_name(each): each for each in given if callable(each)}
    return [each for each in given if not callable(each)] or None, functions


def _planner_name(function: PlannerFunction) -> str:
    return str(getattr(function, "policy_name", getattr(function, "__name__", "planner")))


def _profile(profile: Any) -> Any:
    if isinstance(profile, Profile):
        return profile.rows
    if isinstance(profile, (str, os.PathLike)):
        return os.path.abspath(profile)
    return _rows(profile)


def _path(name: Any) -> Any:
    """A file's absolute path; anything else, such as a name of the catalog, as it is."""
    is_file = isinstance(name, (str, os.PathLike)) and re.search(r"\.(ya?ml|json)$", os.fspath(name))
    return os.path.abspath(name) if is_file else name


def _paths(row: Mapping[str, Any], *keys: str) -> Row:
    return {key: _path(row[key]) for key in keys if key in row}


class Picture:
    """A picture in SVG. Notebooks show it; `save` writes it."""

    def __init__(self, svg: str, name: str) -> None:
        self.svg = svg
        self.name = name

    def save(self, path: Union[str, "os.PathLike[str]"]) -> None:
        """Writes it as an SVG file."""
        with open(path, "w", encoding="utf-8") as file:
            file.write(self.svg)

    def _repr_html_(self) -> str:
        # As an image its style sheet and its names stay its own, and it brings its own ground, light or dark.
        data = base64.b64encode(self.svg.encode()).decode()
        name = html.escape(self.name)
        return f'<img alt="{name}" style="max-width:100%" src="data:image/svg+xml;base64,{data}">'

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Row:
        shown = {"text/html": self._repr_html_(), "image/svg+xml": self.svg, "text/plain": repr(self)}
        return {
            kind: value
            for kind, value in shown.items()
            if (not include or kind in include) and kind not in (exclude or ())
        }

    def __repr__(self) -> str:
        return f"<pipewatt.Picture {self.name}>"


class Run:
    """The results of a scenario."""

    def __init__(
        self, client: Client, params: Mapping[str, Any], planners: Mapping[str, PlannerFunction], result: Row
    ) -> None:
        self._client = client
        self._params = {**params, "scenario": result["scenario"]}
        for other in ("yaml", "file", "name"):
            self._params.pop(other, None)
        self._planners = dict(planners)
        self.raw: Row = result
        self.title: str = result["title"]
        #: The scenario, with its defaults.
        self.scenario: Row = result["scenario"]
        self.gpus: int = result["gpus"]
        #: A row for each policy, as dictionaries.
        self.rows: List[Row] = result["rows"]
        #: Sentences for readers of the figures.
        self.notes: List[str] = result["notes"]

    @property
    def df(self) -> Table:
        """A row for each policy, with the columns of `pipewatt run --format csv` (docs/columns.md)."""
        return _table(self.rows)

    def row(self, policy: str) -> Row:
        """The row of a policy."""
        for row in self.rows:
            if row["policy"] == policy:
                return row
        raise KeyError(f"found {policy!r}, expected one of {', '.join(row['policy'] for row in self.rows)}")

    @property
    def savings(self) -> Dict[str, float]:
        """Percent of the energy that each policy saves, simulated, against the highest clocks."""
        return {row["policy"]: row["simulated_saving_pct"] for row in self.rows}

    @property
    def saved(self) -> float:
        """The saving of the last policy: of your own planner, if you gave one."""
        return float(self.rows[-1]["simulated_saving_pct"])

    @property
    def frontier(self) -> Table:
        """Plans of each policy for one pipeline, slowest first: `policy`, `time_s`, `energy_j`."""
        rows = [
            {"policy": policy, "time_s": point["timeS"], "energy_j": point["energyJ"]}
            for policy, points in self.raw["frontiers"].items()
            for point in points
        ]
        return _table(rows, ["policy", "time_s", "energy_j"])

    @property
    def clocks(self) -> Table:
        """The clock of every instruction of a healthy pipeline, under each policy."""
        return _table([row for plan in self.raw["plans"].values() for row in _clock_rows(plan)], _CLOCKS)

    @property
    def ledger(self) -> Table:
        """The energy of each account, J: every joule is in exactly one row of its policy."""
        columns = ["policy", "account", "stage", "instruction", "energy_j"]
        rows = [
            dict(zip(columns, (row["policy"], row["account"], row["stage"], row["instruction"], row["energyJ"])))
            for row in self.raw["ledger"]
        ]
        return _table(rows, columns)

    def power(self, every_s: float = 0.01) -> Table:
        """Power of all GPUs over time, W: a row for each interval, a column for each policy."""
        series = self._asked("power", everyS=every_s)
        policies = series["policies"]
        count = max((len(each["powerW"]) for each in policies.values()), default=0)
        rows = [
            {
                "time_s": k * series["everyS"],
                **{name: (each["powerW"][k] if k < len(each["powerW"]) else None) for name, each in policies.items()},
            }
            for k in range(count)
        ]
        return _table(rows, ["time_s", *policies])

    def timeline(self) -> Picture:
        """One iteration, before planning and after it."""
        return self.picture("timeline")

    def picture(self, name: str) -> Picture:
        """One of the pictures `timeline`, `power`, `frontier`, `ledger`, `clocks`."""
        return Picture(self._asked("picture", picture=name)["svg"], f"{name} of {self.title}")

    def report(self, path: Union[str, "os.PathLike[str]"]) -> str:
        """Writes a page with everything about the run, which opens from disk. Returns its path."""
        page = self._asked("report")["html"]
        with open(path, "w", encoding="utf-8") as file:
            file.write(page)
        return os.fspath(path)

    def link(self, page: str = "http://127.0.0.1:4200/") -> str:
        """A link to the what-if page with this scenario in it; `pipewatt explore` serves the page."""
        fields = copy.deepcopy(self.scenario)
        files: Row = {"name": f"{re.sub(r'[^A-Za-z0-9.-]+', '-', fields['name'])}.yaml"}
        profile = fields["profile"]
        if "csv" in profile:
            with open(profile["csv"], encoding="utf-8") as file:
                files["csv"] = {"name": os.path.basename(profile["csv"]), "text": file.read()}
            profile["csv"] = files["csv"]["name"]
        # JSON is YAML.
        files["yaml"] = json.dumps(fields, indent=2, ensure_ascii=False)
        deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
        packed = deflate.compress(json.dumps(files).encode()) + deflate.flush()
        return f"{page}#1.{base64.urlsafe_b64encode(packed).decode().rstrip('=')}"

    def _asked(self, method: str, **more: Any) -> Row:
        return self._client.request(method, {**self._params, **more}, planners=self._planners)

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{html.escape(heading)}</th>" for _, heading, _ in _SHOWN)
        body = "".join(
            "<tr>" + "".join(f"<td>{html.escape(_cell(row.get(key), digits))}</td>" for key, _, digits in _SHOWN) + "</tr>"
            for row in self.rows
        )
        return (
            f"<p><b>{html.escape(self.scenario['name'])}</b>: {html.escape(self.title)}, {self.gpus} GPUs</p>"
            f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        )

    def __repr__(self) -> str:
        savings = ", ".join(f"{name} {_cell(value, 2)} %" for name, value in self.savings.items())
        return f"<pipewatt.Run {self.scenario['name']}: saves {savings}>"


#: Columns that a notebook shows of a run: key, heading, digits.
_SHOWN = (
    ("policy", "policy", 0),
    ("simulated_time_s", "time s", 3),
    ("slowdown_pct", "slower %", 2),
    ("simulated_energy_j", "energy J", 0),
    ("simulated_saving_pct", "saved %", 2),
)


def _cell(value: Any, digits: int) -> str:
    if _is_empty(value):
        return ""
    return f"{value:,.{digits}f}" if isinstance(value, (int, float)) else str(value)


_CLOCKS = ["policy", "stage", "instruction", "microbatch", "chunk", "frequency_mhz", "duration_s"]


def _clock_rows(plan: Mapping[str, Any]) -> Iterator[Row]:
    lists = (plan[key] for key in ("stage", "instruction", "microbatch", "chunk", "frequencyMHz", "durationS"))
    for values in zip(*lists):
        yield dict(zip(_CLOCKS, (plan["policy"], *values)))


class Frontier:
    """A time–energy frontier of one pipeline, and plans of it."""

    def __init__(self, result: Row) -> None:
        self.raw = result
        self.unit_time_s: float = result["unitTimeS"]
        #: The plans asked for: those for stragglers, then those for deadlines.
        self.plans: List[Row] = result["plans"]
        self.notes: List[str] = result["notes"]

    @property
    def df(self) -> Table:
        """Points, slowest first: `time_s`, `energy_j`."""
        rows = [{"time_s": point["timeS"], "energy_j": point["energyJ"]} for point in self.raw["points"]]
        return _table(rows, ["time_s", "energy_j"])

    @property
    def clocks(self) -> Table:
        """The clock of every instruction of each plan asked for; `plan` is its number."""
        rows = [{"plan": k, **row} for k, plan in enumerate(self.plans) for row in _clock_rows(plan)]
        return _table(rows, ["plan", *_CLOCKS])


class Profile:
    """The time and energy of the instructions of each stage, at every clock."""

    def __init__(self, result: Row) -> None:
        self.raw = result
        self.title: str = result.get("title") or f"{result['model']} on {result['gpu']}"
        self.rows: List[Row] = result["rows"]
        self.blocking_power_w: float = result["blockingPowerW"]
        #: The job's work over the profile's, by which `plan` multiplies times and energies.
        self.scale: float = result.get("scale", 1)
        self.notes: List[str] = result.get("notes", [])

    @property
    def df(self) -> Table:
        """`stage`, `instruction`, `frequency` (MHz), `time` (s), `energy` (J of one GPU)."""
        return _table(self.rows)


class Prediction:
    """Predictions of jobs."""

    def __init__(self, result: Row) -> None:
        self.raw = result
        self.rows: List[Row] = result["rows"]
        self.notes: List[str] = result["notes"]

    @property
    def df(self) -> Table:
        """A row for each job: the columns of `pipewatt predict --format csv`."""
        return _table(self.rows)

    @property
    def errors(self) -> Table:
        """Errors against what was measured, by family and column."""
        return _table(self.raw["errors"])


class Replay:
    """A replayed trace."""

    def __init__(self, result: Row) -> None:
        self.raw = result
        self.notes: List[str] = result["notes"]

    @property
    def df(self) -> Table:
        """The times of each step, s."""
        return _table(self.raw["steps"])

    @property
    def what_ifs(self) -> Table:
        """The what-ifs."""
        return _table(self.raw["whatIfs"])


class PlanningProblem(Dict[str, Any]):
    """A pipeline to plan, as docs/planners.md describes it, with help for planners in Python.

    `problem["instructions"]` are the instructions of an iteration; `problem.options(i)` are the clocks at
    which instruction i was measured, with time and energy.
    """

    def options(self, i: int) -> List[Row]:
        """The clocks that instruction i may run at, highest first: `frequencyMHz`, `timeS`, `energyJ`."""
        options: List[Row] = self["operations"][self["instructions"][i]["operation"]]["options"]
        return options

    def option(self, i: int, frequency_mhz: float) -> Row:
        """The option of instruction i with this clock."""
        for option in self.options(i):
            if option["frequencyMHz"] == frequency_mhz:
                return option
        known = ", ".join(str(option["frequencyMHz"]) for option in self.options(i))
        raise ValueError(f"found {frequency_mhz} MHz for instruction {i}, expected one of {known}")

    def starts(self, times_s: Sequence[float]) -> "tuple[List[float], float]":
        """The earliest start of every instruction that takes this long, and the time of the iteration, s."""
        instructions = self["instructions"]
        starts, length = [0.0] * len(instructions), 0.0
        for i in self._order():
            end = starts[i] + times_s[i]
            length = max(length, end + instructions[i]["ownStageLagS"])
            for j in instructions[i]["successors"]:
                starts[j] = max(starts[j], end + self._lag(i, j))
        return starts, length

    def plan(self, clocks: Sequence[float]) -> Row:
        """The plan in which every instruction runs at its clock, MHz, with the time and energy it promises."""
        count = len(self["instructions"])
        if len(clocks) != count:
            raise ValueError(f"found {len(clocks)} clocks, expected one for each of {count} instructions")
        chosen = [self.option(i, clock) for i, clock in enumerate(clocks)]
        _, time_s = self.starts([option["timeS"] for option in chosen])
        waiting_w = self["blockingPowerW"]
        busy_j = sum(option["energyJ"] - waiting_w * option["timeS"] for option in chosen)
        energy_j = self["gpusPerStage"] * (busy_j + self["stages"] * waiting_w * time_s)
        return {"timeS": time_s, "energyJ": energy_j, "frequencyMHz": [o["frequencyMHz"] for o in chosen]}

    def document(self, plans: Any) -> Row:
        """The answer of a planner, from any of the forms that it may return."""
        if isinstance(plans, Mapping) and "plans" in plans:
            return dict(plans)
        if isinstance(plans, Mapping):
            plans = [plans]
        plans = plans.tolist() if hasattr(plans, "tolist") else list(plans)
        if plans and not isinstance(plans[0], (Mapping, list, tuple)) and not hasattr(plans[0], "tolist"):
            plans = [plans]
        return {
            "version": self["version"],
            "plans": [dict(plan) if isinstance(plan, Mapping) else self.plan(list(plan)) for plan in plans],
        }

    def _lag(self, i: int, j: int) -> float:
        instructions = self["instructions"]
        is_own = instructions[i]["stage"] == instructions[j]["stage"]
        lag: float = instructions[i]["ownStageLagS" if is_own else "otherStageLagS"]
        return lag

    def _order(self) -> List[int]:
        """Instructions, each after those that it waits for."""
        instructions = self["instructions"]
        waiting = [0] * len(instructions)
        for instruction in instructions:
            for j in instruction["successors"]:
                waiting[j] += 1
        order = [i for i, count in enumerate(waiting) if count == 0]
        for i in order:
            for j in instructions[i]["successors"]:
                waiting[j] -= 1
                if waiting[j] == 0:
                    order.append(j)
        return order


def planner(function: Optional[PlannerFunction] = None, *, name: Optional[str] = None) -> Any:
    """Names a function as a planner, for `run(…, policies=["perseus", function])`.

    It takes a `PlanningProblem`, and returns a clock for each instruction, a list of such lists, plans with
    their promises (`problem.plan(clocks)`), or the document of docs/planners.md.
    """

    def named(planner: PlannerFunction) -> PlannerFunction:
        planner.policy_name = name or planner.__name__  # type: ignore[attr-defined]
        return planner

    return named if function is None else named(function)


#: The client of the functions below.
client = Client()

scenario = client.scenario
run = client.run
sweep = client.sweep
plan = client.plan
profile = client.profile
synth = client.synth
predict = client.predict
replay = client.replay
catalog = client.catalog
close = client.close
