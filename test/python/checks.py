"""Checks of examples/python/pipewatt.py, run by test/python/module.test.ts with and without pandas."""

import os
import sys

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
sys.path.insert(0, os.path.join(ROOT, "examples", "python"))

WITHOUT = os.environ.get("CHECKS_WITHOUT", "").split()


class Blocker:
    """Makes modules look as if they were not installed."""

    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in WITHOUT:
            raise ModuleNotFoundError(f"blocked: {name}", name=name)
        return None


sys.meta_path.insert(0, Blocker())

import ast  # noqa: E402
import base64  # noqa: E402
import json  # noqa: E402
import math  # noqa: E402
import pathlib  # noqa: E402
import signal  # noqa: E402
import subprocess  # noqa: E402
import tempfile  # noqa: E402
import threading  # noqa: E402
import time  # noqa: E402
import traceback  # noqa: E402
import unittest  # noqa: E402
import zlib  # noqa: E402

import pipewatt  # noqa: E402

try:
    import pandas
except ImportError:
    pandas = None

PROFILE = os.path.join(ROOT, "examples", "two-stages.csv")
TINY = {
    "name": "tiny",
    "profile": {"csv": PROFILE, "blockingPowerW": 80},
    "pipeline": {"stages": 2, "microbatches": 4},
    "pipelines": 4,
    "stragglers": [{"pipeline": 0, "slowdown": 1.2}],
    "policies": ["max-frequency", "perseus"],
}


def rows_of(table):
    return table.to_dict("records") if pandas is not None else table


def highest(problem):
    return [problem.options(i)[0]["frequencyMHz"] for i in range(len(problem["instructions"]))]


def pid_of(client=pipewatt.client):
    return client._process.popen.pid


def is_alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def ends(pid):
    """Whether a process ends, within the time that a loaded machine may take."""
    for _ in range(300):
        if not is_alive(pid):
            return True
        time.sleep(0.1)
    return False


class Running(unittest.TestCase):
    def test_tables_are_data_frames_if_pandas_is_there(self):
        run = pipewatt.run(TINY)
        for table in (run.df, run.frontier, run.clocks, run.ledger, run.power(0.1)):
            self.assertEqual(isinstance(table, list), pandas is None)
            self.assertGreater(len(table), 1)

    def test_the_same_figures_as_the_command_line(self):
        run = pipewatt.run(TINY)
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "tiny.yaml")
            with open(path, "w") as file:
                json.dump(TINY, file)
            program = os.path.join(ROOT, "dist", "sim", "cli", "main.js")
            said = subprocess.run(["node", program, "run", path, "--format", "json"], capture_output=True, check=True)
        policies = json.loads(said.stdout)["policies"]
        self.assertEqual(run.rows, policies)
        self.assertEqual(run.saved, policies[-1]["simulated_saving_pct"])
        self.assertEqual(run.savings["max-frequency"], 0)
        self.assertEqual(run.row("perseus"), policies[-1])
        with self.assertRaisesRegex(KeyError, "max-frequency, perseus"):
            run.row("perseu")

    def test_every_joule_of_the_ledger_and_of_the_power(self):
        run = pipewatt.run(TINY)
        energy = run.row("perseus")["simulated_energy_j"]
        ledger = sum(row["energy_j"] for row in rows_of(run.ledger) if row["policy"] == "perseus")
        self.assertAlmostEqual(ledger / energy, 1, places=9)
        power = [row["perseus"] for row in rows_of(run.power(0.001))]
        self.assertAlmostEqual(sum(power) * 0.001 / energy, 1, delta=0.002)

    def test_clocks_and_frontier(self):
        run = pipewatt.run(TINY)
        clocks = [row for row in rows_of(run.clocks) if row["policy"] == "perseus"]
        self.assertEqual(len(clocks), 2 * 2 * 4)
        self.assertEqual(clocks[0]["instruction"], "forward")
        times = [row["time_s"] for row in rows_of(run.frontier) if row["policy"] == "perseus"]
        self.assertEqual(times, sorted(times, reverse=True))

    def test_a_scenario_is_a_dictionary_a_path_a_text_a_name_or_a_run(self):
        by_fields = pipewatt.run(TINY)
        text = json.dumps(TINY, indent=2)
        self.assertEqual(pipewatt.run(text).rows, by_fields.rows)
        self.assertEqual(pipewatt.run(by_fields).rows, by_fields.rows)
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "tiny.yaml")
            path.write_text(text.replace(PROFILE, "beside.csv"))
            pathlib.Path(folder, "beside.csv").write_text(pathlib.Path(PROFILE).read_text())
            self.assertEqual(pipewatt.run(path).rows, by_fields.rows)
            before = os.getcwd()
            os.chdir(folder)
            try:
                self.assertEqual(pipewatt.run("tiny.yaml").rows, by_fields.rows)
            finally:
                os.chdir(before)
        self.assertEqual(pipewatt.scenario("quick-start")["pipelines"], 64)

    def test_changes_by_path(self):
        changed = pipewatt.run(TINY, {"stragglers.0.slowdown": 1.3, "pipeline.microbatches": 8})
        self.assertEqual(changed.scenario["stragglers"][0]["slowdown"], 1.3)
        self.assertEqual(changed.scenario["pipeline"]["microbatches"], 8)
        self.assertEqual(TINY["stragglers"][0]["slowdown"], 1.2)
        second = pipewatt.scenario(TINY, {"stragglers[1]": {"pipeline": 1, "slowdown": 1.1}})
        self.assertEqual(len(second["stragglers"]), 2)
        for path in ("stragglers.5.slowdown", "stragglers.x", "pipelines.0", ""):
            with self.assertRaises(pipewatt.InputError):
                pipewatt.run(TINY, {path: 1})

    def test_a_loop_plans_the_frontier_once(self):
        heard = []
        pipewatt.run(TINY)
        for k in range(100):
            pipewatt.run(TINY, {"stragglers.0.slowdown": 1.01 + k / 400}, on_progress=heard.append)
        self.assertNotIn("perseus", {each["what"] for each in heard})

    def test_values_of_numpy_and_of_other_kinds(self):
        class Number:
            def item(self):
                return 1.25

        run = pipewatt.run(TINY, {"stragglers.0.slowdown": Number()})
        self.assertEqual(run.scenario["stragglers"][0]["slowdown"], 1.25)
        with self.assertRaisesRegex(pipewatt.InputError, "NaN"):
            pipewatt.run({**TINY, "pipelines": math.nan})
        with self.assertRaisesRegex(pipewatt.InputError, "neither a number nor a text"):
            pipewatt.run({**TINY, "pipelines": object()})

    def test_wrong_input_names_every_problem(self):
        with self.assertRaises(pipewatt.InputError) as caught:
            pipewatt.run({**TINY, "pipelines": 0, "tensorParallel": 0})
        problems = caught.exception.problems
        self.assertEqual([each.field for each in problems], ["tensorParallel", "pipelines"])
        self.assertTrue(all(each.message.startswith("found 0") for each in problems))
        self.assertIn("found 0", str(caught.exception))
        with self.assertRaisesRegex(ValueError, "quick-start"):
            pipewatt.run("quick-strat")


class Planners(unittest.TestCase):
    def test_a_function_is_a_planner(self):
        @pipewatt.planner
        def mine(problem):
            return highest(problem)

        run = pipewatt.run(TINY, policies=["max-frequency", "perseus", mine])
        self.assertEqual(list(run.savings), ["max-frequency", "perseus", "mine"])
        self.assertAlmostEqual(run.saved, 0, places=6)
        beside = pipewatt.run(TINY, policies={"another": highest})
        self.assertEqual(list(beside.savings), ["max-frequency", "perseus", "another"])

    def test_all_forms_of_plans(self):
        forms = {
            "clocks": highest,
            "tuple": lambda problem: tuple(highest(problem)),
            "list of clocks": lambda problem: [highest(problem)],
            "plan": lambda problem: problem.plan(highest(problem)),
            "plans": lambda problem: [problem.plan(highest(problem))],
            "document": lambda problem: {"version": 1, "plans": [problem.plan(highest(problem))]},
        }
        run = pipewatt.run(TINY, policies=forms)
        for name in forms:
            self.assertAlmostEqual(run.savings[name], 0, places=6)

    def test_what_a_plan_promises_is_what_is_simulated(self):
        run = pipewatt.run({**TINY, "stragglers": []}, policies={"mine": highest})
        row = run.row("mine")
        self.assertAlmostEqual(row["planned_time_s"], row["simulated_time_s"], places=9)
        self.assertAlmostEqual(row["planned_energy_j"] / row["simulated_energy_j"], 1, places=9)

    def test_a_function_that_changes_is_asked_again(self):
        def slowest(problem):
            return [problem.options(i)[-1]["frequencyMHz"] for i in range(len(problem["instructions"]))]

        first = pipewatt.run(TINY, policies={"mine": highest}).row("mine")["simulated_time_s"]
        second = pipewatt.run(TINY, policies={"mine": slowest}).row("mine")["simulated_time_s"]
        self.assertGreater(second, first)

    def test_an_exception_is_raised_as_it_is(self):
        def broken(problem):
            return problem["no such field"]

        try:
            pipewatt.run(TINY, policies={"broken": broken})
            self.fail("it is raised")
        except KeyError as error:
            self.assertEqual(traceback.extract_tb(error.__traceback__)[-1].name, "broken")
        self.assertGreater(pipewatt.run(TINY).saved, 0)

    def test_wrong_plans_are_errors_of_the_planner(self):
        wrong = {
            "no plans": lambda problem: [],
            "promise": lambda problem: [{**problem.plan(highest(problem)), "timeS": 1e-6}],
            "a text": lambda problem: [{"timeS": "x", "energyJ": 1, "frequencyMHz": highest(problem)}],
        }
        for name, function in wrong.items():
            with self.assertRaises(pipewatt.PlannerError, msg=name):
                pipewatt.run(TINY, policies={"mine": function})
        with self.assertRaisesRegex(ValueError, "clocks"):
            pipewatt.run(TINY, policies={"mine": lambda problem: [1, 2]})
        with self.assertRaisesRegex(ValueError, "found 1 MHz"):
            pipewatt.run(TINY, policies={"mine": lambda problem: [1 for _ in highest(problem)]})

    def test_a_planner_cannot_wait_for_the_process_that_waits_for_it(self):
        with self.assertRaisesRegex(RuntimeError, "Client"):
            pipewatt.run(TINY, policies={"mine": lambda problem: pipewatt.catalog()})
        with pipewatt.Client() as other:
            inner = lambda problem: (other.catalog(), highest(problem))[1]  # noqa: E731
            self.assertAlmostEqual(pipewatt.run(TINY, policies={"mine": inner}).saved, 0, places=6)


class Others(unittest.TestCase):
    def test_a_sweep_has_a_column_for_each_path(self):
        seen = []
        table = pipewatt.sweep(
            TINY, {"stragglers.0.slowdown": (1.1, 1.2), "pipelines": [4]}, seeds=2, workers=1, on_run=seen.append
        )
        rows = rows_of(table)
        self.assertEqual(len(seen), 4)
        self.assertEqual(len(rows), 8)
        self.assertEqual({row["stragglers.0.slowdown"] for row in rows}, {1.1, 1.2})
        self.assertEqual({row["seed"] for row in rows}, {1, 2})
        one = pipewatt.run(TINY, {"stragglers.0.slowdown": 1.1})
        self.assertEqual(rows[1]["simulated_saving_pct"], one.saved)

    def test_a_sweep_names_what_is_wrong(self):
        with self.assertRaises(pipewatt.InputError):
            pipewatt.sweep(TINY, {"stragglers.0.slowness": [1.1]})

    def test_plan(self):
        options = {"microbatches": 4, "blocking_power_w": 80}
        frontier = pipewatt.plan(PROFILE, stragglers=[1.2], deadlines_s=[0.8], **options)
        points = rows_of(frontier.df)
        self.assertAlmostEqual(points[-1]["time_s"], 0.75, places=3)
        self.assertEqual(len(frontier.plans), 2)
        self.assertEqual({row["plan"] for row in rows_of(frontier.clocks)}, {0, 1})
        with self.assertRaisesRegex(pipewatt.InputError, "blockingPowerW"):
            pipewatt.plan(PROFILE, microbatches=4)

    def test_synth_plan_predict_catalog(self):
        made = pipewatt.synth("gpt3-2.7b", "a100-sxm", 2)
        of_object = pipewatt.plan(made, microbatches=4)
        of_job = pipewatt.profile("gpt3-175b-a100-sxm-mb12")
        self.assertEqual(of_job.scale, 10)
        self.assertIn("GPT-3", of_job.title)
        planned = rows_of(pipewatt.plan(of_job, microbatches=12, tensor_parallel=8).df)[-1]
        simulated = pipewatt.run("gpt3-175b-a100-sxm-mb12", {"policies": ["max-frequency"]}).row("max-frequency")
        self.assertAlmostEqual(planned["time_s"] / simulated["planned_time_s"], 1, places=9)
        of_rows = pipewatt.plan(made.df, microbatches=4, blocking_power_w=made.blocking_power_w)
        self.assertEqual(rows_of(of_object.df), rows_of(of_rows.df))
        predicted = pipewatt.predict([{"gpu": "h100-sxm", "model": "llama-3-8b", "dp": 8, "step_ms_measured": 6000}])
        self.assertGreater(rows_of(predicted.df)[0]["step_ms"], 0)
        self.assertEqual(rows_of(predicted.errors)[0]["cases"], 1)
        self.assertIn("h100-sxm", pipewatt.catalog()["gpus"])
        with self.assertRaisesRegex(pipewatt.InputError, "no such file"):
            pipewatt.replay("nowhere.parquet")

    def test_pictures_reports_and_links(self):
        run = pipewatt.run(TINY)
        picture = run.timeline()
        bundle = picture._repr_mimebundle_()
        self.assertTrue(bundle["image/svg+xml"].startswith("<svg"))
        encoded = bundle["text/html"].split("base64,")[1].split('"')[0]
        self.assertEqual(base64.b64decode(encoded).decode(), picture.svg)
        self.assertEqual(list(picture._repr_mimebundle_(include=["text/html"])), ["text/html"])
        self.assertIn("<td>perseus</td>", run._repr_html_())
        with tempfile.TemporaryDirectory() as folder:
            path = run.report(os.path.join(folder, "run.html"))
            with open(path, encoding="utf-8") as file:
                self.assertIn("tiny", file.read())
            picture.save(os.path.join(folder, "timeline.svg"))
            self.assertGreater(os.path.getsize(os.path.join(folder, "timeline.svg")), 1000)
        packed = run.link().split("#1.")[1]
        files = json.loads(zlib.decompress(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)), -15))
        self.assertEqual(json.loads(files["yaml"])["pipelines"], 4)
        self.assertEqual(files["csv"]["name"], "two-stages.csv")
        with self.assertRaisesRegex(pipewatt.InputError, "timeline"):
            run.picture("timelime")


class Lasting(unittest.TestCase):
    def test_one_process_is_begun_when_needed_and_begun_again(self):
        pipewatt.run(TINY)
        first = pid_of()
        pipewatt.catalog()
        self.assertEqual(pid_of(), first)
        os.kill(first, signal.SIGKILL)
        self.assertGreater(pipewatt.run(TINY).saved, 0)
        self.assertNotEqual(pid_of(), first)
        pipewatt.close()
        self.assertGreater(pipewatt.run(TINY).saved, 0)

    def test_a_process_that_dies_of_a_request_is_an_error(self):
        with pipewatt.Client() as client:

            def deadly(problem):
                os.kill(pid_of(client), signal.SIGKILL)
                return highest(problem)

            with self.assertRaisesRegex(pipewatt.ProcessError, "ended before"):
                client.run(TINY, policies={"mine": deadly})
            self.assertGreater(client.run(TINY).saved, 0)

    def test_a_command_that_is_not_there_or_says_something_else(self):
        with self.assertRaisesRegex(pipewatt.ProcessError, "no-such-program"):
            pipewatt.Client("no-such-program").catalog()
        with self.assertRaisesRegex(pipewatt.ProcessError, "out of luck"):
            pipewatt.Client(["sh", "-c", "echo out of luck >&2; exit 3"]).catalog()

    def test_threads_share_a_process(self):
        savings = {}

        def work(k):
            savings[k] = pipewatt.run(TINY, {"stragglers.0.slowdown": 1.1 + k / 20}).saved

        threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        alone = {k: pipewatt.run(TINY, {"stragglers.0.slowdown": 1.1 + k / 20}).saved for k in range(8)}
        self.assertEqual(savings, alone)

    def test_an_interrupt_cancels_and_keeps_the_process(self):
        pipewatt.run(TINY)
        pid = pid_of()

        class Stop(BaseException):
            pass

        def stop(progress):
            raise Stop()

        long = {**TINY, "profile": {"catalog": "gpt3-175b-a100-sxm"}, "unitTimeS": 0.0005}
        with self.assertRaises(Stop):
            pipewatt.run({**long, "pipeline": {"stages": 8, "microbatches": 96}}, on_progress=stop)
        self.assertGreater(pipewatt.run(TINY).saved, 0)
        self.assertEqual(pid_of(), pid)

    def test_a_fork_begins_a_process_of_its_own(self):
        pipewatt.run(TINY)
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                os.write(write, str(pipewatt.run(TINY).saved).encode())
                pipewatt.close()
            finally:
                os._exit(0)
        os.close(write)
        with os.fdopen(read) as answer:
            self.assertEqual(float(answer.read()), pipewatt.run(TINY).saved)
        os.waitpid(child, 0)

    def test_a_client_that_is_not_used_any_more_ends_its_process(self):
        client = pipewatt.Client()
        client.catalog()
        pid = pid_of(client)
        del client
        self.assertTrue(ends(pid))

    def test_the_syntax_is_that_of_python_3_9(self):
        with open(pipewatt.__file__, encoding="utf-8") as file:
            ast.parse(file.read(), feature_version=(3, 9))

    def test_no_process_outlives_python(self):
        for ending in ("", "import os; os.kill(os.getpid(), 9)"):
            script = f"import sys; sys.path[:0] = {sys.path!r}\nimport pipewatt; pipewatt.catalog()\n"
            script += f"print(pipewatt.client._process.popen.pid, flush=True)\n{ending}"
            said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
            pid = int(said.stdout)
            self.assertTrue(ends(pid), ending)


if __name__ == "__main__":
    unittest.main(verbosity=2)
