"""Plans frontiers with lowtime (github.com/ml-energy/lowtime) for `npm run bench -- --lowtime`.

Reads problems from standard input, one JSON object a line:
  operations   for each: minTicks, and costJ for minTicks, minTicks + 1, ...
  operation    for each instruction: an index of operations
  successors   for each instruction: the instructions that wait for it
Writes for each problem one JSON object: processor time (cpuS), points (length in ticks and total
cost of each plan), version, and the language of its minimum cuts; or the error.
"""

import json
import sys
import time
import types

import networkx as nx

try:
    import lowtime._lowtime_rs  # noqa: F401

    CUTS = "rust"
except ImportError:
    # The compiled part is not there: lowtime's own Python finds the same cuts, more slowly.
    sys.modules["lowtime._lowtime_rs"] = types.ModuleType("lowtime._lowtime_rs")
    import lowtime

    lowtime._lowtime_rs = sys.modules["lowtime._lowtime_rs"]
    CUTS = "python"

import lowtime
from lowtime.operation import (
    CandidateExecutionOptions,
    DummyOperation,
    ExecutionOption,
    Operation,
    OperationSpec,
)
from lowtime.solver import PhillipsDessouky


class PythonCuts(PhillipsDessouky):
    """The solver with the minimum cuts of its Python part."""

    def format_rust_inputs(self, dag):
        lowtime._lowtime_rs.PhillipsDessouky = lambda *_: types.SimpleNamespace(
            find_min_cut=lambda: self.find_min_cut(dag)
        )
        return None, None


def spec_of(operation):
    """An operation whose options and costs are given for every tick."""
    first, costs = operation["minTicks"], operation["costJ"]
    # Only the ends of the options matter: durations between them cost what the table says.
    ends = sorted({0, len(costs) - 1})
    options = [
        ExecutionOption(real_time=first + k, unit_time=1, cost=costs[k], knob=k)
        for k in ends
    ]
    return OperationSpec(
        options=CandidateExecutionOptions(options=options),
        cost_model=lambda ticks: costs[ticks - first],
    )


def graph_of(problem):
    """The instructions between a source and a sink."""
    specs = [spec_of(operation) for operation in problem["operations"]]
    graph = nx.DiGraph()
    source, sink = -1, len(problem["operation"])
    graph.add_node(source, op=DummyOperation())
    graph.add_node(sink, op=DummyOperation())
    waited_for = set()
    for node, operation in enumerate(problem["operation"]):
        graph.add_node(node, op=Operation(spec=specs[operation]))
    for node, successors in enumerate(problem["successors"]):
        waited_for.update(successors)
        graph.add_edges_from((node, successor) for successor in successors)
        if not successors:
            graph.add_edge(node, sink)
    for node in set(range(sink)) - waited_for:
        graph.add_edge(source, node)
    graph.graph["source_node"], graph.graph["sink_node"] = source, sink
    return graph


def plan(problem):
    """Plans one frontier."""
    graph = graph_of(problem)
    solver = PhillipsDessouky if CUTS == "rust" else PythonCuts
    began = time.process_time()
    points = [[result.quant_time, result.cost] for result in solver(graph).run()]
    return {
        "cpuS": time.process_time() - began,
        "points": points,
        "version": lowtime.__version__,
        "cuts": CUTS,
    }


for line in sys.stdin:
    try:
        answer = plan(json.loads(line))
    except Exception as error:  # the other process shows it
        answer = {"error": repr(error)}
    print(json.dumps(answer), flush=True)
