#!/usr/bin/env python3
"""A planner for `pipewatt compare` in plain Python: slow down whatever has slack.

Reads one planning problem as JSON from standard input and writes plans as JSON to standard output
(docs/planners.md describes both). Try it:

    pipewatt compare max-frequency "python3 examples/slack_planner.py" --suite smoke
"""

import json
import sys


def fastest(options):
    return min(options, key=lambda option: option["timeS"])


def lag(instructions, i, j):
    own_stage = instructions[i]["stage"] == instructions[j]["stage"]
    return instructions[i]["ownStageLagS" if own_stage else "otherStageLagS"]


def topological(instructions):
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


def earliest_starts(instructions, order, times):
    """Start of every instruction, and the time of the iteration."""
    start = [0.0] * len(instructions)
    length = 0.0
    for i in order:
        end = start[i] + times[i]
        length = max(length, end + instructions[i]["ownStageLagS"])
        for j in instructions[i]["successors"]:
            start[j] = max(start[j], end + lag(instructions, i, j))
    return start, length


def latest_ends(instructions, order, times, deadline):
    end = [0.0] * len(instructions)
    for i in reversed(order):
        end[i] = deadline - instructions[i]["ownStageLagS"]
        for j in instructions[i]["successors"]:
            end[i] = min(end[i], end[j] - times[j] - lag(instructions, i, j))
    return end


def plan_within(problem, deadline_factor):
    """From everything at its fastest, slows each instruction down as far as its slack allows."""
    instructions, operations = problem["instructions"], problem["operations"]
    order = topological(instructions)
    chosen = [fastest(operations[each["operation"]]["options"]) for each in instructions]
    times = [option["timeS"] for option in chosen]
    _, least = earliest_starts(instructions, order, times)
    deadline = least * deadline_factor
    blocking = problem["blockingPowerW"]
    for i in order:
        start, _ = earliest_starts(instructions, order, times)
        end = latest_ends(instructions, order, times, deadline)
        room = end[i] - start[i] + 1e-12
        options = operations[instructions[i]["operation"]]["options"]
        chosen[i] = min(
            (option for option in options if option["timeS"] <= room),
            key=lambda option: option["energyJ"] - blocking * option["timeS"],
            default=chosen[i],
        )
        times[i] = chosen[i]["timeS"]
    _, length = earliest_starts(instructions, order, times)
    busy = sum(option["energyJ"] - blocking * option["timeS"] for option in chosen)
    waiting = problem["stages"] * blocking * length
    return {
        "timeS": length,
        "energyJ": problem["gpusPerStage"] * (busy + waiting),
        "frequencyMHz": [option["frequencyMHz"] for option in chosen],
    }


def main():
    problem = json.load(sys.stdin)
    if problem["version"] != 1:
        sys.exit(f"expected a problem of version 1, found {problem['version']}")
    plans = [plan_within(problem, factor) for factor in (1.0, 1.02, 1.05, 1.1, 1.2, 1.4)]
    json.dump({"version": 1, "plans": plans}, sys.stdout)


if __name__ == "__main__":
    main()
